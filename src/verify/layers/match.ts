// Which tensor inside a SavedModel's graph stands for which tensor of an ONNX file.

import type { OnnxModel, OnnxNode } from '../../formats/onnx/model.ts';
import type { Manifest } from '../../formats/output/manifest.ts';
import { createNames, onnxTensorNames } from '../../formats/savedmodel/names.ts';

export interface Match {
  onnx: string;
  /** With output index, e.g. `relu:0`. */
  tensorflow: string;
  node: OnnxNode;
}

export interface Matches {
  /** In the order in which the ONNX graph computes them; graph outputs among them. */
  matches: Match[];
  leftOut: { onnx: string; node: OnnxNode; reason: string }[];
  /** Labels of nodes whose attributes hold graphs. */
  bodies: string[];
}

/**
 * Matches what the nodes of the main graph make, by the manifest's names where there is one, else by the native
 * engine's rule, else by a name that is a TensorFlow tensor's own, as converters from TensorFlow give it.
 *
 * @param nodes in an order in which they can run
 * @param graphNodes names of the nodes of the SavedModel's graph, outside functions
 * @param outputs TensorFlow tensors of the signature's outputs, by ONNX name
 */
export function matchTensors(
  model: OnnxModel,
  nodes: readonly OnnxNode[],
  graphNodes: ReadonlySet<string>,
  outputs: ReadonlyMap<string, string>,
  manifest: Manifest | null,
): Matches {
  const tensorOf = nameRule(model, graphNodes, outputs, manifest);
  const folded = new Map(manifest?.folded.map(({ onnx, by }) => [onnx, by]));
  const result: Matches = { matches: [], leftOut: [], bodies: [] };
  for (const node of nodes) {
    if (holdsGraph(node)) result.bodies.push(labelOf(node));
    for (const onnx of node.outputs) {
      if (onnx === '') continue;
      const tensorflow = tensorOf(onnx);
      if (tensorflow !== null) result.matches.push({ onnx, tensorflow, node });
      else {
        const by = folded.get(onnx);
        const reason = by ? `folded away by ${by}` : 'not in the SavedModel’s graph outside functions';
        result.leftOut.push({ onnx, node, reason });
      }
    }
  }
  return result;
}

function nameRule(
  model: OnnxModel,
  graphNodes: ReadonlySet<string>,
  outputs: ReadonlyMap<string, string>,
  manifest: Manifest | null,
): (onnx: string) => string | null {
  const recorded = new Map(manifest?.nameMapping.map(({ onnx, tensorflow }) => [onnx, tensorflow]));
  const names = createNames(onnxTensorNames(model.graph));
  return (onnx) => {
    const declared = outputs.get(onnx);
    if (declared !== undefined) return declared;
    const name = recorded.get(onnx) ?? names.of(onnx);
    if (graphNodes.has(name)) return `${name}:0`;
    const own = /^(.+):(\d+)$/.exec(onnx);
    return own && graphNodes.has(own[1]!) ? onnx : null;
  };
}

function holdsGraph({ attributes }: OnnxNode): boolean {
  return [...attributes.values()].some(({ g }) => g !== undefined);
}

/** The op of a node, with its domain where that is not ONNX's own. */
export function opOf({ domain, opType }: OnnxNode): string {
  return domain === '' ? opType : `${domain}.${opType}`;
}

/** The name of a node, or of what it makes where it has none. */
export function nameOf({ name, outputs, index }: OnnxNode): string {
  return name || outputs.find((each) => each !== '') || `#${index}`;
}

function labelOf(node: OnnxNode): string {
  return `${opOf(node)} ${nameOf(node)}`;
}
