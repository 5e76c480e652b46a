// Faults planted at random nodes of real and made-up networks: how many --bisect sees, and names to the node.
//
// The SavedModel is a conversion of the altered ONNX file; it is compared with the true one.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { convert } from '../../../src/convert/convert.ts';
import type { Tensor } from '../../../src/formats/tensor.ts';
import { lookInside } from '../../../src/verify/layers/look.ts';
import { repoRoot } from '../../support/shared.ts';
import { type Draw, mixedNetwork, outputsOf, plant, seededCases, toSavedModel } from './support.ts';

const SEED = Number(process.env.TK_PLANT_SEED ?? 2026);
const DRAWS = { mixed: 34, 'mtcnn-onet': 33, 'dlib-face': 33 } as const;
const TOLERANCES = { atol: 1e-5, rtol: 1e-3 };

let work: string;
beforeAll(() => {
  work = mkdtempSync(join(tmpdir(), 'tk-planted-'));
});
afterAll(() => rmSync(work, { recursive: true, force: true }));

async function networkFile(name: string): Promise<string> {
  if (name === 'mixed') return mixedNetwork();
  const out = join(repoRoot, '.tk', 'test-cache', `planted-${name}`);
  await convert({ source: name, engine: 'native', out });
  return join(out, 'model.onnx');
}

/** A network with what it gives on a few seeded cases. */
interface Sound {
  name: string;
  onnx: string;
  cases: Record<string, Tensor>[];
  outputs: Record<string, Tensor>[];
}

async function soundNetwork(name: string): Promise<Sound> {
  const onnx = await networkFile(name);
  const cases = await seededCases(onnx, [42, 7, 8]);
  return { name, onnx, cases, outputs: await outputsOf(onnx, cases) };
}

/** Bit for bit the same outputs on every case: there is nothing to find. */
async function changesNothing({ cases, outputs }: Sound, altered: string): Promise<boolean> {
  const others = await outputsOf(altered, cases);
  return outputs.every((each, at) =>
    Object.keys(each).every((name) => sameBits(each[name]!, others[at]![name]!)),
  );
}

function sameBits(a: Tensor, b: Tensor): boolean {
  const bytes = ({ data }: Tensor) => Buffer.from((data as Float32Array).buffer);
  return a.shape.join() === b.shape.join() && bytes(a).equals(bytes(b));
}

interface Outcome {
  draw: Draw;
  outcome: 'no change' | 'located' | 'wrong node' | 'not located';
  /** An output is beyond the usual tolerances, which is what fails `tk verify`. */
  gate: boolean;
  told: string;
}

async function judge(sound: Sound, draw: Draw, optimize: 'default' | 'none'): Promise<Outcome> {
  const altered = join(work, sound.name, draw.file);
  if (await changesNothing(sound, altered)) return { draw, outcome: 'no change', gate: false, told: '' };
  const savedModel = join(work, sound.name, `${draw.file}.${optimize}`);
  try {
    await toSavedModel(altered, savedModel, optimize);
    const request = {
      ...{ onnx: sound.onnx, savedModel, manifest: null, tolerances: TOLERANCES },
      ...{ inputs: sound.cases[0]!, label: 'seed 42', folder: join(work, sound.name, 'bisect') },
    };
    const { layers, bisect } = await lookInside(request, true);
    const outputs = Object.keys(sound.outputs[0]!);
    const gate = layers.layers.some(({ onnx, passed }) => outputs.includes(onnx) && !passed);
    const found = bisect!.found;
    if (!found) return { draw, gate, outcome: 'not located', told: JSON.stringify(bisect) };
    const named = found.nodes.map((node) => node.name);
    const exact =
      optimize === 'none' ? named.length === 1 && named[0] === draw.node : named.includes(draw.node);
    return { draw, gate, outcome: exact ? 'located' : 'wrong node', told: named.join(', ') };
  } finally {
    rmSync(savedModel, { recursive: true, force: true });
  }
}

function summary(name: string, outcomes: Outcome[]): string {
  const count = (wanted: (outcome: Outcome) => boolean) => outcomes.filter(wanted).length;
  const left = outcomes.filter(({ outcome }) => outcome === 'no change');
  const missed = outcomes.filter(({ outcome }) => outcome === 'wrong node' || outcome === 'not located');
  return [
    `${name}: ${outcomes.length} faults planted, ${left.length} change no output; of the others ` +
      `${count(({ gate }) => gate)} fail tk verify, ${count(({ outcome }) => outcome === 'located')} are located`,
    ...left.map(({ draw }) => `  left out, changes no output: ${draw.fault} at ${draw.op} ${draw.node}`),
    ...missed.map(
      ({ draw, outcome, told }) => `  ${outcome}: ${draw.fault} at ${draw.op} ${draw.node}; told: ${told}`,
    ),
  ].join('\n');
}

describe('planted faults', () => {
  it.each(Object.entries(DRAWS))(
    'in %s, %d draws, without rewrites: nearly all are located to the node',
    async (name, count) => {
      const sound = await soundNetwork(name);
      const outcomes: Outcome[] = [];
      for (const draw of plant(sound.onnx, join(work, name), SEED, count)) {
        outcomes.push(await judge(sound, draw, 'none'));
      }
      process.stdout.write(`${summary(name, outcomes)}\n`);
      const real = outcomes.filter(({ outcome }) => outcome !== 'no change');
      const located = real.filter(({ outcome }) => outcome === 'located');
      expect(real.length).toBeGreaterThan(count / 2);
      expect(located.length / real.length).toBeGreaterThanOrEqual(0.95);
    },
    900_000,
  );

  it('in the mixed network with every rewrite: the group that is named holds the node', async () => {
    const sound = await soundNetwork('mixed');
    const outcomes: Outcome[] = [];
    for (const draw of plant(sound.onnx, join(work, 'mixed'), SEED + 1, 12)) {
      outcomes.push(await judge(sound, draw, 'default'));
    }
    process.stdout.write(`${summary('mixed, rewritten', outcomes)}\n`);
    const real = outcomes.filter(({ outcome }) => outcome !== 'no change');
    expect(real.filter(({ outcome }) => outcome === 'located').length / real.length).toBeGreaterThanOrEqual(
      0.9,
    );
  }, 600_000);
});
