// One op (or group) alone, in both runtimes, on the values that the ONNX side gave it.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeNpz } from '../../formats/npy/npz.ts';
import { type TypedValue, writeExtract } from '../../formats/onnx/write.ts';
import type { OutputComparison } from '../../formats/output/parity.ts';
import type { Tensor } from '../../formats/tensor.ts';
import { randomStream } from '../../random.ts';
import type { ModelHost } from '../../runtime/host/client.ts';
import type { LayerRunner } from '../../runtime/layer-runner.ts';
import { openOnnxLayers, openSavedModelLayers } from '../../runtime/layers.ts';
import { readSignature } from '../../runtime/signature.ts';
import type { TensorflowRuntime } from '../../runtime/tensorflow.ts';
import { compareTensors } from '../compare.ts';
import type { OnnxFlow, OnnxPiece } from './cut-onnx.ts';
import { type Piece, writePiece } from './cut-tensorflow.ts';
import { relativeError } from './relative-error.ts';
import type { TensorflowGraph } from './tensorflow-graph.ts';

/** The two sides of a piece and the values to run it on. */
export interface Suspect {
  output: string;
  onnx: OnnxPiece;
  tensorflow: Piece;
  /** The ONNX side's own values of the inputs, and of the output. */
  inputs: Record<string, Tensor>;
  expected: Tensor;
}

/** Names of what is written into a suspect's folder. */
export const FILES = { onnx: 'model.onnx', savedModel: 'keras', inputs: 'inputs.npz' } as const;

export interface OwnError {
  comparison: OutputComparison;
  /** Relative, as `relativeError`. */
  error: number;
  /** What changing the inputs by one unit in the last place changes of the output, relative to the output. */
  rounding: number;
  /** What the op may differ by for reasons of rounding alone, relative to the output. */
  share: number;
}

/** Two runtimes may add up a product of thousands of terms in any order: measured at up to 20 times the rounding. */
const ROUNDINGS_ALLOWED = 64;
const LEAST_ROUNDINGS = 16;

/** Writes a suspect's ONNX file, SavedModel and inputs into an empty folder. @throws Error where it cannot be cut out */
export async function writeSuspect(
  folder: string,
  flow: OnnxFlow,
  graph: TensorflowGraph,
  suspect: Suspect,
): Promise<void> {
  const { onnx, inputs, output, expected } = suspect;
  const typed = (name: string, { dtype, shape }: Tensor): TypedValue => ({ name, dtype, shape });
  const bytes = writeExtract(flow.model, {
    nodes: onnx.nodes,
    initializers: onnx.initializers,
    inputs: Object.entries(inputs).map(([name, tensor]) => typed(name, tensor)),
    outputs: [typed(output, expected)],
  });
  writeFileSync(join(folder, FILES.onnx), bytes, { flag: 'wx' });
  writePiece(
    join(folder, FILES.savedModel),
    graph,
    suspect.tensorflow,
    { name: output, tensor: expected },
    inputs,
  );
  await writeNpz(join(folder, FILES.inputs), Object.entries(inputs));
}

/** A host for each side, used for one suspect after the other. */
export interface Workbench {
  onnx: ModelHost;
  /** Null where TensorFlow runs in the Python worker, which is started for each. */
  tensorflow: ModelHost | null;
  runtime: TensorflowRuntime;
}

/**
 * Runs what `writeSuspect` wrote and measures its error against what rounding explains.
 *
 * @throws TkError exit 2 where either side refuses
 */
export async function measureSuspect(
  bench: Workbench,
  folder: string,
  { output, inputs }: Suspect,
  tolerances: { atol: number; rtol: number },
): Promise<OwnError> {
  const savedModel = join(folder, FILES.savedModel);
  const [onnx, tensorflow] = await Promise.all([
    openOnnxLayers(join(folder, FILES.onnx), [], bench.onnx),
    openSavedModelLayers(savedModel, asWritten(savedModel), {
      runtime: bench.runtime,
      host: bench.tensorflow ?? undefined,
    }),
  ]);
  const results = Promise.all([runOne(onnx, inputs, output), runOne(tensorflow, inputs, output)]);
  const [expected, actual] = await results.finally(() => tensorflow.host ?? tensorflow.close());
  const comparison = compareTensors(output, actual, expected, tolerances);
  const nudged = await runOne(onnx, nudge(inputs), output);
  const rounding = relativeError(compareTensors(output, nudged, expected, tolerances));
  const epsilon = epsilonOf(expected.dtype);
  const share = epsilon === 0 ? 0 : Math.max(ROUNDINGS_ALLOWED * rounding, LEAST_ROUNDINGS * epsilon);
  return { comparison, error: relativeError(comparison), rounding, share };
}

/** The written signature; the output may come as another type than the one declared, which is then the fault. */
function asWritten(dir: string): Parameters<typeof openSavedModelLayers>[1] {
  const { key, tags, inputs, outputs } = readSignature(dir);
  return { key, tags, inputs, outputs: outputs.map((output) => ({ ...output, dtype: null })) };
}

async function runOne(runner: LayerRunner, inputs: Record<string, Tensor>, output: string): Promise<Tensor> {
  await runner.hold(inputs, [output]);
  return runner.take(output);
}

/** Relative distance between neighbours of a floating type; 0 for others, which are exact. */
export function epsilonOf(dtype: Tensor['dtype']): number {
  const bits: Partial<Record<Tensor['dtype'], number>> = {
    bfloat16: 7,
    float16: 10,
    float32: 23,
    float64: 52,
  };
  const mantissa = bits[dtype];
  return mantissa === undefined ? 0 : 2 ** -mantissa;
}

/** Every float32 and float64 moved by one unit in the last place, up or down as seeded coins fall. */
function nudge(inputs: Record<string, Tensor>): Record<string, Tensor> {
  return Object.fromEntries(
    Object.entries(inputs).map(([name, tensor]) => {
      const { dtype, data } = tensor;
      if (dtype !== 'float32' && dtype !== 'float64') return [name, tensor];
      const random = randomStream(0, `rounding of ${name}`);
      const step = epsilonOf(dtype);
      const moved = (data as Float32Array).map((value) => value * (random() >>> 31 ? 1 + step : 1 - step));
      return [name, { ...tensor, data: moved }];
    }),
  );
}
