// The printed request is what TensorFlow Serving's REST API takes: the script runs with a curl that keeps what it was
// given, and the body is decoded by the API's own rules (https://www.tensorflow.org/tfx/serving/api_rest).
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { InspectReport, SignatureReport, TensorReport } from '../../../src/inspect/report.ts';
import { servingSnippet } from '../../../src/inspect/snippet/serving.ts';
import { tk } from '../../support/cli.ts';
import { makeModels, run, snippetOf } from './support.ts';

const scratch = mkdtempSync(join(tmpdir(), 'tk-serving-'));

beforeAll(() => {
  const curl = join(scratch, 'bin/curl');
  mkdirSync(join(scratch, 'bin'));
  // Keeps its arguments and what `-d @-` would send.
  writeFileSync(
    curl,
    `#!${process.execPath}\nconst fs = require('node:fs');\nconst args = process.argv.slice(2);\n` +
      `const given = args[args.indexOf('-d') + 1];\n` +
      `const body = given === '@-' ? fs.readFileSync(0, 'utf8') : given;\n` +
      `fs.writeFileSync(process.env.KEPT, JSON.stringify({ args, body }));\n`,
  );
  chmodSync(curl, 0o755);
  makeModels(join(scratch, 'models'));
});

afterAll(() => rmSync(scratch, { recursive: true, force: true }));

interface Sent {
  url: string;
  body: { signature_name?: string; instances?: unknown[]; inputs?: unknown; examples?: unknown[] };
}

/** Runs the script and gives what it would have sent. */
function sent(script: string): Sent {
  const [file, kept] = [join(scratch, 'request.sh'), join(scratch, 'kept.json')];
  writeFileSync(file, script);
  run('sh', [file], { env: { KEPT: kept, PATH: `${join(scratch, 'bin')}:${process.env.PATH}` } });
  const { args, body } = JSON.parse(readFileSync(kept, 'utf8'));
  return { url: args.find((arg: string) => arg.startsWith('http')), body: JSON.parse(body) };
}

interface Decoded {
  shape: number[];
  values: unknown[];
}

/** A dense tensor as the server decodes it: every list of a level has the same size, leaves stand at one level. */
function decode(value: unknown): Decoded {
  const shape: number[] = [];
  for (let inner = value; Array.isArray(inner); inner = inner[0]) shape.push(inner.length);
  const values: unknown[] = [];
  const visit = (inner: unknown, level: number): void => {
    if (!Array.isArray(inner)) {
      expect(level).toBe(shape.length);
      values.push(inner);
      return;
    }
    expect(inner).toHaveLength(shape[level] as number);
    for (const each of inner) visit(each, level + 1);
  };
  visit(value, 0);
  return { shape, values };
}

/** Inputs by key, from rows (batched as the server does) or columns. */
function inputsOf(body: Sent['body']): Record<string, Decoded> {
  if (body.instances === undefined) {
    const columns = Object.entries(body.inputs as object);
    return Object.fromEntries(columns.map(([key, value]) => [key, decode(value)]));
  }
  expect(body).not.toHaveProperty('inputs');
  const rows = body.instances as Record<string, unknown>[];
  const keys = Object.keys(rows[0] as object);
  for (const row of rows) expect(Object.keys(row)).toEqual(keys);
  return Object.fromEntries(keys.map((key) => [key, decode(rows.map((row) => row[key]))]));
}

/** What the server's JSON reader takes for a type (json_tensor.cc); undefined where it takes none. */
const TAKES: Record<string, (value: unknown) => boolean> = {
  DT_FLOAT: (value) => typeof value === 'number',
  DT_DOUBLE: (value) => typeof value === 'number',
  ...Object.fromEntries(
    ['INT8', 'INT16', 'INT32', 'INT64', 'UINT8', 'UINT32', 'UINT64'].map((type) => [
      `DT_${type}`,
      Number.isInteger,
    ]),
  ),
  DT_BOOL: (value) => typeof value === 'boolean',
  DT_STRING: (value) =>
    typeof value === 'string' || /^\{"b64":"[A-Za-z0-9+/=]*"\}$/.test(JSON.stringify(value)),
};

function expectFits(decoded: Decoded | undefined, { shape, dtype }: TensorReport): void {
  expect(decoded).toBeDefined();
  if (shape !== null) {
    expect(decoded?.shape).toHaveLength(shape.length);
    shape.forEach((size, axis) => {
      if (Number(size) >= 0) expect(decoded?.shape[axis]).toBe(Number(size));
    });
  }
  for (const value of decoded?.values ?? []) expect(TAKES[dtype]?.(value), `${dtype} ${value}`).toBe(true);
}

function tensor(key: string, dtype: string, shape: number[] | null): TensorReport {
  return { key, dtype, shape, name: `${key}:0`, operation: key, index: 0, encoding: 'dense' };
}

const DIRECTORY = '/models/digits/3';

