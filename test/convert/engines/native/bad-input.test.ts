import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { nativeEngine } from '../../../../src/convert/engines/native/engine.ts';
import { TkError } from '../../../../src/errors.ts';
import { backendTests } from './backend.ts';
import { INT64, type ModelSpec, writeModel } from './onnx-file.ts';

const root = fileURLToPath(new URL('../../../..', import.meta.url));
const data = backendTests(root);

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tk-bad-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const convert = (onnxPath: string, savedModelDir: string) =>
  nativeEngine.convert({
    onnxPath,
    savedModelDir,
    inputLayout: 'nchw',
    optimize: 'default',
    freeze: false,
    dtype: 'float32',
    allowRandom: false,
    signal: new AbortController().signal,
    onProgress: () => {},
  });

/** Converts bytes; what fails must be one line, with nothing left behind. */
async function attempt(bytes: Buffer, label: string): Promise<'converted' | 'refused'> {
  const [path, out] = [join(folder, 'damaged.onnx'), join(folder, 'damaged')];
  writeFileSync(path, bytes);
  try {
    await convert(path, out);
    rmSync(out, { recursive: true });
    return 'converted';
  } catch (error) {
    expect(error, `${label}: ${(error as Error).stack}`).toBeInstanceOf(TkError);
    expect((error as TkError).message, label).not.toMatch(/\n|make no sense/);
    expect([2, 4], label).toContain((error as TkError).exitCode);
    expect(existsSync(out), label).toBe(false);
    return 'refused';
  }
}

/** Models with control flow, functions, sequences and every kind of attribute. */
function samples(): string[] {
  const scripts = [
    ['control_flow', []],
    ['sweep_cases', ['5', '94']],
  ] as const;
  return scripts.flatMap(([script, args]) => {
    const made = join(folder, script);
    if (!existsSync(made)) {
      const path = join(root, 'test/convert/engines/native/cases', `${script}.py`);
      execFileSync(join(root, '.venv/bin/python'), [path, made, ...args], { stdio: 'ignore' });
    }
    return readdirSync(made)
      .sort()
      .map((name) => join(made, name, 'model.onnx'));
  });
}

describe.skipIf(data === undefined)('damaged ONNX files (need .venv)', () => {
  test('cut off after any byte are one error, or what is left converts', async () => {
    const model = samples().find((path) => path.includes('function_with_graphs'))!;
    const bytes = readFileSync(model);
    let refused = 0;
    for (let length = 0; length < bytes.length; length++) {
      if ((await attempt(bytes.subarray(0, length), `${length} bytes`)) === 'refused') refused++;
    }
    expect(refused).toBeGreaterThan(bytes.length * 0.9);
  });

  test('with bits flipped (seed 42) are one error, or convert', async () => {
    let state = 42;
    const random = (below: number) => {
      state = (state * 1103515245 + 12345) % 2147483648;
      return state % below;
    };
    let refused = 0;
    const models = samples();
    for (let round = 0; round < 1000; round++) {
      const model = models[round % models.length]!;
      const bytes = readFileSync(model);
      for (let flips = 1 + random(3); flips > 0; flips--) bytes[random(bytes.length)]! ^= 1 << random(8);
      if ((await attempt(bytes, `round ${round}: ${model}`)) === 'refused') refused++;
    }
    expect(refused).toBeGreaterThan(300);
  });

  test('with a number where its field has one value, in the form of a list, are one error', async () => {
    // ir_version (field 1) first as a varint, then as bytes.
    const bytes = Buffer.concat([Buffer.from([0x08, 0x08, 0x0a, 0x01, 0x08]), readFileSync(samples()[0]!)]);
    expect(await attempt(bytes, 'ir_version')).toBe('refused');
  });

  test('with a size beyond any tensor are one error, which names it', async () => {
    const path = writeModel(root, join(folder, 'vast.onnx'), {
      nodes: [relu('x', 'y')],
      inputs: [{ name: 'x', dims: ['N', 2 ** 62] }],
      outputs: [{ name: 'y', dims: [] }],
    });
    await expect(convert(path, join(folder, 'vast'))).rejects.toMatchObject({
      code: 'onnx-unreadable',
      exitCode: 2,
      message: `${path}: x has a dimension of 4611686018427388000, more than any tensor`,
    });
  });

  test('that reshape 40 elements to 2 × 3 × ? convert: what never runs may do so', async () => {
    const path = writeModel(root, join(folder, 'uneven.onnx'), {
      nodes: [
        { opType: 'Reshape', inputs: ['x', 'to'], outputs: ['y'] },
        { opType: 'Shape', inputs: ['y'], outputs: ['size'] },
      ],
      inputs: [{ name: 'x', dims: [2, 4, 5] }],
      outputs: [{ name: 'size', dims: [3], elemType: INT64 }],
      initializers: [{ name: 'to', dataType: INT64, dims: [3], int64Data: [2, 3, -1] }],
    });
    const { outputs } = await convert(path, join(folder, 'uneven'));
    expect(outputs.map(({ onnxName, shape }) => [onnxName, shape])).toEqual([['size', [3]]]);
  });
});

const relu = (input: string, output: string, name?: string) => ({
  opType: 'Relu',
  inputs: [input],
  outputs: [output],
  ...(name && { name }),
});

interface Broken {
  /** The backend test that was broken. */
  test: string;
  what: string;
  /** What onnx.checker says; null where the model is still valid. */
  checker: string | null;
}

