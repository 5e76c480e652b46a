import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { hasShared, sharedData } from '../../../support/shared.ts';
import { backendTests } from './backend.ts';
import { runCases } from './cases.ts';

const root = fileURLToPath(new URL('../../../..', import.meta.url));

describe.skipIf(!hasShared || backendTests(root) === undefined)(
  'ONNX files of many exporters (needs shared/data and .venv)',
  () => {
    test('that onnxruntime runs all convert and give the same, at two sizes where sizes are open', async () => {
      const verdicts = await runCases(root, 'files', [sharedData('onnx')]);
      expect(verdicts.filter(({ verdict }) => verdict !== 'pass')).toEqual([]);
      expect(verdicts.length).toBeGreaterThanOrEqual(43);
    });
  },
);
