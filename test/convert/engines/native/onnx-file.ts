// Writes small ONNX models for tests, by the onnx wheel's own .proto: an oracle for the numbers of our descriptions.
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import protobuf from 'protobufjs';

export interface NodeSpec {
  opType: string;
  inputs: string[];
  outputs: string[];
  name?: string;
  domain?: string;
  attributes?: Record<string, unknown>[];
}

export interface TensorSpec {
  name: string;
  dataType: number;
  dims: number[];
  [field: string]: unknown;
}

export interface ModelSpec {
  nodes: NodeSpec[];
  inputs?: { name: string; dims: (number | string)[]; elemType?: number }[];
  outputs?: { name: string; dims: (number | string)[]; elemType?: number }[];
  initializers?: TensorSpec[];
  opset?: number;
  irVersion?: number;
}

export const FLOAT = 1;
export const INT64 = 7;

/** The wheel's onnx.proto, or undefined where there is no environment. */
export function onnxProto(root: string): string | undefined {
  const lib = join(root, '.venv', 'lib');
  const python = existsSync(lib) ? readdirSync(lib).find((each) => each.startsWith('python3')) : undefined;
  const path = python && join(lib, python, 'site-packages/onnx/onnx.proto');
  return path && existsSync(path) ? path : undefined;
}

let types: protobuf.Root | undefined;

/** A message of the wheel's description, encoded. */
export function encode(root: string, message: string, value: Record<string, unknown>): Buffer {
  types ??= protobuf.loadSync(onnxProto(root)!);
  const type = types.lookupType(`onnx.${message}`);
  return Buffer.from(type.encode(type.fromObject(value)).finish());
}

/** A model's bytes. */
export function encodeModel(root: string, spec: ModelSpec): Buffer {
  const info = ({
    name,
    dims,
    elemType = FLOAT,
  }: {
    name: string;
    dims: (number | string)[];
    elemType?: number;
  }) => ({
    name,
    type: {
      tensorType: {
        elemType,
        shape: { dim: dims.map((dim) => (typeof dim === 'number' ? { dimValue: dim } : { dimParam: dim })) },
      },
    },
  });
  return encode(root, 'ModelProto', {
    irVersion: spec.irVersion ?? 8,
    opsetImport: [
      { domain: '', version: spec.opset ?? 17 },
      ...(spec.nodes.some(({ domain }) => domain === 'ai.onnx.ml')
        ? [{ domain: 'ai.onnx.ml', version: 3 }]
        : []),
    ],
    graph: {
      name: 'test',
      node: spec.nodes.map(({ inputs, outputs, attributes, ...node }) => ({
        ...node,
        input: inputs,
        output: outputs,
        attribute: attributes,
      })),
      input: (spec.inputs ?? [{ name: 'x', dims: ['N', 4] }]).map(info),
      output: (spec.outputs ?? [{ name: 'y', dims: ['N', 4] }]).map(info),
      initializer: spec.initializers,
    },
  });
}

export function writeModel(root: string, path: string, spec: ModelSpec): string {
  writeFileSync(path, encodeModel(root, spec));
  return path;
}
