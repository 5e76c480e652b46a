// The callable functions of a SavedModel's root object, in the order in which TensorFlow lists them.

import { byCodePoint } from '../formats/order.ts';
import { loadedFunctions } from '../formats/savedmodel/functions.ts';
import type { tensorflow } from '../formats/savedmodel/generated/savedmodel.js';
import type { SavedModel } from '../formats/savedmodel/read.ts';
import { type PythonValue, pythonValue } from '../formats/savedmodel/structured.ts';
import type { FunctionOption, FunctionReport, InspectReport } from './report.ts';

type ObjectGraph = tensorflow.SavedObjectGraph.$Properties;

/** The functions, and whether TensorFlow itself could list them. */
export function gatherFunctions(model: SavedModel): Pick<InspectReport, 'functions' | 'functionsUnlisted'> {
  const metaGraphs = model.metaGraphs ?? [];
  const metaGraph = metaGraphs.find((candidate) => candidate.objectGraphDef);
  if (!metaGraph?.objectGraphDef) return { functions: null, functionsUnlisted: null };
  const graph = metaGraph.objectGraphDef;
  const loaded = loadedFunctions(metaGraph.graphDef?.library ?? {});
  const names = 'names' in loaded ? loaded.names : undefined;
  const functions = childFunctions(graph, names);
  const unlisted = (): InspectReport['functionsUnlisted'] => {
    if (metaGraphs.length > 1) return 'unknown reasons';
    if ('failure' in loaded) return loaded.failure === 'custom-ops' ? 'custom ops' : 'unknown reasons';
    return isComplete(graph, loaded.names) ? null : 'unknown reasons';
  };
  return { functions, functionsUnlisted: unlisted() };
}

type SavedObject = tensorflow.SavedObject.$Properties;
type FunctionSpec = tensorflow.FunctionSpec.$Properties;

/** Whether TensorFlow can build every object, and every function that they name is in the library and can be read. */
function isComplete(graph: ObjectGraph, names: Map<string, string>): boolean {
  const nodes = graph.nodes ?? [];
  if (nodes.length === 0 || !nodes.every((node) => isSound(node, nodes.length))) return false;
  const named = nodes.flatMap((node) => [
    ...(node.function?.concreteFunctions ?? []),
    ...(node.bareConcreteFunction ? [node.bareConcreteFunction.concreteFunctionName ?? ''] : []),
  ]);
  if (named.some((name) => !names.has(name))) return false;
  return Object.entries(graph.concreteFunctions ?? {}).every(
    ([name, fn]) =>
      !names.has(name) ||
      (pythonValue(fn.canonicalizedInputSignature ?? {}) && pythonValue(fn.outputSignature ?? {})),
  );
}

/** The kinds of objects that TensorFlow builds by themselves. */
const KINDS = [
  ...(['userObject', 'asset', 'function', 'variable', 'bareConcreteFunction'] as const),
  ...(['constant', 'resource', 'capturedTensor'] as const),
];

/** Whether an object is of a known kind, its children are there, and a function's specification can be read. */
function isSound(node: SavedObject, count: number): boolean {
  const isKnown = Boolean(node.registeredName) || KINDS.some((kind) => node[kind]);
  if (!isKnown || (node.children ?? []).some(({ nodeId }) => (nodeId ?? 0) >= count)) return false;
  if (node.function) return isReadable(node.function.functionSpec ?? {});
  const bare = node.bareConcreteFunction?.functionSpec;
  return !bare || isReadable(bare);
}

function isReadable({ fullargspec, inputSignature }: FunctionSpec): boolean {
  const spec = pythonValue(fullargspec ?? {});
  const isSpec = spec?.type === 'namedtuple' && spec.entries.some(([key]) => key === 'args');
  return isSpec && pythonValue(inputSignature ?? {}) !== undefined;
}

function childFunctions(graph: ObjectGraph, names: Map<string, string> | undefined): FunctionReport[] {
  const nodes = graph.nodes ?? [];
  const found = new Map<string, FunctionReport>();
  for (const child of nodes[0]?.children ?? []) {
    const name = child.localName ?? '';
    const node = nodes[child.nodeId ?? 0];
    if (node?.function) {
      const options = [...(node.function.concreteFunctions ?? [])];
      if (names) options.sort((a, b) => byCodePoint(names.get(a) ?? a, names.get(b) ?? b));
      found.set(name, { name, options: options.map((option) => optionOf(graph, option, [])) });
    } else if (node?.bareConcreteFunction) {
      const { concreteFunctionName, argumentKeywords } = node.bareConcreteFunction;
      found.set(name, {
        name,
        options: [optionOf(graph, concreteFunctionName ?? '', argumentKeywords ?? [])],
      });
    }
  }
  return [...found.values()].sort((a, b) => byCodePoint(a.name, b.name));
}

function optionOf(graph: ObjectGraph, concreteFunction: string, keywords: string[]): FunctionOption {
  const signature = graph.concreteFunctions?.[concreteFunction]?.canonicalizedInputSignature;
  const value = signature && pythonValue(signature);
  if (value?.type !== 'tuple') {
    const names = keywords.map((name): PythonValue => ({ type: 'str', value: name }));
    return { concreteFunction, arguments: names, keywords: [] };
  }
  const [args, kwargs] = value.items;
  return {
    concreteFunction,
    arguments: args?.type === 'tuple' || args?.type === 'list' ? args.items : [],
    keywords: kwargs?.type === 'dict' ? kwargs.entries : [],
  };
}
