// A request to TensorFlow Serving's REST API with curl, and how the server is started.
// https://www.tensorflow.org/tfx/serving/api_rest; element types as tensorflow_serving/util/json_tensor.cc reads them
import { basename, dirname, resolve } from 'node:path';
import { stringRepr } from '../python-text.ts';
import type { SignatureReport, TensorReport } from '../report.ts';
import { comment, describeTensor, exampleShape, onOneLine, remarks, type SnippetRequest } from './request.ts';

/** Element types that the REST API reads, with the zero of each in JSON. */
const ZEROS: Record<string, string> = {
  DT_FLOAT: '0.0',
  DT_DOUBLE: '0.0',
  DT_INT8: '0',
  DT_INT16: '0',
  DT_INT32: '0',
  DT_INT64: '0',
  DT_UINT8: '0',
  DT_UINT32: '0',
  DT_UINT64: '0',
  DT_BOOL: 'false',
  DT_STRING: '""',
};

/** By convention the values of such a key are bytes, which JSON carries in base64. */
const BYTES_SUFFIX = '_bytes';
const EMPTY_BYTES = '{"b64": ""}';

/** A body of more elements is made by the script instead of standing in it. */
const MOST_INLINE = 4096;

const METHODS: Record<string, string> = {
  'tensorflow/serving/classify': 'classify',
  'tensorflow/serving/regress': 'regress',
};
const SERVED_METHODS = ['tensorflow/serving/predict', ...Object.keys(METHODS)];

/** A shell script: comments say how the server is started, then one request. */
export function servingSnippet(request: SnippetRequest): string {
  const { signature, directory, metaGraph } = request;
  const model = servedModel(directory);
  const method = METHODS[signature.methodName] ?? 'predict';
  const name = jsonText(signature.key);
  const url = `http://localhost:8501/v1/models/${model.name}:${method}`;
  const body =
    method === 'predict'
      ? predictBody(signature)
      : { setUp: '', json: `{"signature_name": ${name}, "examples": [{}]}`, computed: false };
  const lines = [...howToStart(model, metaGraph.tags), '', ...notes(request, method)];
  return `#!/bin/sh\n${comment('#', lines).replace(/ +\n/g, '\n')}set -eu

${body.setUp}${body.computed ? `${body.json} |\n` : ''}curl -sS -X POST '${url}' \\
  -H 'Content-Type: application/json' \\
  -d ${body.computed ? '@-' : `'${body.json}'`}
`;
}

interface ServedModel {
  /** As it stands in the URL. */
  name: string;
  /** Absolute. */
  directory: string;
  version: string;
}

/** The server wants NAME/VERSION; of a directory that is named by a number its parent is the model. */
function servedModel(directory: string): ServedModel {
  const absolute = resolve(directory);
  const isVersion = /^\d+$/.test(basename(absolute));
  const named = isVersion ? dirname(absolute) : absolute;
  const name = basename(named).replace(/[^\w.-]+/g, '_') || 'model';
  return { name, directory: absolute, version: isVersion ? basename(absolute) : '1' };
}

function howToStart({ name, directory, version }: ServedModel, tags: string[]): string[] {
  const target = `/models/${name}/${version}`;
  const mount = ['type=bind', `source=${directory}`, `target=${target}`, 'readonly'].map(csvField).join(',');
  const served = tags.length === 1 && tags[0] === 'serve';
  const chosen = served ? '' : ` --saved_model_tags=${shellText(tags.join(','))}`;
  return [
    'Start the server first:',
    `  docker run --rm -p 8501:8501 --mount ${shellText(mount)} -e MODEL_NAME=${name} tensorflow/serving${chosen}`,
    'or, where it is installed (its base path holds one folder for each version):',
    `  tensorflow_model_server --rest_api_port=8501 --model_name=${name} --model_base_path=/models/${name}${chosen}`,
    `  with ${onOneLine(directory)} at ${target}`,
  ];
}

