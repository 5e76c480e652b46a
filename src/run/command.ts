// `tk run`: saved_model_cli's `run`, flag by flag.
import { defineCommand } from '../command.ts';
import { badInput } from '../errors.ts';
import { lastOf, requiredText, warnUnused } from '../flags.ts';
import type { TensorflowRuntime } from '../runtime/tensorflow.ts';
import { note, printExact, printJson } from '../terminal/output.ts';

interface RunFlags {
  dir?: string | undefined;
  tag_set?: string | undefined;
  signature_def?: string | undefined;
  inputs?: string | undefined;
  input_exprs?: string | undefined;
  input_examples?: string | undefined;
  outdir?: string | undefined;
  overwrite?: boolean | undefined;
  runtime?: string | undefined;
}

export const runCommand = defineCommand<RunFlags>({
  command: 'run',
  describe: "saved_model_cli's run: a signature on given inputs, its outputs printed and saved",
  builder: (yargs) =>
    yargs
      .option('dir', { type: 'string', coerce: lastOf, describe: 'the SavedModel' })
      .option('tag_set', {
        type: 'string',
        coerce: lastOf,
        describe: 'the MetaGraph with these tags (commas between)',
      })
      .option('signature_def', { type: 'string', coerce: lastOf, describe: 'the signature to run' })
      .option('inputs', {
        type: 'string',
        coerce: lastOf,
        describe: 'arrays of files: KEY=FILE.npy;KEY=FILE.npz[VARIABLE]',
      })
      .option('input_exprs', {
        type: 'string',
        coerce: lastOf,
        describe: 'Python\'s plain literals: KEY=[[1.0, 2]];KEY="text"',
      })
      .option('input_examples', {
        type: 'string',
        coerce: lastOf,
        describe: 'tf.Examples: KEY=[{"age": [26], "name": ["x"]}]',
      })
      .option('outdir', { type: 'string', coerce: lastOf, describe: 'write each output here as KEY.npy' })
      .option('overwrite', { type: 'boolean', describe: 'replace output files that are there' })
      .option('runtime', {
        choices: ['auto', 'tfjs-node', 'tf-python'],
        default: 'auto',
        describe: 'auto takes tfjs-node where it carries the types',
      })
      .example(
        "$0 run --dir output/keras --tag_set serve --signature_def serving_default --inputs 'image=x.npy'",
        'prints the outputs as numpy does',
      ),
  run: async (flags) => {
    const dir = requiredText('run', 'dir', flags.dir);
    const tagSet = flags.tag_set ?? requiredText('run', 'tag_set', flags.tag_set);
    const signature = requiredText('run', 'signature_def', flags.signature_def);
    if (!flags.inputs && !flags.input_exprs && !flags.input_examples) {
      throw badInput(
        'usage',
        'tk run needs one of --inputs, --input_exprs, --input_examples',
        'see: tk run --help',
      );
    }
    if (!flags.outdir) warnUnused(flags, ['overwrite'], 'without --outdir');
    const { readInputs } = await import('./inputs.ts');
    const { runSavedModel } = await import('./run.ts');
    const given = await readInputs(flags, (line) => note(`warning: ${line}`));
    const result = await runSavedModel(dir, given, {
      ...{ tagSet, signature, overwrite: flags.overwrite, outdir: flags.outdir || undefined },
      runtime: flags.runtime as TensorflowRuntime,
    });
    if (flags.verbose && result.fallbackReason) note(`${result.runtime}: ${result.fallbackReason}`);
    const { resultJson, resultText } = await import('./text.ts');
    if (flags.json) printJson(resultJson(result));
    else printExact(resultText(result));
    return undefined;
  },
});
