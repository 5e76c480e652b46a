import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { backendTests, runTests } from './backend.ts';
import { makeCases } from './cases.ts';

const root = fileURLToPath(new URL('../../../..', import.meta.url));
const SUITE = 'zoo_cases';

/** Networks that torch 2.13's exporters refuse, or write for the sizes of the example alone, and why. */
const NOT_EXPORTED = {
  'costs-torchscript':
    /Exporting the operator 'aten::smooth_l1_loss' to ONNX opset version 17 is not supported/,
  'encoder-torchscript': /The input tensor cannot be reshaped to the requested shape/,
  'normalized-torchscript': /ONNX export of instance_norm training for unknown batch size/,
  'peaks-dynamo': /Error when translating node %remainder/,
  'reduced-dynamo': /Error when translating node %_cdist_forward/,
  'states-dynamo': /inferred a static shape of 5 for dimension inputs\['ids'\]\.shape\[1\]/,
};

/** What the engine does not do as onnxruntime does, or refuses, and why. */
const NOT_CONVERTED = {
  'bag-dynamo': /Slice .*: bounds of unknown number/,
  // Corners by a scale that gives no whole size: the engine follows ONNX's tests (docs/engine.md).
  'cubic-dynamo': /max abs difference/,
  'cubic-torchscript': /max abs difference/,
};

describe.skipIf(backendTests(root) === undefined)('small networks of many families (need .venv)', () => {
  let folder: string;
  let names: string[];
  const file = (name: string, what: string) => join(folder, SUITE, name, what);

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'tk-zoo-'));
    makeCases(root, folder, SUITE);
    names = readdirSync(join(folder, SUITE));
  }, 1_200_000);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test('come from both of torch’s exporters, but for those that an exporter refuses', () => {
    const refused = names.filter((name) => !existsSync(file(name, 'model.onnx')));
    expect(refused.sort()).toEqual(Object.keys(NOT_EXPORTED));
    for (const [name, reason] of Object.entries(NOT_EXPORTED))
      expect(readFileSync(file(name, 'not-exported.txt'), 'utf8')).toMatch(reason);
  });

  test('give what onnxruntime gives, also at sizes that were not exported', async () => {
    const verdicts = await runTests(root, folder, [SUITE]);
    const failed = verdicts.filter(({ verdict }) => verdict !== 'pass');
    expect(failed.map(({ name, reason }) => `${name}: ${reason}`)).toEqual(
      Object.entries(NOT_CONVERTED).map(([name, reason]) =>
        expect.stringMatching(new RegExp(`^${SUITE}/${name}: .*${reason.source}`, 's')),
      ),
    );
    expect(verdicts.length).toBe(names.length - Object.keys(NOT_EXPORTED).length);
  }, 1_200_000);
});
