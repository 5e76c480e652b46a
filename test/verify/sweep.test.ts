// `tk verify --all`: many models in one summary, one's fault its own, and on from where it stopped.
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findModels } from '../../src/verify/sweep/find.ts';
import type { SweepReport } from '../../src/verify/sweep/sweep.ts';
import { tk } from '../support/cli.ts';
import { verificationModels } from './support.ts';

let folder: string;

/** A folder with the network in ONNX beside a SavedModel. */
function addModel(name: string, savedModel: string): string {
  const models = verificationModels();
  const place = join(folder, name);
  mkdirSync(place, { recursive: true });
  cpSync(join(models, 'net.onnx'), join(place, 'net.onnx'));
  cpSync(join(models, savedModel), join(place, 'keras'), { recursive: true });
  return place;
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tk-sweep-'));
  addModel('a/good', 'good');
  addModel('b-spoilt', 'bias-dropped');
  const cut = join(addModel('c-cut', 'good'), 'net.onnx');
  writeFileSync(cut, readFileSync(cut).subarray(0, 300));
  mkdirSync(join(folder, 'notes'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function sweep(...args: string[]): Promise<{ exitCode: number; report: SweepReport }> {
  const state = join(folder, 'state.json');
  const { exitCode, stdout } = await tk([
    'verify',
    '--all',
    folder,
    '--batch',
    '1',
    '--state',
    state,
    '--json',
    ...args,
  ]);
  return { exitCode, report: JSON.parse(stdout) as SweepReport };
}
const lines = ({ models }: SweepReport) =>
  models.map(
    ({ model, verdict, cached }) =>
      `${model.slice(folder.length + 1)}: ${verdict}${cached ? ', cached' : ''}`,
  );

describe('a sweep', () => {
  it('finds model directories below a folder, and those that a file lists', () => {
    const found = ['a/good', 'b-spoilt', 'c-cut'].map((name) => join(folder, name));
    expect(findModels([folder])).toEqual(found);
    const list = join(folder, 'list.txt');
    writeFileSync(list, `# two\n${found[2]}\n\n${found[0]}\n`);
    expect(findModels([list, folder])).toEqual([found[2], found[0], found[1]]);
    expect(() => findModels([join(folder, 'notes')])).toThrow('holds no models to verify');
  });

  it('looks below a folder that holds models itself, but not into a SavedModel or what is hidden', () => {
    const outer = mkdtempSync(join(tmpdir(), 'tk-sweep-'));
    for (const place of ['', 'inner', '.hidden']) {
      mkdirSync(join(outer, place), { recursive: true });
      for (const name of ['a.onnx', 'b.onnx']) writeFileSync(join(outer, place, name), '');
    }
    cpSync(join(verificationModels(), 'good'), join(outer, 'keras'), { recursive: true });
    expect(findModels([outer])).toEqual([outer, join(outer, 'inner')]);
    rmSync(outer, { recursive: true });
  });

  it('runs each on its own, ends in one summary and exit 1; a second one does only what failed to run or changed', async () => {
    const first = await sweep();
    expect(first.exitCode).toBe(1);
    expect(lines(first.report)).toEqual(['a/good: passed', 'b-spoilt: failed', 'c-cut: error']);
    expect(first.report).toMatchObject({ passed: 1, failed: 1, errors: 1, verdict: 'failed' });
    expect(first.report.models[1]?.reason).toMatch(/^feat: \d+ of 12 elements beyond/);
    expect(first.report.models[2]?.reason).toMatch(/^onnxruntime-node could not load /);
    const good = join(verificationModels(), 'good');
    rmSync(join(folder, 'b-spoilt/keras'), { recursive: true });
    cpSync(good, join(folder, 'b-spoilt/keras'), { recursive: true });
    const second = await sweep();
    expect(lines(second.report)).toEqual(['a/good: passed, cached', 'b-spoilt: passed', 'c-cut: error']);
    expect(lines((await sweep('--model-timeout', '0.2')).report)).toEqual([
      'a/good: passed, cached',
      'b-spoilt: passed, cached',
      'c-cut: error',
    ]);
  });

  it('ends a model that takes too long, and goes on; other flags are another sweep', async () => {
    const { report } = await sweep('--model-timeout', '0.2', '--seed', '7');
    expect(report.models.map(({ reason }) => reason)).toEqual(
      Array.from({ length: 3 }, () => 'it did not end within 0.2 s'),
    );
  });

  it('prints a table within 80 columns, and what is wrong with each', async () => {
    const { exitCode, stdout } = await tk(['verify', '--all', 'a', '--batch', '1', '--state', 'state.json'], {
      cwd: folder,
    });
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/│ a\/good │ ok │ 1 {8}│ \S+ {2,}│ [\d.]+ s/);
    expect(stdout.trimEnd().split('\n').at(-1)).toBe('PASSED: 1 model');
  });

  it('goes without flags of one model', async () => {
    const { exitCode, stderr } = await tk(['verify', '--all', folder, '--report', 'r.json']);
    expect({ exitCode, stderr }).toEqual({
      exitCode: 2,
      stderr: 'tk: --all goes without --report\n    verify that model alone\n',
    });
  });
});
