import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { backendTests } from './backend.ts';
import { runCases } from './cases.ts';

const root = fileURLToPath(new URL('../../../..', import.meta.url));

describe.skipIf(backendTests(root) === undefined)('random single nodes (need .venv)', () => {
  test('at old and new versions, of random attributes, shapes and dtypes, are right or refused, never wrong', async () => {
    const verdicts = await runCases(root, 'sweep_cases', ['2', '940']);
    expect(verdicts.filter(({ verdict }) => verdict === 'wrong' || verdict === 'error')).toEqual([]);
    expect(verdicts.length).toBeGreaterThan(900);
    expect(verdicts.filter(({ verdict }) => verdict === 'pass').length / verdicts.length).toBeGreaterThan(
      0.95,
    );
  }, 1_200_000);
});
