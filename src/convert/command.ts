// `tk convert`: flags and wiring.

import { defineCommand, type GlobalOptions } from '../command.ts';
import { interruptSignal } from '../interrupt.ts';
import { note, print, printJson } from '../terminal/output.ts';
import { createProgress, formatDuration, type Progress } from '../terminal/progress.ts';
import { shellWord } from '../terminal/shell.ts';
import { randomText } from '../verify/reports/text.ts';
import type { ConvertResult } from './convert.ts';
import type { ConvertEvent } from './stage-clock.ts';

interface ConvertFlags extends GlobalOptions {
  source: string;
  weights?: string | undefined;
  randomWeights: boolean;
  seed?: number | undefined;
  allowPartial: boolean;
  input?: string[] | undefined;
  opset?: number | undefined;
  out: string;
  engine: 'native' | 'onnx2tf' | 'auto';
  inputLayout: 'nchw' | 'nhwc';
  optimize: 'default' | 'none';
  freeze: boolean;
  dtype: 'float32' | 'float16';
  allowRandom: boolean;
  force: boolean;
  verify: boolean;
  atol?: number | undefined;
  rtol?: number | undefined;
}

const DESCRIPTION =
  'convert a PyTorch or ONNX model to a TensorFlow SavedModel, and prove that it computes the same';

const ABOUT_SOURCE = `SOURCE is one of:
- magface-iresnet18|50|100, mtcnn-pnet|rnet|onet, dlib-face, mobilefacenet,
  retinaface-mobilenet: a network that tk knows
- FILE.py:FACTORY or PACKAGE.MODULE:FACTORY: RUNS YOUR OWN CODE, which gives a torch.nn.Module
- FILE.pt2: an exported program; FILE.pt: a TorchScript file
- FILE.onnx: an ONNX model; with the native engine no Python is needed`;

export const convertCommand = defineCommand<ConvertFlags>({
  command: 'convert <source>',
  describe: DESCRIPTION,
  builder: (yargs) =>
    yargs
      .usage(`$0 convert SOURCE [options]\n\n${DESCRIPTION}\n\n${ABOUT_SOURCE}`)
      .positional('source', { type: 'string', demandOption: true, describe: 'the model (see above)' })
      .option('weights', {
        type: 'string',
        requiresArg: true,
        describe: 'checkpoint (a state dict) for a network or factory',
      })
      .option('random-weights', {
        type: 'boolean',
        default: false,
        describe: 'seeded random weights, to try a network out',
      })
      .option('seed', {
        type: 'number',
        requiresArg: true,
        describe: "seed of random weights, of the reference inputs and of the gate's [default: 42]",
      })
      .option('allow-partial', {
        type: 'boolean',
        default: false,
        describe: 'accept a checkpoint with missing or unexpected keys',
      })
      .option('input', {
        type: 'string',
        array: true,
        nargs: 1,
        describe:
          'an input, repeated for several: name:float32[N,3,112,112]; a word is a dynamic dimension; for integers =LOW..HIGH may follow',
      })
      .option('opset', {
        type: 'number',
        requiresArg: true,
        describe: 'ONNX opset to export, 9 to 23, of .pt2 files from 18 [default: 17, of .pt2 files 18]',
      })
      .option('out', {
        type: 'string',
        default: 'output',
        requiresArg: true,
        describe: 'directory to write; it appears whole or not at all',
      })
      .option('engine', {
        choices: ['native', 'onnx2tf', 'auto'] as const,
        default: 'auto' as const,
        describe: 'what turns ONNX into TensorFlow; auto is native where it can, else onnx2tf',
      })
      .option('input-layout', {
        choices: ['nchw', 'nhwc'] as const,
        default: 'nchw' as const,
        describe: 'layout of image inputs of the SavedModel; nchw keeps the shapes of the ONNX model',
      })
      .option('optimize', {
        choices: ['default', 'none'] as const,
        default: 'default' as const,
        describe: 'native engine: none leaves out every rewrite, so that each ONNX tensor stays in the graph',
      })
      .option('freeze', {
        type: 'boolean',
        default: false,
        describe: 'native engine: weights as constants in the graph, under 2 GiB, not as variables',
      })
      .option('dtype', {
        choices: ['float32', 'float16'] as const,
        default: 'float32' as const,
        describe: 'native engine: what float32 weights are stored in; computed is in float32 either way',
      })
      .option('allow-random', {
        type: 'boolean',
        default: false,
        describe:
          'native engine: take nodes that draw random numbers; what depends on them is not compared by value',
      })
      .option('force', {
        type: 'boolean',
        default: false,
        describe: 'convert again although nothing has changed',
      })
      .option('verify', {
        type: 'boolean',
        default: true,
        describe: 'the parity gate; --no-verify leaves it out',
      })
      .option('atol', {
        type: 'number',
        requiresArg: true,
        describe: "the gate's absolute tolerance [default: the network's own, else 1e-5]",
      })
      .option('rtol', {
        type: 'number',
        requiresArg: true,
        describe: "the gate's relative tolerance [default: the network's own, else 1e-3]",
      })
      .example(
        '$0 convert magface-iresnet100 --weights magface.pth',
        'into output/; then: tk inspect --dir output/keras',
      )
      .example('$0 convert mtcnn-rnet --out rnet', 'weights come from a package')
      .example(
        '$0 convert model.py:make --weights my.pth --input "image:float32[N,3,112,112]"',
        'your own network',
      )
      .example('$0 convert model.onnx --engine native', 'no Python involved') as never,
  run: async (flags) => {
    const progress = createProgress({ silent: flags.json });
    const { convert } = await import('./convert.ts');
    try {
      const { input, ...rest } = flags;
      const result = await convert({
        ...rest,
        inputs: input,
        signal: interruptSignal,
        onEvent: (event) => show(event, progress),
      });
      progress.stop();
      if (flags.json) printJson(summary(result));
      else report(result);
      return undefined;
    } finally {
      progress.stop();
    }
  },
});

