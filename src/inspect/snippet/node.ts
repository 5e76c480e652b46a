// A client in Node over @tensorflow/tfjs-node.
import type { TensorReport } from '../report.ts';
import {
  comment,
  compositeRemarks,
  exampleShape,
  onOneLine,
  remarks,
  type SnippetRequest,
} from './request.ts';

/** What tfjs-node can carry as an input without changing it. */
const NODE_TYPES: Record<string, string> = {
  DT_FLOAT: 'float32',
  DT_INT32: 'int32',
  DT_INT64: 'int32',
  DT_BOOL: 'bool',
  DT_STRING: 'string',
};

export function nodeSnippet(request: SnippetRequest): string {
  const { metaGraph, signature, directory } = request;
  const tags = metaGraph.tags.map((tag) => JSON.stringify(tag)).join(', ');
  const lines = [
    ...remarks(request),
    ...compositeRemarks(request),
    ...signature.inputs
      .filter((tensor) => !NODE_TYPES[tensor.dtype])
      .map(({ dtype, key }) =>
        onOneLine(`tfjs-node cannot carry ${dtype}, the type of ${key}: use Python or Go.`),
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
