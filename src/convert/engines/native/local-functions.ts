// A model's own functions: found by their callers, and given the attributes that the callers set.
import type { OnnxAttribute, OnnxFunction, OnnxGraph, OnnxNode } from '../../../formats/onnx/model.ts';

export type LocalFunctions = ReadonlyMap<string, OnnxFunction>;

/** By what a node says of the op it calls. */
export function localFunctions(functions: readonly OnnxFunction[]): LocalFunctions {
  return new Map(functions.map((each) => [key(each.domain, each.name, each.overload), each]));
}

export function calledFunction(functions: LocalFunctions, node: OnnxNode): OnnxFunction | undefined {
  return functions.get(key(node.domain, node.opType, node.overload));
}

function key(domain: string, name: string, overload: string): string {
  return JSON.stringify([domain, name, overload]);
}

/** The function's nodes with each reference to an attribute replaced by what the caller, or the function itself, says. */
export function boundNodes(fn: OnnxFunction, caller: OnnxNode): OnnxNode[] {
  const given = new Map([...fn.defaults, ...caller.attributes]);
  return fn.nodes.map((node) => boundNode(node, given));
}

function boundNode(node: OnnxNode, given: ReadonlyMap<string, OnnxAttribute>): OnnxNode {
  const attributes = new Map<string, OnnxAttribute>();
  for (const [name, attribute] of node.attributes) {
    const reference = attribute.refAttrName;
    // An attribute that neither sets is absent, as if it had not been written.
    const value = reference ? given.get(reference) : attribute;
    if (value) attributes.set(name, { ...value, name, g: value.g && boundGraph(value.g, given) });
  }
  return { ...node, attributes };
}

function boundGraph(graph: OnnxGraph, given: ReadonlyMap<string, OnnxAttribute>): OnnxGraph {
  return { ...graph, nodes: graph.nodes.map((node) => boundNode(node, given)) };
}
