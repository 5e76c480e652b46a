// `--bisect`: the first op that departs by more than its share, found by running suspects alone on the same inputs.
//
// A tensor inherits the errors of what it is computed from. So each suspect, in graph order, is cut out of both models
// and both pieces run on the values that the ONNX side gave its inputs: what is left is the op's own error. Rounding
// explains some of it; how much, the ONNX piece tells when its inputs are moved by one unit in the last place.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { interrupted, TkError } from '../../errors.ts';
import { checkedNodes } from '../../formats/onnx/check.ts';
import type { BisectReport, Layer, LayersReport } from '../../formats/output/layers.ts';
import { type DType, isDType, type Tensor } from '../../formats/tensor.ts';
import { type ModelHost, startHost } from '../../runtime/host/client.ts';
import type { TensorflowRuntime } from '../../runtime/tensorflow.ts';
import { shellWord } from '../../terminal/shell.ts';
import {
  epsilonOf,
  FILES,
  measureSuspect,
  type OwnError,
  type Suspect,
  type Workbench,
  writeSuspect,
} from './alone.ts';
import { ancestorsOf, flowOf, type OnnxFlow, onnxPiece } from './cut-onnx.ts';
import { type Known, knownTensors, pieceOf } from './cut-tensorflow.ts';
import { nameOf, opOf } from './match.ts';
import type { LayersRequest, OpenPair } from './open.ts';
import { publishCase } from './publish.ts';
import { readTensorflowGraph, type TensorflowGraph } from './tensorflow-graph.ts';

/** A tensor is suspect from this many units in the last place on; sound networks of 100 layers stay below. */
const SUSPECT_ROUNDINGS = 64;

export interface BisectRequest extends LayersRequest {
  /** Where the op alone is written; replaced where an earlier search wrote it. */
  folder: string;
}

interface Search {
  pair: OpenPair;
  request: BisectRequest;
  flow: OnnxFlow;
  graph: TensorflowGraph;
  known: Map<string, Known>;
  layers: ReadonlyMap<string, Layer>;
}

/**
 * Searches the layers of a comparison in graph order.
 *
 * @param layers what `compareLayers` gave for the same pair and request
 * @throws TkError `interrupted`; `unwritable` (exit 2) where the op alone cannot be written
 */
export async function bisect(
  pair: OpenPair,
  layers: LayersReport,
  request: BisectRequest,
): Promise<BisectReport> {
  const suspects = layers.layers.filter(isSuspect);
  const report: BisectReport = { found: null, inherited: [], notTried: [] };
  if (suspects.length === 0) return report;
  const search = prepare(pair, layers, request);
  // The SavedModel has been compared: its TensorFlow, which takes long to start, is free for the suspects.
  const { runtime, host } = pair.tensorflow;
  const startBench = (tensorflow: ModelHost | null): Workbench => ({
    ...{ onnx: startHost(request.limits), tensorflow, runtime: runtime as TensorflowRuntime },
  });
  let bench = startBench(host);
  const stop = () => void closeBench(bench);
  request.signal?.addEventListener('abort', stop);
  try {
    for (const layer of suspects) {
      request.onProgress?.(`running ${layer.op} ${layer.node} alone`);
      const outcome = await tryAlone(search, layer, bench, report);
      if (request.signal?.aborted) throw interrupted();
      if (outcome === 'found') break;
      if (outcome === 'refused') {
        await closeBench(bench);
        bench = startBench(host && startHost(request.limits));
      }
    }
    return report;
  } finally {
    request.signal?.removeEventListener('abort', stop);
    await closeBench(bench);
  }
}

