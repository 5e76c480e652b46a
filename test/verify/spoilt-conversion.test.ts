// A real conversion of the native engine, spoilt in its variables with right checksums: only the numbers are wrong.
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { convert } from '../../src/convert/convert.ts';
import { readBundleIndex, readBundleTensor } from '../../src/formats/tensorbundle/reader.ts';
import { createBundle } from '../../src/formats/tensorbundle/writer.ts';
import { tk } from '../support/cli.ts';
import { repoRoot } from '../support/shared.ts';

/** MTCNN's RNet, converted once into a cache of the checkout. */
const output = join(repoRoot, '.tk', 'test-cache', 'verify-rnet');
let work: string;

beforeAll(async () => {
  await convert({ source: 'mtcnn-rnet', engine: 'native', out: output });
  work = mkdtempSync(join(tmpdir(), 'tk-spoilt-'));
}, 180_000);
afterAll(() => rmSync(work, { recursive: true, force: true }));

type Edit = (name: string, values: Float32Array, shape: number[]) => void;

/** A copy of the SavedModel with its variables rewritten. */
function spoil(title: string, edit: Edit): string {
  const from = join(output, 'keras');
  const to = join(work, title.replaceAll(/\W/g, '-'));
  cpSync(from, to, { recursive: true, filter: (path) => !/variables\.(data|index)/.test(path) });
  const prefix = join(from, 'variables', 'variables');
  const { shards, entries } = readBundleIndex(prefix);
  const bundle = createBundle(join(to, 'variables', 'variables'));
  try {
    for (const entry of entries) {
      const bytes = readBundleTensor(prefix, shards, entry);
      const values = new Float32Array(new Uint8Array(bytes).buffer);
      edit(entry.name, values, entry.shape);
      bundle.add(entry.name, 'float32', entry.shape, [new Uint8Array(values.buffer)]);
    }
    bundle.finish();
  } finally {
    bundle.close();
  }
  return to;
}

const only =
  (wanted: string, edit: (values: Float32Array, shape: number[]) => void): Edit =>
  (name, values, shape) => {
    if (name === wanted) edit(values, shape);
  };

const verifyWith = (savedModel: string) =>
  tk(['verify', '--onnx', join(output, 'model.onnx'), '--saved-model', savedModel]);

describe('a spoilt conversion of RNet', () => {
  it('rewritten without a change passes', async () => {
    expect((await verifyWith(spoil('unchanged', () => undefined))).exitCode).toBe(0);
  });

  it.each<[string, Edit]>([
    ['a whole convolution grown by 1 %', only('conv2.weight', (values) => scale(values, 1.01))],
    ['two output channels swapped', only('conv3.weight', (values, shape) => swapLast(values, shape, 3, 4))],
    ['a bias dropped', only('conv2.bias', (values) => values.fill(0))],
    ['an axis transposed', only('conv2.weight', transposeKernel)],
  ])('with %s fails with exit 1 and names the worst element', async (title, edit) => {
    const { exitCode, stdout } = await verifyWith(spoil(title, edit));
    expect(exitCode).toBe(1);
    expect(stdout).toMatch(/\nFAILED (boxes|probabilities), TF ~ ONNX/);
    expect(stdout).toMatch(/\n {2}worst at \[0, \d\]: -?\d\S+, expected -?\d\S+\n/);
  });
});

function scale(values: Float32Array, factor: number): void {
  values.forEach((value, i) => {
    values[i] = value * factor;
  });
}

/** Swaps two places of the last axis, a convolution's output channels. */
function swapLast(values: Float32Array, shape: number[], a: number, b: number): void {
  const last = shape.at(-1)!;
  for (let row = 0; row < values.length; row += last) {
    const kept = values[row + a]!;
    values[row + a] = values[row + b]!;
    values[row + b] = kept;
  }
}

/** Swaps a square kernel's height and width. */
function transposeKernel(values: Float32Array, [height, width, inputs, outputs]: number[]): void {
  const before = values.slice();
  const cell = inputs! * outputs!;
  for (let y = 0; y < height!; y++) {
    for (let x = 0; x < width!; x++) {
      const from = (x * width! + y) * cell;
      values.set(before.subarray(from, from + cell), (y * width! + x) * cell);
    }
  }
}
