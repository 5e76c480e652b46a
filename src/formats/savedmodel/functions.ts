// How TensorFlow renames a SavedModel's functions when it loads them, and whether it can: the order in which it lists
// a function's options is that of these names, and they are not in the file.
// Follows tensorflow/python/saved_model/function_deserialization.py (TensorFlow 2.19).
import type { tensorflow } from './generated/savedmodel.js';
import { isRegisteredOp, outputCount } from './op-table.ts';

type FunctionDef = tensorflow.FunctionDef.$Properties;
type NodeDef = tensorflow.NodeDef.$Properties;
type Library = tensorflow.FunctionDefLibrary.$Properties;

export type LoadedFunctions =
  | { names: Map<string, string> }
  /** Why TensorFlow cannot load the functions: an op that is not registered, or anything else. */
  | { failure: 'custom-ops' | 'unknown' };

/** What TensorFlow's counter of unique numbers stands at when a fresh process begins to load functions. */
const FIRST_UID = 2;
const LOADED_PREFIX = '__inference_';

/**
 * The names under which a fresh TensorFlow process registers the library's functions: `__inference_<name>_<uid>`. The
 * uid counts every graph, tensor and function made before.
 */
export function loadedFunctions(library: Library): LoadedFunctions {
  const functions = new Map((library.function ?? []).map((fn) => [fn.signature?.name ?? '', fn]));
  const gradients = new Map<string, string>();
  let uid = FIRST_UID;
  for (const gradient of library.registeredGradients ?? []) {
    if (!gradient.registeredOpType) continue;
    gradients.set(gradient.registeredOpType, gradient.gradientFunc ?? '');
    uid += 1;
  }
  const order = loadOrder(functions, gradients);
  if (!order) return { failure: 'unknown' };
  const names = new Map<string, string>();
  for (const name of order) {
    const fn = functions.get(name) as FunctionDef;
    for (const node of fn.nodeDef ?? []) {
      if (!isRegisteredOp(node.op ?? '') && !functions.has(node.op ?? '')) return { failure: 'custom-ops' };
      if (calledFunctions(node).some((called) => !names.has(called))) return { failure: 'unknown' };
      if (node.op === 'HashTableV2' && !node.attr?.use_node_name_sharing?.b) uid += 1;
      uid += outputsOf(node, functions);
    }
    uid += (fn.signature?.inputArg?.length ?? 0) + 1;
    names.set(name, `${LOADED_PREFIX}${withoutPrefix(name)}_${uid}`);
    uid += 1;
  }
  return { names };
}

function withoutPrefix(name: string): string {
  return /^__inference_(.*)_\d+$/s.exec(name)?.[1] ?? name;
}

function outputsOf(node: NodeDef, functions: Map<string, FunctionDef>): number {
  const called = functions.get(node.op ?? '');
  return called ? (called.signature?.outputArg?.length ?? 0) : outputCount(node);
}

function calledFunctions(node: NodeDef): string[] {
  const called: string[] = [];
  for (const value of Object.values(node.attr ?? {})) {
    if (value.func) called.push(value.func.name ?? '');
    for (const fn of value.list?.func ?? []) called.push(fn.name ?? '');
  }
  return called;
}

function dependencies(
  fn: FunctionDef,
  functions: Map<string, FunctionDef>,
  gradients: Map<string, string>,
): Set<string> {
  const found = new Set<string>();
  for (const node of fn.nodeDef ?? []) {
    const op = node.op ?? '';
    const gradient = gradients.get(gradientType(node) ?? '');
    if (functions.has(op)) found.add(op);
    else if (gradient !== undefined) found.add(gradient);
    else for (const called of calledFunctions(node)) found.add(called);
  }
  return found;
}

function gradientType(node: NodeDef): string | undefined {
  if (node.op === 'StatefulPartitionedCall' || node.op === 'PartitionedCall') return undefined;
  const value = node.attr?._gradient_op_type?.s;
  return value ? Buffer.from(value).toString('utf8') : undefined;
}

/** Topological order with the last ready function first; undefined where a dependency is missing or circular. */
function loadOrder(
  functions: Map<string, FunctionDef>,
  gradients: Map<string, string>,
): string[] | undefined {
  const dependents = new Map<string, string[]>();
  const waiting = new Map<string, number>();
  for (const [name, fn] of functions) {
    for (const dependency of dependencies(fn, functions, gradients)) {
      const list = dependents.get(dependency) ?? [];
      list.push(name);
      dependents.set(dependency, list);
      waiting.set(name, (waiting.get(name) ?? 0) + 1);
    }
  }
  const ready = [...functions.keys()].filter((name) => !waiting.get(name));
  const order: string[] = [];
  for (let name = ready.pop(); name !== undefined; name = ready.pop()) {
    order.push(name);
    for (const dependent of dependents.get(name) ?? []) {
      const left = (waiting.get(dependent) ?? 0) - 1;
      waiting.set(dependent, left);
      if (left === 0) ready.push(dependent);
    }
  }
  return order.length === functions.size ? order : undefined;
}
