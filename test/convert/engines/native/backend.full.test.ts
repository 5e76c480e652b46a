import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { backendTests, runBackendTests } from './backend.ts';

const root = fileURLToPath(new URL('../../../..', import.meta.url));

describe.skipIf(backendTests(root) === undefined)('all of ONNX’s backend tests (need .venv)', () => {
  test('are right or refused, never wrong, and no fewer pass than docs/coverage.md says', async () => {
    const verdicts = await runBackendTests(root, () => true);
    expect(verdicts.filter(({ verdict }) => verdict === 'wrong' || verdict === 'error')).toEqual([]);
    expect(verdicts.filter(({ verdict }) => verdict === 'pass').length).toBeGreaterThanOrEqual(1133);
  }, 1_200_000);
});
