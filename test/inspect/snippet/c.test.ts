// The printed C client compiles without a warning and computes what TensorFlow computes.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { repoRoot } from '../../support/shared.ts';
import { compileC, type MadeModel, makeModels, run, snippetOf } from './support.ts';

const scratch = mkdtempSync(join(tmpdir(), 'tk-c-'));
let models: Record<string, MadeModel> = {};

beforeAll(() => {
  models = makeModels(join(scratch, 'models'));
});

afterAll(() => rmSync(scratch, { recursive: true, force: true }));

/** The printed lines of a compiled client. */
async function printedBy(directory: string, name: string): Promise<string[]> {
  const folder = join(scratch, name);
  mkdirSync(folder, { recursive: true });
  const program = compileC(await snippetOf('c', '--dir', directory), folder);
  return run(program, []).split('\n').slice(0, -1);
}

/** A value of Python's as the client prints it. */
function printed(value: string, key: string): string {
  if (key === 'half') return value === '1.0' ? '0x3c00' : value;
  const complex = /^\(([-\d.]+)([+-][\d.]+)j\)$/.exec(value);
  if (complex) return `(${Number(complex[1])}, ${Number(complex[2])})`;
  if (value === 'True' || value === 'False') return value.toLowerCase();
  return value;
}

/** The line for an output: key, shape, the first eight values. */
function expectedLine(key: string, { shape, values }: MadeModel['outputs'][string]): string {
  const texts = ['joined', 's_out'].includes(key);
  const shown = values.slice(0, 8).map((value) => ` ${texts ? `"${value}"` : printed(value, key)}`);
  return `${key} (${shape.join(', ')}):${shown.join('')}${values.length > 8 ? ' ...' : ''}`;
}

/** Numbers by value: C and Python write floats differently. */
function comparable(line: string): string {
  return line.replace(/-?\d+\.\d+(?:e[+-]?\d+)?|-?\d+e[+-]?\d+|(?<=: ?.*)-?\d{1,10}\b(?!\d)/g, (text) =>
    String(Math.fround(Number(text))),
  );
}

describe('the C client', () => {
  it.each([
    ['several values of a batch and a scalar', 'floats'],
    ['several inputs, two tags, every printed type, 64-bit integers to the last digit', 'several'],
    ['texts short and long', 'texts'],
    ['scalars, and two keys of one tensor', 'scalars'],
    ['no inputs, empty and long outputs', 'sources'],
    ['keys, tags and a directory full of what C gives a meaning to', 'dir "é" $x'],
    ['a sparse input', 'sparse'],
  ])('computes what TensorFlow computes: %s', async (_, name) => {
    const lines = await printedBy(join(scratch, 'models', name), name.replace(/\W/g, '_'));
    const expected = Object.entries(models[name]?.outputs ?? {}).map(([key, value]) =>
      expectedLine(key, value),
    );
    expect(lines.map(comparable)).toEqual(expected.map(comparable).sort());
  });

  it('runs on an export of TensorFlow 2', async () => {
    const [line] = await printedBy(join(repoRoot, 'fixtures/inputs_logits'), 'tensorflow2');
    expect(line).toMatch(/^logits \(1, 10\):( -?[\d.e-]+){8} \.\.\.$/);
  });

  it('fails with the reason where the model is gone', async () => {
    const text = await snippetOf('c', '--dir', join(scratch, 'models/floats'));
    const program = compileC(text.replace('/models/floats"', '/models/gone"'), scratch);
    expect(() => run(program, [])).toThrow(/load: Could not find SavedModel/);
  });
});
