// Every .onnx of the shared data through the real bin, gate and all; those that are refused, each with its words.
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { readManifest } from '../../src/formats/output/manifest.ts';
import { readParity } from '../../src/formats/output/parity.ts';
import { tk } from '../support/cli.ts';
import { hasShared, sharedData } from '../support/shared.ts';

/** Exit code and words of the files that are no sound models, or that no gate can pass (docs/verify.md says why). */
const REFUSED: Record<string, [number, string]> = {
  'light/light_squeezenet.onnx': [
    1,
    'softmaxout_1 of tfjs-node differs from onnxruntime-node by up to 0.00100;',
  ],
  'polygraphy/bad_graph_with_dup_value_info.onnx': [2, ': two inputs are called "inp"\n'],
  'polygraphy/bad_graph_with_parallel_invalid_nodes.onnx': [
    2,
    "is no valid ONNX model: Field 'shape' of 'type' is required but missing. (the native engine had refused: ",
  ],
  'polygraphy/empty_tensor_expand.onnx': [
    2,
    "while running Expand node. Name:'' Status Message: invalid expand shape\n",
  ],
  'polygraphy/ext_weights.onnx': [2, ': tensor "a": its data file ext_weights.data does not exist\n'],
};

const models = sharedData('onnx');
const names = hasShared
  ? readdirSync(models, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.onnx'))
      .sort()
  : [];

// As many at a time as the machines that run this have cores.
vi.setConfig({ maxConcurrency: 2 });

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tk-shared-onnx-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const outputOf = (name: string) => join(folder, name.replaceAll(/[^\w.-]/g, '_'));

describe.skipIf(!hasShared)(
  'an .onnx file (needs shared/data)',
  { concurrent: true, timeout: 600_000 },
  () => {
    it.each(names.filter((name) => !(name in REFUSED)))('%s is converted and passes', async (name) => {
      const out = outputOf(name);
      const { exitCode, stderr } = await tk(['convert', join(models, name), '--out', out]);
      expect(stderr).toContain('parity passed');
      expect(exitCode).toBe(0);
      expect(readManifest(out).engine).toEqual({ name: 'native', requested: 'auto', reason: null });
      const parity = readParity(out);
      expect('record' in parity && parity.record.verdict).toBe('passed');
    });

    it.each(Object.entries(REFUSED))('%s is refused: %s', async (name, [exit, words]) => {
      expect(names).toContain(name);
      const { exitCode, stderr } = await tk(['convert', join(models, name), '--out', outputOf(name)]);
      expect(stderr).toContain(words);
      expect(exitCode).toBe(exit);
    });
  },
);
