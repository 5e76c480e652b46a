// Runnable clients of a SavedModel with its true names: Go (tfgo), Python, Node.
import { pythonTypeName } from '../formats/savedmodel/dtypes.ts';
import { stringRepr } from './python-text.ts';
import type { InspectReport, MetaGraphReport, SignatureReport, TensorReport } from './report.ts';

export const SNIPPET_LANGUAGES = ['go', 'python', 'node'] as const;
export type SnippetLanguage = (typeof SNIPPET_LANGUAGES)[number];

export interface SnippetRequest {
  report: InspectReport;
  metaGraph: MetaGraphReport;
  signature: SignatureReport;
  /** The SavedModel's directory, as the client is to load it. */
  directory: string;
}

/** What stands for a dimension that may be any size. */
const EXAMPLE_BATCH = 1;
const EXAMPLE_SIZE = 64;

/** A complete program that loads the model, feeds zeros of the right shape and type, and prints the outputs' shapes. */
export function snippet(language: SnippetLanguage, request: SnippetRequest): string {
  return { go: goSnippet, python: pythonSnippet, node: nodeSnippet }[language](request);
}

/**
 * Sizes to feed: a free first dimension is 1; other free ones are 64 where the rank is an image's (4), else 1.
 * An unknown rank is fed as a vector of one element.
 */
export function exampleShape(tensor: TensorReport): number[] {
  if (!tensor.shape) return [1];
  const free = tensor.shape.length === 4 ? EXAMPLE_SIZE : EXAMPLE_BATCH;
  return tensor.shape.map((size, index) =>
    Number(size) >= 0 ? Number(size) : index === 0 ? EXAMPLE_BATCH : free,
  );
}

/** Lines on what a reader should know of the names, without the language's comment sign. */
function remarks({ report, signature }: SnippetRequest, takesTensors: boolean): string[] {
  const tensors = [...signature.inputs, ...signature.outputs];
  const renamed = tensors.filter(
    ({ onnxName, key, operation }) => onnxName && (onnxName !== key || onnxName !== operation),
  );
  const lines = renamed.map(({ name, onnxName }) => `${name} is ${onnxName} in the ONNX model.`);
  const mapped = report.nameMapping?.length ?? 0;
  if (mapped > 0)
    lines.push(`${mapped} nodes have other names than in the ONNX model: see nameMapping in manifest.json.`);
  if (takesTensors && tensors.some(({ encoding }) => encoding !== 'dense')) {
    lines.push('A sparse or composite tensor is fed and fetched by its parts, listed by: tk inspect --json.');
  }
  return lines.map((line) => line.replace(/[\r\n\u2028\u2029]/g, ' '));
}

function comment(sign: string, lines: string[]): string {
  return lines.map((line) => `${sign} ${line}\n`).join('');
}

/** Tensors that have one name; a sparse or composite one has several and is left to the reader. */
function named(tensors: TensorReport[]): (TensorReport & { operation: string; index: number })[] {
  return tensors.flatMap((tensor) =>
    tensor.operation === null || tensor.index === null
      ? []
      : [{ ...tensor, operation: tensor.operation, index: tensor.index }],
  );
}

const GO_TYPES: Record<string, string> = {
  DT_FLOAT: 'float32',
  DT_DOUBLE: 'float64',
  DT_INT8: 'int8',
  DT_INT16: 'int16',
  DT_INT32: 'int32',
  DT_INT64: 'int64',
  DT_UINT8: 'uint8',
  DT_UINT16: 'uint16',
  DT_UINT32: 'uint32',
  DT_UINT64: 'uint64',
  DT_BOOL: 'bool',
  DT_STRING: 'string',
  DT_COMPLEX64: 'complex64',
  DT_COMPLEX128: 'complex128',
};

function goSnippet(request: SnippetRequest): string {
  const { metaGraph, signature, directory } = request;
  const inputs = named(signature.inputs);
  const outputs = named(signature.outputs);
  const values = inputs.map((tensor, index) => goValue(tensor, `input${index}`)).join('');
  const feeds = inputs.map(
    ({ operation, index }, position) =>
      `\t\tmodel.Op(${goText(operation)}, ${index}): input${position}, // ${goComment(inputs[position])}\n`,
  );
  const fetches = outputs.map(
    (tensor) => `\t\tmodel.Op(${goText(tensor.operation)}, ${tensor.index}), // ${goComment(tensor)}\n`,
  );
  const tags = metaGraph.tags.map(goText).join(', ');
  return `${comment('//', remarks(request, true))}package main

import (
${values.includes('bytes.NewReader') ? '\t"bytes"\n' : ''}\t"fmt"
\t"log"

\ttf "github.com/galeone/tensorflow/tensorflow/go"
\ttg "github.com/galeone/tfgo"
)

func main() {
\tmodel := tg.LoadModel(${goText(directory)}, []string{${tags}}, nil)
${values}\tresults := model.Exec([]tf.Output{
${fetches.join('')}\t}, map[tf.Output]*tf.Tensor{
${feeds.join('')}\t})
\tfor _, result := range results {
\t\tfmt.Println(result.Shape())
\t}
}

func check(tensor *tf.Tensor, err error) *tf.Tensor {
\tif err != nil {
\t\tlog.Fatal(err)
\t}
\treturn tensor
}
`;
}

