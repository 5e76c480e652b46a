// `--layers`: every tensor that both models have, compared in the order in which the ONNX graph computes them.
import { interrupted } from '../../errors.ts';
import type { Layer, LayersReport } from '../../formats/output/layers.ts';
import type { OutputComparison } from '../../formats/output/parity.ts';
import type { Tensor } from '../../formats/tensor.ts';
import type { LayerSpec } from '../../runtime/layers.ts';
import { compareTensors } from '../compare.ts';
import { ruleFor } from '../tolerances.ts';
import { groupsWithin, HELD_BYTES, symbolSizes } from './budget.ts';
import { type Match, nameOf, opOf } from './match.ts';
import type { LayersRequest, OpenPair } from './open.ts';
import { relativeError } from './relative-error.ts';

/**
 * Runs each side once with its inner tensors kept, and compares them one after the other, so that no more than one pair
 * is here at a time.
 *
 * @param pair what `openPair` opened for the same request
 * @param budget bytes that a runtime may hold; what does not fit is fetched in further runs
 * @throws TkError exit 2 where a model refuses the inputs, `interrupted`
 */
export async function compareLayers(
  pair: OpenPair,
  request: LayersRequest,
  budget: number = HELD_BYTES,
): Promise<LayersReport> {
  const { matches, onnx, tensorflow } = pair;
  const found = new Map(matches.matches.map((match) => [match.onnx, match]));
  const layers = new Map<string, Layer>();
  const leftOut = matches.leftOut.map(({ node, ...rest }) => ({ ...rest, op: opOf(node) }));
  const comparable = specsOf(pair, leftOut);
  const sizes = symbolSizes(pair.declaredInputs, request.inputs);
  const groups = groupsWithin(budget, comparable, sizes);
  for (const group of groups) {
    const names = group.map(({ name }) => name);
    request.onProgress?.(`running both sides for ${names.length} inner tensors`);
    await Promise.all([onnx.hold(request.inputs, names), tensorflow.hold(pair.tensorflowInputs, names)]);
    for (const name of names) {
      if (request.signal?.aborted) throw interrupted();
      const match = found.get(name)!;
      const both = await takeBoth(pair, name);
      if ('reason' in both) leftOut.push({ onnx: name, op: opOf(match.node), reason: both.reason });
      else {
        const rule = ruleFor({ overall: request.tolerances, named: request.named ?? [] }, name);
        layers.set(name, layerOf(match, compareTensors(name, both.actual, both.expected, rule)));
      }
    }
  }
  const ordered = [...layers.values()];
  return {
    inputs: request.label,
    runners: { onnx: onnx.runtime, tensorflow: tensorflow.runtime },
    tolerances: { atol: request.tolerances.atol, rtol: request.tolerances.rtol },
    layers: ordered,
    leftOut,
    bodies: matches.bodies,
    firstDeparture: ordered.find(({ passed }) => !passed)?.onnx ?? null,
    runs: groups.length,
  };
}

/** The matched tensors that onnxruntime can give, in graph order; the others are left out by name. */
function specsOf({ matches, specs }: OpenPair, leftOut: LayersReport['leftOut']): LayerSpec[] {
  return matches.matches.flatMap(({ onnx, node }) => {
    const spec = specs.get(onnx);
    if (spec?.dtype) return [spec];
    leftOut.push({ onnx, op: opOf(node), reason: 'no tensor of a type that onnxruntime-node can carry' });
    return [];
  });
}

/** One tensor of both sides; where one cannot carry it, why. */
async function takeBoth(
  { onnx, tensorflow }: OpenPair,
  name: string,
): Promise<{ actual: Tensor; expected: Tensor } | { reason: string }> {
  const [expected, actual] = await Promise.allSettled([onnx.take(name), tensorflow.take(name)]);
  if (expected.status === 'rejected') return { reason: (expected.reason as Error).message };
  if (actual.status === 'rejected') return { reason: (actual.reason as Error).message };
  return { actual: actual.value, expected: expected.value };
}

function layerOf({ onnx, tensorflow, node }: Match, comparison: OutputComparison): Layer {
  const { dtype, shape, passed, maxAbs, maxRel, meanAbs, cosine, snrDb, failing, reason } = comparison;
  const error = relativeError(comparison);
  return {
    ...{ onnx, tensorflow, op: opOf(node), node: nameOf(node), dtype, shape, passed },
    ...{ maxAbs, maxRel, meanAbs, cosine, snrDb },
    relativeError: Number.isFinite(error) ? error : null,
    failing,
    reason,
  };
}
