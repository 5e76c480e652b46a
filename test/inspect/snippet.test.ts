// The printed clients really run: Python's and Node's as they are, Go's names through TensorFlow's C API.
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { locateEnvironment } from '../../src/runtime/environment.ts';
import { tk } from '../support/cli.ts';
import { repoRoot } from '../support/shared.ts';

const scratch = mkdtempSync(join(tmpdir(), 'tk-snippet-'));
const classifier = join(repoRoot, 'fixtures/inputs_logits');
const tensorflow1 = join(repoRoot, 'fixtures/saved_models/tensorflow1');
const quiet = { TF_CPP_MIN_LOG_LEVEL: '3', CUDA_VISIBLE_DEVICES: '' };
const { python } = locateEnvironment();

afterAll(() => rmSync(scratch, { recursive: true, force: true }));

async function snippetOf(language: string, ...args: string[]): Promise<string> {
  const { exitCode, stdout, stderr } = await tk(['inspect', ...args, '--snippet', language]);
  expect(stderr).toBe('');
  expect(exitCode).toBe(0);
  return stdout;
}

function run(command: string, args: string[]): string {
  return execFileSync(command, args, {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
    env: { ...process.env, ...quiet },
  });
}

describe('the Python client', () => {
  it('runs on a TensorFlow 2 and a TensorFlow 1 model', async () => {
    const file = join(scratch, 'client.py');
    writeFileSync(file, (await snippetOf('python', classifier)) + (await snippetOf('python', tensorflow1)));
    expect(run(python, [file]).trimEnd().split('\n').sort()).toEqual([
      'count ()',
      'feat (1, 3)',
      'logits (1, 10)',
    ]);
  });
});

describe('the Node client', () => {
  it('runs, its inputs and outputs by signature key', async () => {
    const folder = join(scratch, 'node');
    mkdirSync(folder);
    symlinkSync(join(locateEnvironment().root, 'node_modules'), join(folder, 'node_modules'));
    const file = join(folder, 'client.cjs');
    writeFileSync(file, await snippetOf('node', classifier));
    expect(run(process.execPath, [file])).toContain('logits [ 1, 10 ]');
  });
});

interface GoClient {
  directory: string;
  tag: string;
  inputs: { operation: string; index: string; type: string; sizes: string[] }[];
  outputs: { operation: string; index: string }[];
}

