import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { backendTests, runBackendTests } from './backend.ts';

const root = fileURLToPath(new URL('../../../..', import.meta.url));

/** Families that every CNN or MLP export needs: all of their tests, not a sample. */
const CORE =
  /^node\/test_(add|basic_conv|conv_|averagepool_2d|batchnorm_(epsilon|example)$|clip|concat|flatten|gemm|globala|globalm|leakyrelu|matmul_|maxpool_2d|prelu|relu|reshape|sigmoid|softmax_axis|transpose)/;

describe.skipIf(backendTests(root) === undefined)('ONNX’s backend tests (need .venv)', () => {
  test('of the core of a CNN pass, and of the rest a sample is right or refused, never wrong', async () => {
    let count = 0;
    const verdicts = await runBackendTests(
      root,
      (name) => CORE.test(name) || (!name.includes('_expanded') && ++count % 16 === 0),
    );
    expect(verdicts.filter(({ verdict }) => verdict === 'wrong' || verdict === 'error')).toEqual([]);
    const core = verdicts.filter(({ name }) => CORE.test(name));
    expect(core.length).toBeGreaterThan(100);
    expect(core.filter(({ verdict }) => verdict !== 'pass').map(({ name }) => name)).toEqual([]);
    for (const { verdict, reason } of verdicts) if (verdict === 'refused') expect(reason).toMatch(/\S+ .+/);
  });
});
