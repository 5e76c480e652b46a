import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { backendTests } from './backend.ts';
import { runCases } from './cases.ts';

const root = fileURLToPath(new URL('../../../..', import.meta.url));

/** Exports that torch 2.13's exporters refuse themselves: an operator without a symbol, a length taken as fixed. */
const NOT_EXPORTED = ['whisper-torchscript', 'recurrent-dynamo'];

describe.skipIf(backendTests(root) === undefined)('whole networks (need .venv)', () => {
  test('from both of torch’s exporters give what onnxruntime gives, also at sizes that were not exported', async () => {
    const verdicts = await runCases(root, 'networks');
    expect(verdicts.filter(({ verdict }) => verdict !== 'pass')).toEqual([]);
    expect(verdicts.map(({ name }) => name)).not.toEqual(expect.arrayContaining(NOT_EXPORTED));
    expect(verdicts.length).toBe(28);
  }, 1_200_000);

  test('quantised, and rewritten by onnxruntime’s optimisers, give what onnxruntime gives', async () => {
    const verdicts = await runCases(root, 'derived');
    expect(verdicts.filter(({ verdict }) => verdict !== 'pass')).toEqual([]);
    expect(verdicts.length).toBe(10);
  }, 1_200_000);
});