/** What a Go client loads, feeds and fetches, read from its text. */
function readGo(text: string): GoClient {
  const [, directory, tag] = /tg\.LoadModel\("(.*?)", \[\]string\{"(.*?)"\}, nil\)/.exec(text) ?? [];
  const values = new Map(
    [...text.matchAll(/(input\d+) := check\(tf\.NewTensor\(((?:\[\d+\])*)(\w+)[({]/g)].map(
      ([, name, sizes, type]) => [
        name,
        { type: type as string, sizes: (sizes as string).match(/\d+/g) ?? [] },
      ],
    ),
  );
  const inputs = [...text.matchAll(/model\.Op\("(.*?)", (\d+)\): (input\d+),/g)].map(
    ([, operation, index, name]) => ({
      operation: operation as string,
      index: index as string,
      ...(values.get(name) as { type: string; sizes: string[] }),
    }),
  );
  const outputs = [...text.matchAll(/model\.Op\("(.*?)", (\d+)\), \/\//g)].map(([, operation, index]) => ({
    operation: operation as string,
    index: index as string,
  }));
  return { directory: directory as string, tag: tag as string, inputs, outputs };
}

const DATA_TYPES: Record<string, string> = { float32: '1', int32: '3', int64: '9' };

/**
 * Compiles run_ops.c for the TensorFlow that pip installed. It links with a library of the same name that only declares
 * the functions, since reading the symbols of the real one (1.1 GB) takes the linker ten seconds; the real one is loaded.
 */
function compileC(): string {
  const source = join(repoRoot, 'test/inspect/run_ops.c');
  const tensorflow = run(python, [
    '-c',
    'import importlib.util as u; print(u.find_spec("tensorflow").submodule_search_locations[0])',
  ]).trim();
  const used = new Set(readFileSync(source, 'utf8').match(/\bTF_\w+(?=\()/g));
  const stand = join(scratch, 'libtensorflow_cc.so.2');
  writeFileSync(join(scratch, 'names.c'), [...used].map((name) => `void ${name}(void) {}\n`).join(''));
  run('cc', ['-shared', '-Wl,-soname,libtensorflow_cc.so.2', join(scratch, 'names.c'), '-o', stand]);
  const program = join(scratch, 'run_ops');
  run('cc', [source, '-o', program, `-I${tensorflow}/include`, stand, `-Wl,-rpath,${tensorflow}`]);
  return program;
}

describe('the Go client', () => {
  it('names operations and indices that a program over the C API runs with', async () => {
    const program = compileC();
    const results = [];
    for (const model of [classifier, tensorflow1]) {
      const go = readGo(await snippetOf('go', model));
      const feeds = go.inputs.flatMap(({ operation, index, type, sizes }) => [
        ...['in', operation, index, DATA_TYPES[type] as string, String(sizes.length), ...sizes],
      ]);
      const fetches = go.outputs.flatMap(({ operation, index }) => ['out', operation, index]);
      results.push(
        run(program, [go.directory, go.tag, ...feeds, ...fetches])
          .split('\n')
          .slice(0, -1),
      );
    }
    // logits of one picture; then `count`, a scalar, and `feat` of one image of three channels.
    expect(results).toEqual([['1,10'], ['', '1,3']]);
  });

  it('is whole Go: brackets match, imports and variables are used', async () => {
    const text = await snippetOf('go', tensorflow1);
    const bare = text.replace(/"(?:[^"\\]|\\.)*"/g, '""').replace(/\/\/.*$/gm, '');
    const open: string[] = [];
    for (const sign of bare.match(/[()[\]{}]/g) ?? []) {
      if ('([{'.includes(sign)) open.push(sign);
      else expect(`${open.pop()}${sign}`).toMatch(/^(\(\)|\[\]|\{\})$/);
    }
    expect(open).toEqual([]);
    for (const used of ['tf', 'tg', 'fmt', 'log']) expect(bare).toMatch(new RegExp(`\\b${used}\\.[A-Z]`));
    for (const [, name] of bare.matchAll(/(\w+) := /g)) {
      expect(bare.match(new RegExp(`\\b${name}\\b`, 'g'))?.length).toBeGreaterThan(1);
    }
    expect(text.replace(tensorflow1, 'DIRECTORY')).toMatchInlineSnapshot(`
      "package main

      import (
      	"fmt"
      	"log"

      	tf "github.com/galeone/tensorflow/tensorflow/go"
      	tg "github.com/galeone/tfgo"
      )

      func main() {
      	model := tg.LoadModel("DIRECTORY", []string{"serve"}, nil)
      	input0 := check(tf.NewTensor([1][3][4][4]float32{}))
      	input1 := check(tf.NewTensor(int64(0)))
      	results := model.Exec([]tf.Output{
      		model.Op("count", 0), // count: DT_INT32 ()
      		model.Op("feat", 0), // feat: DT_FLOAT (-1, 3)
      	}, map[tf.Output]*tf.Tensor{
      		model.Op("image", 0): input0, // image: DT_FLOAT (-1, 3, 4, 4)
      		model.Op("scale", 0): input1, // scale: DT_INT64 ()
      	})
      	for _, result := range results {
      		fmt.Println(result.Shape())
      	}
      }

      func check(tensor *tf.Tensor, err error) *tf.Tensor {
      	if err != nil {
      		log.Fatal(err)
      	}
      	return tensor
      }
      "
    `);
  });
});

describe('in an output directory of tk convert', () => {
  it('names of the ONNX model stand beside those that TensorFlow got', async () => {
    const output = join(scratch, 'output');
    cpSync(tensorflow1, join(output, 'keras'), { recursive: true });
    writeFileSync(join(output, 'manifest.json'), JSON.stringify(manifest()));
    const text = await snippetOf('go', output);
    expect(text).toContain('// image:0 is onnx::image in the ONNX model.\n');
    expect(text).toContain(
      '// 1 nodes have other names than in the ONNX model: see nameMapping in manifest.json.\n',
    );
    expect(readGo(text).directory).toBe(join(output, 'keras'));
    const { stdout } = await tk(['inspect', join(output, 'keras'), '--json']);
    const report = JSON.parse(stdout);
    expect(report.nameMapping).toEqual([{ onnx: 'onnx::image', tensorflow: 'image' }]);
    expect(report.metaGraphs[0].signatures[0].inputs[0]).toMatchObject({
      key: 'image',
      onnxName: 'onnx::image',
    });
    expect(dirname(report.file)).toBe(join(output, 'keras'));
  });
});

/** A manifest of the fixture as a conversion would have written it. */
function manifest(): object {
  const tensor = (onnxName: string, key: string, shape: (number | string)[]) => ({
    ...{ onnxName, signatureKey: key, tensorName: `${key}:0`, dtype: 'float32', shape },
  });
  return {
    schemaVersion: 1,
    tool: { name: 'tk', version: '0.1.0' },
    createdAt: '2026-01-01T00:00:00.000Z',
    source: { kind: 'onnx', name: 'model.onnx', sha256: null, weights: null, dropped: [], missing: [] },
    imports: [],
    checkedBy: 'native',
    cacheKey: '',
    engine: { name: 'native', requested: 'auto', reason: null },
    options: {},
    opset: 17,
    versions: {},
    inputs: [tensor('onnx::image', 'image', ['N', 3, 4, 4])],
    outputs: [tensor('feat', 'feat', ['N', 3])],
    nameMapping: [{ onnx: 'onnx::image', tensorflow: 'image' }],
    folded: [],
    profile: null,
    tolerances: null,
    files: {},
    timings: {},
  };
}
