// Moves padding with zeros into the convolution that reads it.
import { createBuilder, knownNumbers, op } from '../builder.ts';
import type { Graph, TfNode, TfTensor } from '../graph.ts';
import { replacedOutputs } from './replace.ts';

/** Conv2D(Pad(x)) becomes a Conv2D with explicit padding; the Pad stays for its name and for others who read it. */
export function foldPads(graph: Graph): Graph {
  const b = createBuilder();
  const replaced = new Map<TfTensor, TfTensor>();
  for (const node of graph.nodes) {
    node.inputs = node.inputs.map((input) => replaced.get(input) ?? input);
    const pads = node.op === 'Conv2D' || node.op === 'DepthwiseConv2dNative' ? padsBefore(node) : undefined;
    if (!pads) {
      b.nodes.push(node);
      continue;
    }
    const { T: _, ...attrs } = node.attrs;
    const source = node.inputs[0]!.node.inputs[0]!;
    const padded = op(b, node.op, [source, node.inputs[1]!], {
      ...attrs,
      padding: 'EXPLICIT',
      explicit_paddings: pads,
    });
    padded.node.name = node.name;
    if (node.onnxName !== undefined) padded.node.onnxName = node.onnxName;
    replaced.set(node.outputs[0]!, padded);
  }
  return { ...graph, nodes: b.nodes, outputs: replacedOutputs(graph, replaced) };
}

/** The explicit padding that a convolution would have with its Pad folded in; undefined where there is none to fold. */
function padsBefore(convolution: TfNode): number[] | undefined {
  const { node: pad } = convolution.inputs[0]!;
  if (pad.op !== 'PadV2' && pad.op !== 'Pad') return undefined;
  if (pad.op === 'PadV2' && knownNumbers(pad.inputs[2]!)?.[0] !== 0) return undefined;
  const pads = knownNumbers(pad.inputs[1]!);
  const own = ownPads(convolution);
  if (!pads || !own || pads.length !== 8 || [0, 1, 6, 7].some((at) => pads[at] !== 0)) return undefined;
  return pads.map((size, at) => size + own[at]!);
}

function ownPads({ attrs }: TfNode): number[] | undefined {
  if (attrs.padding === 'VALID') return new Array<number>(8).fill(0);
  return attrs.padding === 'EXPLICIT' ? (attrs.explicit_paddings as number[]) : undefined;
}
