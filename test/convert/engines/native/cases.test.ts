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
      expect(verdicts.length).toBeGreaterThanOrEqual(20);
    });

    test('for random single nodes, or refuses them', async () => {
      const verdicts = await runCases(root, 'sweep_cases', ['1', '94']);
      expect(verdicts.filter(({ verdict }) => verdict === 'wrong' || verdict === 'error')).toEqual([]);
      expect(verdicts.filter(({ verdict }) => verdict === 'pass').length).toBeGreaterThan(80);
    });

    test('for single nodes as exporters write them', async () => {
      const verdicts = await runCases(root, 'habits');
      expect(verdicts.filter(({ verdict }) => verdict !== 'pass')).toEqual([]);
      expect(verdicts.length).toBe(37);
    });

    test('for the operators of classical learning (ai.onnx.ml)', async () => {
      const verdicts = await runCases(root, 'ml');
      expect(verdicts.filter(({ verdict }) => verdict !== 'pass')).toEqual([]);
      expect(verdicts.length).toBe(108);
    });

    test('for onnxruntime’s own operators', async () => {
      const verdicts = await runCases(root, 'microsoft');
      expect(verdicts.filter(({ verdict }) => verdict !== 'pass')).toEqual([]);
      expect(verdicts.length).toBeGreaterThanOrEqual(124);
    });

    test('and what cannot be exact of them is refused with the node and the reason', async () => {
      const verdicts = await runCases(root, 'microsoft', ['refused']);
      const reasons = verdicts.map(({ name, verdict, reason }) => [
        name.split('/')[1],
        `${verdict}: ${reason}`,
      ]);
      const microsoft = 'refused: com.microsoft';
      expect(Object.fromEntries(reasons)).toEqual({
        groups_with_packed_zeros: `${microsoft}.MatMulNBits o0: groups with packed zero points, which onnxruntime passes over and the specification does not`,
        heads_that_do_not_divide: `${microsoft}.GroupQueryAttention o0: heads of queries that are no multiple of those of keys`,
        scales_by_channel: `${microsoft}.QLinearAdd o0: more than one scale`,
        scores_as_output: `${microsoft}.GroupQueryAttention o0: the scores as an output`,
        softmax_levels: `${microsoft}.QLinearSoftmax o0: the scale 0.003921568859368563, whose inverse is not whole and is rounded down by onnxruntime`,
        unknown_activation: `${microsoft}.FusedGemm o0: activation Gelu`,
        unknown_operator: `${microsoft}.LongformerAttention o0: the engine does not know this op of domain com.microsoft`,
        weights_at_run_time: `${microsoft}.MatMulNBits o0: weights that are computed at run time`,
        weights_of_3_bits: `${microsoft}.MatMulNBits o0: weights of 3 bits`,
      });
    });
  },
);