/** Runs one suspect alone and enters what came of it in the report; `refused` where a runtime may be no more. */
async function tryAlone(
  search: Search,
  layer: Layer,
  bench: Workbench,
  report: BisectReport,
): Promise<'found' | 'inherited' | 'refused'> {
  const { request } = search;
  const folder = await mkdtemp(join(tmpdir(), 'tk-bisect-'));
  try {
    const suspect = await cut(search, layer);
    await writeSuspect(folder, search.flow, search.graph, suspect);
    const own = await measureSuspect(bench, folder, suspect, request.tolerances);
    if (own.error <= own.share) {
      report.inherited.push(layer.onnx);
      return 'inherited';
    }
    report.found = foundReport(search, layer, suspect, own);
    await publishCase(folder, request.folder, report);
    return 'found';
  } catch (error) {
    if (error instanceof TkError && (error.code === 'unwritable' || error.code === 'disk-full')) throw error;
    report.notTried.push({ onnx: layer.onnx, reason: (error as Error).message });
    return 'refused';
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function closeBench({ onnx, tensorflow }: Workbench): Promise<void> {
  await Promise.all([onnx.close(), tensorflow?.close()]);
}

function prepare(pair: OpenPair, { layers }: LayersReport, request: BisectRequest): Search {
  const graph = readTensorflowGraph(request.savedModel, pair.signature.tags);
  const known = knownTensors(graph, pair.matches.matches);
  const nhwc = request.manifest?.options.inputLayout === 'nhwc';
  for (const { key, tensorName, shape } of pair.signature.inputs) {
    known.set(tensorName, { onnx: key, permutation: nhwc && shape?.length === 4 ? [0, 2, 3, 1] : null });
  }
  return {
    ...{ pair, request, graph, known },
    flow: flowOf(pair.model, checkedNodes(pair.model)),
    layers: new Map(layers.map((layer) => [layer.onnx, layer])),
  };
}

/** True where the error of a tensor is more than rounding usually gathers. */
function isSuspect({ dtype, relativeError }: Layer): boolean {
  if (relativeError === null) return true;
  const epsilon = isDType(dtype) ? epsilonOf(dtype as DType) : 0;
  return relativeError > SUSPECT_ROUNDINGS * epsilon;
}

/** The smallest piece of both graphs that computes a tensor from tensors that both have. */
async function cut({ pair, request, flow, graph, known, layers }: Search, layer: Layer): Promise<Suspect> {
  const ancestors = ancestorsOf(flow, layer.onnx);
  const isInput = (onnx: string) => Object.hasOwn(request.inputs, onnx);
  const usable = (onnx: string) =>
    ancestors.has(onnx) && !flow.constants.has(onnx) && (layers.has(onnx) || isInput(onnx));
  const tensorflow = pieceOf(graph, known, layer.tensorflow, usable);
  const ends = new Set([...tensorflow.inputs.values()].map(({ onnx }) => onnx));
  const onnx = onnxPiece(flow, layer.onnx, ends);
  const inner = onnx.inputs.filter((name) => !isInput(name));
  await pair.onnx.hold(request.inputs, [...inner, layer.onnx]);
  const inputs: Record<string, Tensor> = {};
  for (const name of onnx.inputs) {
    inputs[name] = isInput(name) ? request.inputs[name]! : await pair.onnx.take(name);
  }
  return { output: layer.onnx, onnx, tensorflow, inputs, expected: await pair.onnx.take(layer.onnx) };
}

function foundReport(
  { layers, request, flow }: Search,
  layer: Layer,
  { onnx }: Suspect,
  { comparison, error, rounding, share }: OwnError,
): NonNullable<BisectReport['found']> {
  const figuresOf = (name: string) => {
    const { tensorflow, maxAbs, relativeError } = layers.get(name) ?? INPUT;
    return { name, tensorflow: tensorflow || name, maxAbs, relativeError };
  };
  const at = (file: string) => join(request.folder, file);
  const files = { onnx: at(FILES.onnx), savedModel: at(FILES.savedModel), inputs: at(FILES.inputs) };
  return {
    output: layer.onnx,
    tensorflow: layer.tensorflow,
    nodes: onnx.nodes
      .filter(({ outputs }) => !outputs.every((name) => flow.constants.has(name)))
      .map((node) => ({ op: opOf(node), name: nameOf(node) })),
    inputs: onnx.inputs.map(figuresOf),
    inherited: figuresOf(layer.onnx),
    own: {
      maxAbs: comparison.maxAbs,
      relativeError: Number.isFinite(error) ? error : null,
      rounding,
      share,
    },
    reason: reasonOf(comparison, error, share),
    files,
    command: commandOf(files, comparison),
  };
}

/** An input of the network: the same on both sides. */
const INPUT = { tensorflow: '', maxAbs: 0, relativeError: 0 };

function reasonOf({ reason, worst }: OwnError['comparison'], error: number, share: number): string {
  const size = Number.isFinite(error)
    ? `${error.toExponential(1)} of its output`
    : 'no measurable part of its output';
  const text = reason ?? `run alone it is off by ${size}, where rounding explains ${share.toExponential(1)}`;
  if (!worst) return text;
  return `${text}; worst at [${worst.index.join(', ')}]: ${worst.actual}, expected ${worst.expected}`;
}

/** Fails as the fault does: by the usual tolerances where they see it, else by half of what was measured. */
function commandOf(
  files: { onnx: string; savedModel: string; inputs: string },
  own: OwnError['comparison'],
): string {
  const { onnx, savedModel, inputs } = files;
  const command = `tk verify --onnx ${shellWord(onnx)} --saved-model ${shellWord(savedModel)} --input-data ${shellWord(inputs)}`;
  if (!own.passed || own.maxAbs === null) return command;
  return `${command} --atol ${(own.maxAbs / 2).toExponential(0)} --rtol 0`;
}
