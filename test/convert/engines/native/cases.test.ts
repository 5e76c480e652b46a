import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { backendTests } from './backend.ts';
import { runCases } from './cases.ts';

const root = fileURLToPath(new URL('../../../..', import.meta.url));

describe.skipIf(backendTests(root) === undefined)(
  'what onnxruntime gives, the engine gives (needs .venv)',
  () => {
    test('for Loop, Scan, If, sequences and the model’s own functions', async () => {
      const verdicts = await runCases(root, 'control_flow');
      expect(verdicts.filter(({ verdict }) => verdict !== 'pass')).toEqual([]);
      expect(verdicts.length).toBeGreaterThanOrEqual(19);
    });

    test('for random single nodes, or refuses them', async () => {
      const verdicts = await runCases(root, 'sweep_cases', ['1', '94']);
      expect(verdicts.filter(({ verdict }) => verdict === 'wrong' || verdict === 'error')).toEqual([]);
      expect(verdicts.filter(({ verdict }) => verdict === 'pass').length).toBeGreaterThan(80);
    });

    test('for the operators of classical learning (ai.onnx.ml)', async () => {
      const verdicts = await runCases(root, 'ml');
      expect(verdicts.filter(({ verdict }) => verdict !== 'pass')).toEqual([]);
      expect(verdicts.length).toBe(108);
    });

    test('for onnxruntime’s own operators', async () => {
      const verdicts = await runCases(root, 'microsoft');
      expect(verdicts.filter(({ verdict }) => verdict !== 'pass')).toEqual([]);
      expect(verdicts.length).toBeGreaterThanOrEqual(83);
    });
  },
);