describe.skipIf(data === undefined)(
  'ONNX’s node tests, one thing broken in each (seed 7, need .venv)',
  () => {
    test('where onnx.checker refuses one, so does the engine, and writes nothing', async () => {
      const made = join(folder, 'broken');
      const script = join(root, 'test/convert/engines/native/cases/invalid_models.py');
      execFileSync(join(root, '.venv/bin/python'), [script, made, '7', '400'], { stdio: 'ignore' });
      const verdicts = JSON.parse(readFileSync(join(made, 'verdicts.json'), 'utf8')) as Record<
        string,
        Broken
      >;
      const invalid = Object.entries(verdicts).filter(([, { checker }]) => checker !== null);
      expect(invalid.length).toBeGreaterThan(300);
      const passed: string[] = [];
      for (const [file, { test: name, what, checker }] of invalid) {
        // onnxruntime has this operator in every set, and so does the engine.
        if (checker!.startsWith('No Op registered for LayerNormalization')) continue;
        const label = `${name}: ${what}: ${checker}`;
        if ((await attempt(readFileSync(join(made, file)), label)) === 'converted') passed.push(label);
      }
      expect(passed).toEqual([]);
    });

    // The other way round too: what the checker takes is not called invalid, unless the file declares another shape or type
    // than its nodes make, which the checker does not follow through functions.
    test('what onnx.checker takes is not called invalid', async () => {
      const made = join(folder, 'broken');
      const verdicts = JSON.parse(readFileSync(join(made, 'verdicts.json'), 'utf8')) as Record<
        string,
        Broken
      >;
      const called: string[] = [];
      for (const [file, { test: name, what, checker }] of Object.entries(verdicts)) {
        if (checker !== null) continue;
        const out = join(folder, 'valid');
        const error = await convert(join(made, file), out).catch((reason: TkError) => reason);
        rmSync(out, { recursive: true, force: true });
        if (error instanceof TkError && error.exitCode === 2 && !error.message.includes('the file declares'))
          called.push(`${name}: ${what}: ${error.message}`);
      }
      expect(called.filter((each) => !/^test_layer_normalization.*attribute "flavour"/.test(each))).toEqual(
        [],
      );
    });
  },
);

/** Broken graphs, and what is said of each. */
const BROKEN: Record<string, { spec: ModelSpec; says: RegExp }> = {
  cycle: {
    spec: { nodes: [{ opType: 'Add', inputs: ['x', 'b'], outputs: ['a'] }, relu('a', 'b'), relu('b', 'y')] },
    says: /the graph has a cycle: (Add "a" → Relu "b" → Add "a"|Relu "b" → Add "a" → Relu "b")/,
  },
  'missing input': {
    spec: { nodes: [relu('gone', 'y', 'r')] },
    says: /Relu "r" reads "gone", which nothing makes/,
  },
  'output twice': {
    spec: { nodes: [relu('x', 'y', 'first'), relu('x', 'y', 'second')] },
    says: /Relu "second" makes "y", which is made already/,
  },
  'no nodes': { spec: { nodes: [] }, says: /the graph has no nodes/ },
  'no outputs': { spec: { nodes: [relu('x', 'y')], outputs: [] }, says: /the graph has no outputs/ },
  'output that nothing makes': {
    spec: { nodes: [relu('x', 'z')] },
    says: /output "y" is made by no node/,
  },
  'unlike types': {
    spec: {
      inputs: [
        { name: 'x', dims: [2] },
        { name: 'i', dims: [2], elemType: 7 },
      ],
      nodes: [{ opType: 'Add', inputs: ['x', 'i'], outputs: ['y'], name: 'sum' }],
    },
    says: /Add sum: its inputs have types float32 and int64/,
  },
  'unlike shapes': {
    spec: {
      inputs: [
        { name: 'x', dims: ['N', 3] },
        { name: 'w', dims: [4, 2] },
      ],
      nodes: [{ opType: 'MatMul', inputs: ['x', 'w'], outputs: ['y'], name: 'm' }],
    },
    says: /MatMul m: a product over 3 and 4 elements/,
  },
  'too few inputs': {
    spec: { nodes: [{ opType: 'Gemm', inputs: ['x'], outputs: ['y'], name: 'g' }] },
    says: /Gemm "g": its input 1 \(B\) is missing/,
  },
  'axis outside': {
    spec: {
      nodes: [
        {
          opType: 'Softmax',
          inputs: ['x'],
          outputs: ['y'],
          name: 's',
          attributes: [{ name: 'axis', type: 2, i: 5 }],
        },
      ],
    },
    says: /Softmax s: axis 5 is outside of rank 2/,
  },
  'op of another domain': {
    spec: {
      nodes: [{ opType: 'Scaler', domain: 'com.example', inputs: ['x'], outputs: ['y'], name: 'scale' }],
    },
    says: /com\.example\.Scaler scale: the engine does not know this op of domain com\.example/,
  },
};

describe.skipIf(data === undefined)('invalid graphs (need .venv)', () => {
  test.each(Object.keys(BROKEN))('%s: node and reason are named, and nothing is written', async (name) => {
    const { spec, says } = BROKEN[name]!;
    const path = writeModel(root, join(folder, `${name}.onnx`), spec);
    const out = join(folder, name);
    await expect(convert(path, out)).rejects.toThrow(says);
    await expect(convert(path, out)).rejects.toBeInstanceOf(TkError);
    expect(existsSync(out)).toBe(false);
  });
});
