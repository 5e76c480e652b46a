// Every tensor of an ONNX model keeps its name and its values, whichever rewrites run: compared one by one with
// onnxruntime's.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { EngineRequest, EngineResult } from '../../../../src/convert/engines/engine.ts';
import { PASSES } from '../../../../src/convert/engines/native/passes/index.ts';
import { repoRoot } from '../../../support/shared.ts';
import { tensorsOf } from '../../tensors.ts';
import { block, convert, network, tokens, wide } from './network.ts';
import { onnxProto, writeModel } from './onnx-file.ts';

const python = join(repoRoot, '.venv/bin/python');
const ready = onnxProto(repoRoot) !== undefined && existsSync(python);

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tk-tensors-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Compared {
  missing: string[];
  compared: number;
  /** The tensor that differs most, and by how much of its own size. */
  worst: [string, number];
}

type Variants = Record<string, Partial<EngineRequest>>;

interface Converted {
  onnx: string;
  models: Record<string, EngineResult & { path: string }>;
}

/** Converts a model once by each of the options; each tensor is a node's or listed as folded. */
async function convertAll(onnx: string, variants: Variants): Promise<Converted> {
  const models: Converted['models'] = {};
  const place = mkdtempSync(join(folder, 'variants-'));
  for (const [name, options] of Object.entries(variants)) {
    const path = join(place, name);
    const result = await convert(onnx, path, options);
    models[name] = { path, ...result };
    const { values, kept, folded } = tensorsOf(onnx, path, result);
    expect([...kept, ...folded].sort(), name).toEqual(values.sort());
  }
  return { onnx, models };
}

/** Compares every tensor of every SavedModel, in one process, and gives the reports by the models' names. */
function compareAll(converted: Converted[]): Record<string, Compared>[] {
  const stdout = execFileSync(python, [join(import.meta.dirname, 'tensors_oracle.py')], {
    input: JSON.stringify(converted),
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  const reports = JSON.parse(String(stdout).trim().split('\n').at(-1)!) as Record<string, Compared>[];
  for (const report of reports) {
    for (const [name, { missing, worst }] of Object.entries(report)) {
      expect(missing, name).toEqual([]);
      expect(worst[1], `${name}: ${worst[0]}`).toBeLessThan(1e-5);
    }
  }
  return reports;
}

/** What attention's scale and Gelu's change on their way to the weights. */
const FOLDED_IN_BLOCK = `divided erf fc1 hidden plus q query queryHeads queryTurned scores`.split(' ');

const names = PASSES.map(({ name }) => name);

describe.skipIf(!ready)('every tensor (needs .venv)', () => {
  test('computes the same with all rewrites, with none, and without each of them', async () => {
    const onnx = writeModel(repoRoot, join(folder, 'network.onnx'), network);
    const converted = await convertAll(onnx, {
      default: {},
      none: { optimize: 'none' },
      frozen: { freeze: true },
      ...Object.fromEntries(names.map((name) => [`without ${name}`, { without: [name] }])),
      ...Object.fromEntries(
        names.map((name) => [`only ${name}`, { without: names.filter((other) => other !== name) }]),
      ),
    });
    const [reports] = compareAll([converted]);
    expect(reports!.none!.compared).toBe(network.nodes.length);
    const folded = (name: string) => converted.models[name]!.folded;
    expect(folded('default')).toEqual([{ onnx: 'c1', by: 'fold-affine' }]);
    expect(folded('none')).toEqual([]);
    expect(folded('without fold-affine')).toEqual([]);
  });

  test('of batched products computes the same, flattened or not', async () => {
    const onnx = writeModel(repoRoot, join(folder, 'tokens.onnx'), tokens);
    const variants = { default: {}, none: { optimize: 'none' }, without: { without: ['flatten-products'] } };
    const [reports] = compareAll([await convertAll(onnx, variants as Variants)]);
    for (const each of Object.values(reports!)) expect(each.compared).toBe(tokens.nodes.length);
  });

  test('of a transformer block computes the same, scales and shifts folded or not', async () => {
    const onnx = writeModel(repoRoot, join(folder, 'block.onnx'), block);
    const passes = ['move-scales', 'fold-into-products', 'fold-affine'];
    const converted = await convertAll(onnx, {
      default: {},
      none: { optimize: 'none' },
      ...Object.fromEntries(passes.map((name) => [`without ${name}`, { without: [name] }])),
    });
    const [reports] = compareAll([converted]);
    for (const name of ['none', 'without fold-affine']) {
      expect(reports![name]!.compared, name).toBe(block.nodes.length);
    }
    const folded = (name: string) => converted.models[name]!.folded.map(({ onnx }) => onnx).sort();
    expect(folded('default')).toEqual(FOLDED_IN_BLOCK);
    // Its bias has taken in the shift of the normalisation.
    expect(folded('without move-scales')).toEqual(['q']);
    expect(folded('without fold-affine')).toEqual([]);
  });

  test('of wide convolutions and a large head computes the same, split and turned or not', async () => {
    const onnx = writeModel(repoRoot, join(folder, 'wide.onnx'), wide);
    const variants: Variants = {
      default: {},
      none: { optimize: 'none' },
      'without split': { without: ['split-convolutions'] },
      'without turn': { without: ['turn-products'] },
    };
    const [reports] = compareAll([await convertAll(onnx, variants)]);
    for (const each of Object.values(reports!)) expect(each.compared).toBe(wide.nodes.length);
  });

  test("of torch's exports computes the same", async () => {
    const exports = ['tiny_face', 'two_towers'].map((name) => join(repoRoot, 'fixtures', name, 'model.onnx'));
    const variants: Variants = { default: {}, none: { optimize: 'none' } };
    const reports = compareAll(await Promise.all(exports.map((onnx) => convertAll(onnx, variants))));
    for (const { none } of reports) expect(none!.compared).toBeGreaterThan(3);
  });
});