function notes(request: SnippetRequest, method: string): string[] {
  const { signature } = request;
  const unsupported = signature.inputs.filter(({ dtype }) => !ZEROS[dtype]);
  const texts = signature.inputs.filter(({ dtype }) => dtype === 'DT_STRING');
  const several = signature.inputs.filter(({ encoding }) => encoding !== 'dense');
  const isPredict = method === 'predict';
  return [
    ...remarks(request),
    ...signature.inputs.map((tensor) => `takes ${describeTensor(tensor)}`),
    ...signature.outputs.map((tensor) => `returns ${describeTensor(tensor)}`),
    ...(isPredict
      ? []
      : [
          'Each example is an object of features: {"age": 26, "name": "x"}; the signature does not tell which.',
        ]),
    ...(isPredict && texts.length > 0
      ? ['A text that is no UTF-8 (a picture, a serialized tf.Example) goes as {"b64": "…"}, base64.']
      : []),
    ...(isPredict && signature.inputs.length === 0
      ? ['The REST API refuses a signature without inputs: use gRPC.']
      : []),
    ...(isPredict
      ? unsupported.map(({ key, dtype }) =>
          onOneLine(`The REST API cannot carry ${dtype}, the type of ${key}: use gRPC.`),
        )
      : []),
    ...several.map(({ key, encoding }) =>
      onOneLine(`${key} is ${encoding}; the server feeds only dense tensors.`),
    ),
    ...(SERVED_METHODS.includes(signature.methodName)
      ? []
      : [`The server refuses the signature's method name, ${stringRepr(signature.methodName)}.`]),
  ];
}

interface Body {
  /** Shell functions and assignments that come before. */
  setUp: string;
  /** The JSON, or, where it is computed, the command that prints it. */
  json: string;
  computed: boolean;
}

/** Rows (`instances`) where every tensor is a batch, which the server takes apart; else columns (`inputs`). */
function predictBody(signature: SignatureReport): Body {
  const { inputs, outputs } = signature;
  const rows = inputs.length > 0 && [...inputs, ...outputs].every(isBatch);
  const shapes = inputs.map((tensor) => (rows ? exampleShape(tensor).slice(1) : exampleShape(tensor)));
  const elements = shapes.reduce((sum, shape) => sum + shape.reduce((product, size) => product * size, 1), 0);
  const computed = elements > MOST_INLINE;
  const values = inputs.map((tensor, position) => {
    const shape = shapes[position] ?? [];
    return computed ? `%s` : nested(zeroOf(tensor), shape);
  });
  const entries = inputs.map(({ key }, position) => `${jsonText(key)}: ${values[position]}`).join(', ');
  const object = `{${entries}}`;
  const json = `{"signature_name": ${jsonText(signature.key)}, ${rows ? `"instances": [${object}]` : `"inputs": ${object}`}}`;
  if (!computed) return { setUp: '', json, computed };
  const assignments = inputs.map(
    (tensor, position) =>
      `input${position}=$(printf '%s' ${shellText(zeroOf(tensor))}${(shapes[position] ?? [])
        .toReversed()
        .map((size) => ` | list ${size}`)
        .join('')})\n`,
  );
  const format = shellText(escapedFormat(json));
  const values_ = inputs.map((_, position) => `"$input${position}"`).join(' ');
  return { setUp: `${LIST}\n${assignments.join('')}\n`, json: `printf ${format} ${values_}`, computed };
}

/** Reads one value and prints a JSON list of so many of it. */
const LIST = `list() {
  awk -v size="$1" 'BEGIN { ORS = "" } { print "["; for (at = 0; at < size; at++) print (at ? ", " : "") $0; print "]" }'
}
`;

/** A tensor whose first dimension may be any size. */
function isBatch({ shape }: TensorReport): boolean {
  return shape !== null && shape.length > 0 && Number(shape[0]) < 0;
}

function zeroOf({ dtype, key }: TensorReport): string {
  if (dtype === 'DT_STRING' && key.endsWith(BYTES_SUFFIX)) return EMPTY_BYTES;
  return ZEROS[dtype] ?? '0';
}

function nested(value: string, shape: readonly number[]): string {
  return shape.reduceRight((inner, size) => `[${new Array(size).fill(inner).join(', ')}]`, value);
}

/** JSON of a text without single quotes, so that it can stand between a shell's. */
function jsonText(text: string): string {
  return JSON.stringify(text).replace(/'/g, '\\u0027');
}

/** For `printf`: the values' places stay, other percent signs and backslashes are doubled. */
function escapedFormat(json: string): string {
  return json.replace(/\\/g, '\\\\').replace(/%/g, '%%').replace(/: %%s/g, ': %s');
}

function shellText(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${onOneLine(text).replace(/'/g, `'\\''`)}'`;
}

/** docker reads the mount as a row of CSV. */
function csvField(text: string): string {
  return /[",]/.test(text) ? `"${text.replace(/"/g, '""')}"` : text;
}
