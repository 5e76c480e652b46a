// Where recognition's networks run: small ones share hosts, a large embedder has every core.
import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { outputPaths } from '../../src/formats/output/layout.ts';
import { type ModelRole, openModels, type VerifiedModel } from '../../src/recognize/models.ts';
import type { ModelPlace } from '../../src/runtime/host/place.ts';
import type { ModelRunner } from '../../src/runtime/runner.ts';

const MEBIBYTE = 1024 * 1024;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tk-places-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

function modelOf(role: ModelRole, bytes: number): VerifiedModel {
  const model = { role, folder: join(folder, role) };
  const { onnx } = outputPaths(model.folder);
  mkdirSync(dirname(onnx), { recursive: true });
  writeFileSync(onnx, '');
  truncateSync(onnx, bytes);
  return model as VerifiedModel;
}

/** The place that each role is given. */
async function placesOf(models: VerifiedModel[]): Promise<Partial<Record<ModelRole, ModelPlace>>> {
  const places: Partial<Record<ModelRole, ModelPlace>> = {};
  const open = async (path: string, { place }: { place: ModelPlace }) => {
    const { role } = models.find((model) => path.startsWith(model.folder))!;
    places[role] = place;
    return { inputs: [], outputs: [], close: place.close } as unknown as ModelRunner;
  };
  const runners = await openModels(models, 'tf', { openSavedModel: open, openOnnx: open });
  await Promise.all(Object.values(runners).map((runner) => runner.close()));
  return places;
}

const shared = Math.min(2, availableParallelism());

it('a small embedder shares its hosts with the detector', async () => {
  const places = await placesOf([modelOf('pnet', 30_000), modelOf('embedder', 22 * MEBIBYTE)]);
  expect(places.pnet?.parallel).toBe(shared);
  expect(places.embedder?.parallel).toBe(shared);
});

it('an embedder of an iResNet-18’s size and more has a host of its own, with the threads that the runtime chooses', async () => {
  const places = await placesOf([modelOf('pnet', 30_000), modelOf('embedder', 92 * MEBIBYTE)]);
  expect(places.pnet?.parallel).toBe(shared);
  expect(places.embedder).toMatchObject({ parallel: 1, threads: 0 });
});

it('a large detector shares hosts all the same: its photos run side by side', async () => {
  const places = await placesOf([modelOf('detector', 92 * MEBIBYTE), modelOf('embedder', 1000)]);
  expect(places.detector?.parallel).toBe(shared);
});
