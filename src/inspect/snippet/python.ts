// A client in Python over tf.saved_model.load.
import { pythonTypeName } from '../../formats/savedmodel/dtypes.ts';
import { stringRepr } from '../python-text.ts';
import type { TensorReport } from '../report.ts';
import { comment, describeTensor, exampleShape, remarks, type SnippetRequest } from './request.ts';

export function pythonSnippet(request: SnippetRequest): string {
  const { metaGraph, signature, directory } = request;
  const inputs = signature.inputs.map((tensor) => `    ${stringRepr(tensor.key)}: ${pythonZeros(tensor)},\n`);
  const tags = metaGraph.tags.map(stringRepr).join(', ');
  const lines = [
    ...remarks(request),
    ...signature.outputs.map((tensor) => `returns ${describeTensor(tensor)}`),
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
