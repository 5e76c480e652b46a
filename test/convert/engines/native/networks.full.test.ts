import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readManifest } from '../../../../src/formats/output/manifest.ts';
import { tk } from '../../../support/cli.ts';
import { backendTests, runTests } from './backend.ts';
import { makeCases, runCases } from './cases.ts';

const root = fileURLToPath(new URL('../../../..', import.meta.url));

/** Exports that torch 2.13's exporters refuse themselves, and why. */
const NOT_EXPORTED = {
  'recurrent-dynamo': /inferred a static shape of 7 for dimension inputs\['x'\]\.shape\[1\]/,
  'whisper-torchscript': /Exporting the operator 'aten::diff' to ONNX opset version 17 is not supported/,
};

describe.skipIf(backendTests(root) === undefined)('whole networks (need .venv)', () => {
  let folder: string;
  let names: string[];
  const file = (name: string, what: string) => join(folder, 'networks', name, what);

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'tk-networks-'));
    makeCases(root, folder, 'networks');
    names = readdirSync(join(folder, 'networks'));
  }, 1_200_000);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test('come from both of torch’s exporters, but for those that an exporter refuses', () => {
    const exported = names.filter((name) => existsSync(file(name, 'model.onnx')));
    expect(exported.length).toBe(28);
    expect(names.filter((name) => !exported.includes(name)).sort()).toEqual(Object.keys(NOT_EXPORTED));
    for (const [name, reason] of Object.entries(NOT_EXPORTED))
      expect(readFileSync(file(name, 'not-exported.txt'), 'utf8')).toMatch(reason);
  });

  test('give what onnxruntime gives, also at sizes that were not exported', async () => {
    const verdicts = await runTests(root, folder, ['networks']);
    expect(verdicts.filter(({ verdict }) => verdict !== 'pass')).toEqual([]);
    expect(verdicts.length).toBe(28);
  }, 1_200_000);

  test('are converted by the command, by the native engine, and pass the gate', async () => {
    const failures: string[] = [];
    for (const name of names.filter((each) => existsSync(file(each, 'model.onnx')))) {
      const out = join(folder, 'out');
      const args = ['convert', file(name, 'model.onnx'), '--engine', 'native', '--out', out];
      const { exitCode, stderr } = await tk(args, { cwd: folder });
      if (exitCode !== 0) failures.push(`${name}: ${stderr}`);
      else expect(readManifest(out).engine).toEqual({ name: 'native', requested: 'native', reason: null });
      rmSync(out, { recursive: true, force: true });
    }
    expect(failures).toEqual([]);
  }, 1_200_000);

  test('quantised, and rewritten by onnxruntime’s optimisers, give what onnxruntime gives', async () => {
    const verdicts = await runCases(root, 'derived');
    expect(verdicts.filter(({ verdict }) => verdict !== 'pass')).toEqual([]);
    expect(verdicts.length).toBe(11);
  }, 1_200_000);
});
