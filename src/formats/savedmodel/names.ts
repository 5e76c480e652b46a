// How ONNX names become TensorFlow node names.
//
// TensorFlow takes [A-Za-z0-9.][A-Za-z0-9_./-]*, and several of these with `>` between (IsValidNodeName of its
// core/framework/node_def_util.cc). A legal name stays as it is. Of any other, leading characters that cannot start a
// name are dropped and every other illegal one becomes `_`; what is left of nothing is `tensor`. Where the result is
// taken (all legal ONNX names count as taken from the start), `_1`, `_2`, … is added, in the order of the file. The same
// file therefore always gives the same names, and no two tensors share one.

import type { OnnxGraph } from '../onnx/model.ts';

const LEGAL = /^[A-Za-z0-9.][A-Za-z0-9_./-]*(>[A-Za-z0-9.][A-Za-z0-9_./-]*)*$/;

export function isLegalName(name: string): boolean {
  return LEGAL.test(name);
}

export interface Names {
  /** The TensorFlow name of an ONNX tensor. */
  of(onnxName: string): string;
  /** A name for what is stored of a weight: its own where this is the first, else a fresh one. */
  weight(onnxName: string): string;
  /** A fresh name for a node of the engine's own. */
  fresh(wish: string): string;
  /** The ONNX names in use that had to change, in order. */
  changed(): { onnx: string; tensorflow: string }[];
}

/** Names for the tensors of a model, given in the order of the file. */
export function createNames(onnxNames: Iterable<string>): Names {
  const all = [...new Set(onnxNames)];
  const taken = new Set(all.filter(isLegalName));
  const next = new Map<string, number>();
  const unique = (wish: string): string => {
    let name = wish;
    for (let count = next.get(wish) ?? 1; taken.has(name); count++) {
      name = `${wish}_${count}`;
      next.set(wish, count + 1);
    }
    taken.add(name);
    return name;
  };
  const mapped = new Map(all.map((name) => [name, isLegalName(name) ? name : unique(legalized(name))]));
  const used = new Set<string>();
  const fresh = (wish: string) => unique(isLegalName(wish) ? wish : legalized(wish));
  return {
    of(onnxName) {
      const name = mapped.get(onnxName);
      if (name === undefined) throw new Error(`no tensor is called ${onnxName}`);
      used.add(onnxName);
      return name;
    },
    weight(onnxName) {
      const name = mapped.get(onnxName);
      if (name === undefined || used.has(onnxName)) return fresh(onnxName);
      used.add(onnxName);
      return name;
    },
    fresh,
    changed: () =>
      [...mapped]
        .filter(([onnx, name]) => onnx !== name && used.has(onnx))
        .map(([onnx, tensorflow]) => ({ onnx, tensorflow })),
  };
}

function legalized(name: string): string {
  const start = name
    .replace(/^[^A-Za-z0-9.]+/, '')
    .replace(/[^A-Za-z0-9_./>-]/g, '_')
    .replace(/>(?![A-Za-z0-9.])/g, '_');
  return start === '' ? 'tensor' : start;
}

/** Every name that a TensorFlow node may carry: inputs, what nodes make, outputs and weights, in the order of the file. */
export function onnxTensorNames({ inputs, outputs, nodes, initializers }: OnnxGraph): string[] {
  const made = nodes.flatMap((node) => node.outputs).filter((name) => name !== '');
  return [
    ...inputs.map(({ name }) => name),
    ...made,
    ...[...outputs, ...initializers].map(({ name }) => name),
  ];
}