/** Bytes of an element that Go has no type for. */
const GO_RAW: Record<string, [tfName: string, bytes: number]> = {
  DT_HALF: ['tf.Half', 2],
  DT_BFLOAT16: ['tf.Bfloat16', 2],
};

/** Zeros as a Go array, whose nesting is the tensor's shape. */
function goValue(tensor: TensorReport, name: string): string {
  const type = GO_TYPES[tensor.dtype];
  const shape = exampleShape(tensor);
  if (type) {
    const dims = shape.map((size) => `[${size}]`).join('');
    return `\t${name} := check(tf.NewTensor(${dims ? `${dims}${type}{}` : goZero(type)}))\n`;
  }
  const raw = GO_RAW[tensor.dtype];
  if (!raw)
    return `\tvar ${name} *tf.Tensor // ${tensor.dtype}: Go cannot make one, take it from another output\n`;
  const bytes = shape.reduce((product, size) => product * size, raw[1]);
  const zeros = `bytes.NewReader(make([]byte, ${bytes}))`;
  return `\t${name} := check(tf.ReadTensor(${raw[0]}, []int64{${shape.join(', ')}}, ${zeros}))\n`;
}

function goZero(type: string): string {
  if (type === 'string') return '""';
  return type === 'bool' ? 'false' : `${type}(0)`;
}

function goText(text: string): string {
  return JSON.stringify(text);
}

function goComment(tensor: TensorReport | undefined): string {
  if (!tensor) return '';
  const shape = tensor.shape ? `(${tensor.shape.join(', ')})` : 'unknown rank';
  return `${tensor.key.replace(/[\r\n]/g, ' ')}: ${tensor.dtype} ${shape}`;
}

function pythonSnippet(request: SnippetRequest): string {
  const { metaGraph, signature, directory } = request;
  const inputs = signature.inputs.map((tensor) => `    ${stringRepr(tensor.key)}: ${pythonZeros(tensor)},\n`);
  const tags = metaGraph.tags.map(stringRepr).join(', ');
  const lines = [
    ...remarks(request, false),
    ...signature.outputs.map((tensor) => `returns ${goComment(tensor)}`),
  ];
  return `${comment('#', lines)}import tensorflow as tf

model = tf.saved_model.load(${stringRepr(directory)}, tags=[${tags}])
infer = model.signatures[${stringRepr(signature.key)}]
inputs = {
${inputs.join('')}}
outputs = infer(**inputs)
for name, value in outputs.items():
    print(name, value.shape)
`;
}

function pythonZeros(tensor: TensorReport): string {
  const shape = `[${exampleShape(tensor).join(', ')}]`;
  const dtype = pythonTypeName(tensor.dtype);
  if (tensor.encoding === 'sparse') {
    return `tf.sparse.from_dense(tf.zeros(${shape}, tf.${dtype}))`;
  }
  return dtype === 'string' ? `tf.fill(${shape}, "")` : `tf.zeros(${shape}, tf.${dtype})`;
}

/** What tfjs-node can carry as an input without changing it. */
const NODE_TYPES: Record<string, string> = {
  DT_FLOAT: 'float32',
  DT_INT32: 'int32',
  DT_INT64: 'int32',
  DT_BOOL: 'bool',
  DT_STRING: 'string',
};

function nodeSnippet(request: SnippetRequest): string {
  const { metaGraph, signature, directory } = request;
  const tags = metaGraph.tags.map((tag) => JSON.stringify(tag)).join(', ');
  const lines = [
    ...remarks(request, true),
    ...signature.inputs
      .filter((tensor) => !NODE_TYPES[tensor.dtype])
      .map(
        (tensor) =>
          `tfjs-node cannot carry ${tensor.dtype}, the type of ${tensor.key.replace(/[\r\n]/g, ' ')}: use Python or Go.`,
      ),
  ];
  const inputs = signature.inputs.map((tensor) => `  ${JSON.stringify(tensor.key)}: ${nodeZeros(tensor)},\n`);
  return `${comment('//', lines)}const tf = require('@tensorflow/tfjs-node');

async function main() {
  const model = await tf.node.loadSavedModel(${JSON.stringify(directory)}, [${tags}], ${JSON.stringify(signature.key)});
  const outputs = model.predict({
${inputs.map((line) => `  ${line}`).join('')}  });
  for (const [name, value] of Object.entries(outputs)) console.log(name, value.shape);
}

main();
`;
}

function nodeZeros(tensor: TensorReport): string {
  const shape = exampleShape(tensor);
  const type = NODE_TYPES[tensor.dtype] ?? 'float32';
  if (type !== 'string') return `tf.zeros([${shape.join(', ')}], '${type}')`;
  return shape.length === 0 ? `tf.scalar('')` : `tf.fill([${shape.join(', ')}], '', 'string')`;
}
