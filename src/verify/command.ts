// `tk verify`: flags and wiring.
import { defineCommand } from '../command.ts';
import { EXIT } from '../errors.ts';
import { interruptSignal } from '../interrupt.ts';
import { isLive, note, print, printJson } from '../terminal/output.ts';
import { createProgress } from '../terminal/progress.ts';

interface VerifyFlags {
  output?: string | undefined;
  onnx?: string | undefined;
  'saved-model'?: string | undefined;
  'input-data'?: string[] | undefined;
  seed?: number | undefined;
  atol?: string[] | undefined;
  rtol?: string[] | undefined;
  config?: string | undefined;
  runtime: 'auto' | 'tfjs-node' | 'tf-python';
  signature?: string | undefined;
  report?: string | undefined;
}

export const verifyCommand = defineCommand<VerifyFlags>({
  command: 'verify [output]',
  describe: 'run ONNX and SavedModel on the same inputs and compare them, and both with torch',
  builder: (yargs) =>
    yargs
      .positional('output', { type: 'string', describe: 'directory that tk convert wrote' })
      .option('onnx', { type: 'string', describe: 'an ONNX file, with --saved-model' })
      .option('saved-model', { type: 'string', describe: 'a SavedModel directory, with --onnx' })
      .option('input-data', {
        type: 'string',
        array: true,
        nargs: 1,
        describe: '.npy, .npz or image to run instead of seeded inputs; repeatable',
      })
      .option('seed', { type: 'number', describe: 'seed of the inputs [default: 42]' })
      .option('atol', {
        type: 'string',
        array: true,
        nargs: 1,
        describe: 'absolute tolerance, or NAME:X of one output [default: that of the conversion, else 1e-5]',
      })
      .option('rtol', {
        type: 'string',
        array: true,
        nargs: 1,
        describe: 'relative tolerance, or NAME:X of one output [default: that of the conversion, else 1e-3]',
      })
      .option('config', { type: 'string', describe: 'a JSON file of tolerances, overall and by name' })
      .option('runtime', {
        choices: ['auto', 'tfjs-node', 'tf-python'] as const,
        default: 'auto' as const,
        describe: 'where TensorFlow runs',
      })
      .option('signature', { type: 'string', describe: 'SignatureDef key [default: serving_default]' })
      .option('report', { type: 'string', describe: 'also write the record to this file, as JSON' })
      .example('$0 verify output', "every pair, on seeded inputs and on torch's reference")
      .example('$0 verify --onnx model.onnx --saved-model keras --input-data face.npy', 'any two models')
      .epilogue(
        'Exit 0 when every output passes, 1 when one does not. The rule and its limits: docs/verify.md',
      ),
  run: async (flags) => {
    const [{ verify }, { reportText }, { writeReport }] = await Promise.all([
      import('./verify.ts'),
      import('./report.ts'),
      import('./report-file.ts'),
    ]);
    const progress = createProgress({ silent: !isLive() });
    progress.start('verify');
    const record = await verify({
      ...flags,
      savedModel: flags['saved-model'],
      inputData: flags['input-data'],
      signal: interruptSignal,
      onProgress: progress.message,
    }).finally(progress.stop);
    if (flags.report !== undefined) writeReport(flags.report, record);
    if (flags.json) printJson(record);
    else print(reportText(record));
    if (flags.report !== undefined) note(`record written to ${flags.report}`);
    return record.verdict === 'passed' ? undefined : EXIT.checkFailed;
  },
});