function show(event: ConvertEvent, progress: Progress): void {
  if (event.type === 'stage-start') progress.start(event.stage);
  if (event.type === 'stage-progress') progress.message(event.message);
  if (event.type === 'stage-done') progress.done(event.stage, event.ms);
  if (event.type === 'notice') progress.note(event.message);
}

/** What `--json` prints: where, whether it was there already, the manifest without its long lists, and the verdict. */
function summary({ out, cached, manifest, parity, timings }: ConvertResult): object {
  const { source, engine, opset, inputs, outputs, unzipped, random, profile, versions, checkedBy } = manifest;
  return {
    out,
    cached,
    manifest: {
      source,
      engine,
      opset,
      inputs,
      outputs,
      unzipped,
      random,
      profile,
      versions,
      checkedBy,
      files: Object.keys(manifest.files),
    },
    parity: parity && {
      verdict: parity.verdict,
      tolerances: parity.tolerances,
      smallestPassing: parity.smallestPassing,
    },
    timings,
  };
}

function report({ out, cached, manifest, parity, timings }: ConvertResult): void {
  if (cached) {
    note('nothing to do: source, weights, flags and code are those of the last run (--force converts again)');
  } else {
    const total = Object.values(timings).reduce((sum, ms) => sum + ms, 0);
    const verdict = parity ? `parity passed${randomText(parity)}` : 'parity not checked (--no-verify)';
    note(`converted with the ${manifest.engine.name} engine in ${formatDuration(total)}, ${verdict}`);
    const { random } = manifest;
    if (random)
      note(
        `draws random numbers, others than the ONNX model's: ${random.nodes.join(', ')}; outputs that depend on them: ${random.outputs.join(', ') || 'none'}`,
      );
    const dropped = manifest.source.dropped.length;
    if (dropped > 0) note(`keys of the checkpoint that were not used: ${dropped}; manifest.json lists them`);
    note(`see its tensors with: tk inspect --dir ${shellWord(`${out}/keras`)}`);
  }
  print(out);
}
