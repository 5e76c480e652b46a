import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { backendTests, runBackendTests, scope, testNames } from './backend.ts';

const root = fileURLToPath(new URL('../../../..', import.meta.url));

describe.skipIf(backendTests(root) === undefined)('all of ONNX’s backend tests (need .venv)', () => {
  test('in scope are in the installed wheel', () => {
    expect(testNames(root)).toEqual(expect.arrayContaining(scope(root)));
  });

  test('in scope are right or refused, never wrong, and no fewer pass than docs/coverage.md says', async () => {
    const names = new Set(scope(root));
    const verdicts = await runBackendTests(root, (name) => names.has(name));
    expect(verdicts.filter(({ verdict }) => verdict === 'wrong' || verdict === 'error')).toEqual([]);
    const node = verdicts.filter(({ name }) => name.startsWith('node/'));
    const passed = node.filter(({ verdict }) => verdict === 'pass');
    expect(passed.length / node.length).toBeGreaterThanOrEqual(0.95);
    expect(passed.length).toBeGreaterThanOrEqual(1392);
  }, 1_200_000);
});
