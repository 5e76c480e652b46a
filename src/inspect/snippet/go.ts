// A client in Go with tfgo, over TensorFlow's Go API.
import type { TensorReport } from '../report.ts';
import {
  comment,
  compositeRemarks,
  describeTensor,
  exampleShape,
  namedTensors,
  remarks,
  type SnippetRequest,
} from './request.ts';

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

export function goSnippet(request: SnippetRequest): string {
  const { metaGraph, signature, directory } = request;
  const inputs = namedTensors(signature.inputs);
  const outputs = namedTensors(signature.outputs);
  const values = inputs.map((tensor, index) => goValue(tensor, `input${index}`)).join('');
  const feeds = inputs.map(
    (tensor, position) =>
      `\t\tmodel.Op(${goText(tensor.operation)}, ${tensor.index}): input${position}, // ${describeTensor(tensor)}\n`,
  );
  const fetches = outputs.map(
    (tensor) => `\t\tmodel.Op(${goText(tensor.operation)}, ${tensor.index}), // ${describeTensor(tensor)}\n`,
  );
  const lines = [
    'Build it with: go mod init client && go get github.com/galeone/tfgo && go build',
    '(over the same C library as a client in C: https://www.tensorflow.org/install/lang_c)',
    ...remarks(request),
    ...compositeRemarks(request),
  ];
  const tags = metaGraph.tags.map(goText).join(', ');
  return `${comment('//', lines)}package main

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

/** A Go string literal; a byte order mark may not stand in Go's source. */
function goText(text: string): string {
  return JSON.stringify(text).replace(/\ufeff/g, '\\ufeff');
}