/** The script for a signature that no file has. */
function scriptFor(
  inputs: TensorReport[],
  outputs: TensorReport[],
  {
    key = 'serving_default',
    methodName = 'tensorflow/serving/predict',
    tags = ['serve'],
    directory = DIRECTORY,
  } = {},
): string {
  const signature: SignatureReport = { key, methodName, inputs, outputs, defaults: [] };
  const metaGraph = { tags, tensorflowVersion: '2.19.0', signatures: [signature], ops: [] };
  const report: InspectReport = {
    ...{ schemaVersion: 1, format: 'saved-model', file: `${directory}/saved_model.pb` },
    ...{ metaGraphs: [metaGraph], functions: null, functionsUnlisted: null },
  };
  return servingSnippet({ report, metaGraph, signature, directory });
}

const batch = [tensor('y', 'DT_FLOAT', [-1, 2])];

describe('the request to TensorFlow Serving', () => {
  it.each(['floats', 'several', 'texts', 'scalars', 'dir "é" $x'])(
    'fits the signature of %s',
    async (name) => {
      const model = join(scratch, 'models', name);
      const { url, body } = sent(await snippetOf('serving', '--dir', model));
      const report = JSON.parse((await tk(['inspect', '--dir', model, '--json'])).stdout);
      const [signature] = report.metaGraphs[0].signatures;
      expect(body.signature_name).toBe('serving_default');
      expect(url).toBe(`http://localhost:8501/v1/models/${name.replace(/[^\w]+/g, '_')}:predict`);
      const inputs = inputsOf(body);
      expect(Object.keys(inputs).sort()).toEqual(signature.inputs.map(({ key }: TensorReport) => key).sort());
      for (const input of signature.inputs) expectFits(inputs[input.key], input);
    },
  );

  it.each(Object.keys(TAKES))('has a value of %s', (dtype) => {
    const input = tensor('x', dtype, [-1, 2]);
    const { body } = sent(scriptFor([input], batch));
    expect(body.instances).toHaveLength(1);
    expectFits(inputsOf(body).x, input);
  });

  it.each(['DT_HALF', 'DT_BFLOAT16', 'DT_UINT16', 'DT_COMPLEX64', 'DT_RESOURCE'])(
    'says that the API cannot carry %s',
    (dtype) => {
      expect(scriptFor([tensor('x', dtype, [-1])], batch)).toContain(
        `# The REST API cannot carry ${dtype}, the type of x: use gRPC.\n`,
      );
    },
  );

  it('is in rows only where every input and output is a batch', () => {
    const image = tensor('image', 'DT_FLOAT', [-1, 3]);
    expect(sent(scriptFor([image], batch)).body).toHaveProperty('instances');
    expect(sent(scriptFor([image, tensor('k', 'DT_INT64', [])], batch)).body).toEqual({
      signature_name: 'serving_default',
      inputs: { image: [[0, 0, 0]], k: 0 },
    });
    expect(sent(scriptFor([image], [tensor('sum', 'DT_FLOAT', [])])).body).toHaveProperty('inputs');
    expect(sent(scriptFor([image], [tensor('any', 'DT_FLOAT', null)])).body).toHaveProperty('inputs');
  });

  it('carries bytes in base64 where the key says that they are bytes', () => {
    const { body } = sent(scriptFor([tensor('image_bytes', 'DT_STRING', [-1])], batch));
    expect(body.instances).toEqual([{ image_bytes: { b64: '' } }]);
  });

  it('makes a large body by a command', () => {
    const image = tensor('image', 'DT_FLOAT', [-1, 224, 224, 3]);
    const script = scriptFor([image, tensor("it's 100 %s\\", 'DT_STRING', [-1])], batch);
    expect(script.length).toBeLessThan(3000);
    const inputs = inputsOf(sent(script).body);
    expect(inputs.image?.shape).toEqual([1, 224, 224, 3]);
    expect(inputs["it's 100 %s\\"]).toEqual({ shape: [1], values: [''] });
  });

  it('goes to the method of the signature, with examples', () => {
    const examples = tensor('inputs', 'DT_STRING', [-1]);
    const script = scriptFor([examples], batch, { key: 'c', methodName: 'tensorflow/serving/classify' });
    expect(sent(script)).toEqual({
      url: 'http://localhost:8501/v1/models/digits:classify',
      body: { signature_name: 'c', examples: [{}] },
    });
  });

  it('says how the server is started: a versioned folder, other tags, a path with commas', () => {
    expect(scriptFor([], batch).split('\n').slice(1, 6)).toEqual([
      '# Start the server first:',
      '#   docker run --rm -p 8501:8501 --mount type=bind,source=/models/digits/3,target=/models/digits/3,readonly -e MODEL_NAME=digits tensorflow/serving',
      '# or, where it is installed (its base path holds one folder for each version):',
      '#   tensorflow_model_server --rest_api_port=8501 --model_name=digits --model_base_path=/models/digits',
      '#   with /models/digits/3 at /models/digits/3',
    ]);
    const script = scriptFor([], batch, { directory: "/it's, a b", tags: ['serve', 'gpu'] });
    expect(script).toContain(
      `--mount 'type=bind,"source=/it'\\''s, a b",target=/models/it_s_a_b/1,readonly' -e MODEL_NAME=it_s_a_b tensorflow/serving --saved_model_tags=serve,gpu\n`,
    );
  });
});
