// The models of a run: converted into the cache where they are missing, let through the parity gate, then opened.

import { existsSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { ConvertResult } from '../convert/convert.ts';
import type { ConvertOptions } from '../convert/plan.ts';
import type { ConvertEvent } from '../convert/stage-clock.ts';
import { badInput, checkFailed, TkError } from '../errors.ts';
import { hashFile, sha256 } from '../formats/hash.ts';
import { outputPaths } from '../formats/output/layout.ts';
import type { Manifest } from '../formats/output/manifest.ts';
import { isOutdated } from '../formats/output/outdated.ts';
import type { ParityRecord } from '../formats/output/parity.ts';
import { type ModelPlace, ownPlace, sharedPlaces } from '../runtime/host/place.ts';
import type { ModelRunner } from '../runtime/runner.ts';
import { shellWord } from '../terminal/shell.ts';
import { VERSION } from '../version.ts';
import { batching } from './batching.ts';
import { cacheFolder } from './cache-folder.ts';
import type { DetectorRole } from './detect/detect.ts';
import type { DetectorNetwork } from './detect/profiles.ts';

export type ModelRole = DetectorRole | 'embedder';

/** The open models: the embedder, and those of the detector that is used. */
export type Runners = Partial<Record<DetectorRole, ModelRunner>> & { embedder: ModelRunner };

/** A model that passed the gate. */
export interface VerifiedModel {
  role: ModelRole;
  /** The source that it was converted from, e.g. `mtcnn-pnet`. */
  name: string;
  folder: string;
  manifest: Manifest;
  parity: ParityRecord;
  /** SHA-256 over the hashes of the model's files: the same bytes, the same hash. */
  sha256: string;
}

/** What recognition needs from outside; tests put others in. */
export interface ModelDependencies {
  convert: (options: ConvertOptions) => Promise<ConvertResult>;
  requireParity: (root: string) => Promise<{ manifest: Manifest; record: ParityRecord }>;
  openSavedModel: (folder: string, options: { place: ModelPlace }) => Promise<ModelRunner>;
  openOnnx: (file: string, options: { place: ModelPlace }) => Promise<ModelRunner>;
}

export interface ModelChoice {
  /** A MagFace iResNet-100 checkpoint; without it and `embedder` dlib's network. */
  weights?: string | undefined;
  /** An output directory of `tk convert`. */
  embedder?: string | undefined;
  /** A folder with the output directories of the detector's networks (`mtcnn-pnet`, …); else they are made in the cache. */
  detectorModels?: string | undefined;
  /** A checkpoint for the detector, where no package carries its weights. */
  detectorWeights?: string | undefined;
  signal?: AbortSignal | undefined;
  onConvert?: ((source: string, event: ConvertEvent) => void) | undefined;
}

const BUSY_POLL_MS = 250;
const LARGE_EMBEDDER_BYTES = 48 * 1024 * 1024;

const DETECTORS: Record<DetectorNetwork, [DetectorRole, string][]> = {
  mtcnn: [
    ['pnet', 'mtcnn-pnet'],
    ['rnet', 'mtcnn-rnet'],
    ['onet', 'mtcnn-onet'],
  ],
  retinaface: [['detector', 'retinaface-mobilenet']],
};

/**
 * Brings every model of the run through the gate, and opens none. What the cache lacks is converted first.
 *
 * @param choice.detector whose networks detect; default MTCNN
 * @throws TkError exit 1 where a model's parity failed or its record is void; what `convert` throws
 */
export async function verifyModels(
  choice: ModelChoice & { detector?: { network: DetectorNetwork } | undefined },
  dependencies: Pick<ModelDependencies, 'convert' | 'requireParity'>,
): Promise<VerifiedModel[]> {
  const wanted: { role: ModelRole; folder: string }[] = [];
  for (const { role, ...model } of chosenModels(choice)) {
    const folder = 'folder' in model ? model.folder : await converted(model, choice, dependencies);
    wanted.push({ role, folder });
  }
  const models: VerifiedModel[] = [];
  for (const { role, folder } of wanted) {
    const { manifest, record } = await dependencies.requireParity(folder);
    refuseRandom(folder, manifest);
    models.push({
      role,
      name: manifest.source.name,
      folder,
      manifest,
      parity: record,
      sha256: sha256(JSON.stringify(Object.entries(manifest.files).sort(([a], [b]) => (a < b ? -1 : 1)))),
    });
  }
  return models;
}

/** A model that draws random numbers gives a face another embedding, or other boxes, every time. */
function refuseRandom(folder: string, { random }: Manifest): void {
  if (!random || random.outputs.length === 0) return;
  throw checkFailed(
    'random-model',
    `${folder} draws random numbers (${random.nodes[0]}): its outputs are others in every run`,
    'export it without its random ops',
  );
}

/**
 * True for an embedder that has use for every core at once, even for a single face. What is smaller runs as fast on one of
 * two cores: dlib-face has 22 MB, MobileFaceNet 4; an iResNet-18, of 92 MB, takes a quarter less on both.
 */
function isLargeEmbedder(role: ModelRole, onnx: string): boolean {
  return role === 'embedder' && (statSync(onnx, { throwIfNoEntry: false })?.size ?? 0) > LARGE_EMBEDDER_BYTES;
}

/**
 * Opens verified models, all in the same kind of runtime: small ones share hosts, a large embedder has its own.
 *
 * @throws TkError exit 3 where the runtime is not there
 */
export async function openModels(
  models: VerifiedModel[],
  runtime: 'tf' | 'onnx',
  { openSavedModel, openOnnx }: Pick<ModelDependencies, 'openSavedModel' | 'openOnnx'>,
): Promise<Runners> {
  const takePlace = sharedPlaces();
  const opening = models.map(async ({ role, folder }) => {
    const paths = outputPaths(folder);
    const options = { place: isLargeEmbedder(role, paths.onnx) ? ownPlace() : takePlace() };
    return [
      role,
      batching(
        await (runtime === 'tf' ? openSavedModel(paths.savedModel, options) : openOnnx(paths.onnx, options)),
      ),
    ] as const;
  });
  const settled = await Promise.allSettled(opening);
  const opened = settled.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  const failure = settled.find((result) => result.status === 'rejected');
  if (failure) {
    await Promise.all(opened.map(([, runner]) => runner.close()));
    throw failure.reason;
  }
  return Object.fromEntries(opened) as unknown as Runners;
}

/** An output directory, or what is converted into the cache. */
type ModelSource = { folder: string } | { source: string; weights?: string | undefined };

/**
 * The models that a choice means; nothing is read, converted or opened yet.
 *
 * @throws TkError `usage`, `no-model` or `no-weights` (exit 2)
 */
export function chosenModels(
  choice: ModelChoice & { detector?: { network: DetectorNetwork } | undefined },
): (ModelSource & { role: ModelRole })[] {
  const detectors = DETECTORS[choice.detector?.network ?? 'mtcnn'];
  return [
    ...detectors.map(([role, source]) => ({ role, ...detectorSource(source, choice) })),
    { role: 'embedder', ...embedderSource(choice) },
  ];
}

function detectorSource(
  source: string,
  { detectorModels, detectorWeights: weights }: ModelChoice,
): ModelSource {
  if (detectorModels !== undefined) {
    const isItself = existsSync(outputPaths(detectorModels).manifest);
    return { folder: outputDirectory(isItself ? detectorModels : join(detectorModels, source), source) };
  }
  const packaged = source.startsWith('mtcnn-');
  if (packaged !== (weights === undefined)) {
    throw packaged
      ? badInput('usage', '--detector-weights is for a detector of one network', 'add --detector retinaface')
      : badInput('usage', `no package carries weights for ${source}`, 'add --detector-weights FILE');
  }
  if (weights !== undefined) requireFile(weights);
  return { source, weights };
}

function embedderSource({ embedder, weights }: ModelChoice): ModelSource {
  if (embedder !== undefined) return { folder: outputDirectory(embedder, 'SOURCE') };
  if (weights === undefined) return { source: 'dlib-face' };
  requireFile(weights);
  return { source: 'magface-iresnet100', weights };
}

/** An output directory of the user's. */
function outputDirectory(folder: string, source: string): string {
  if (existsSync(outputPaths(folder).manifest)) return resolve(folder);
  throw badInput(
    'no-model',
    `${folder} is no output directory of tk convert`,
    `convert the model first: tk convert ${source} --out ${source === 'SOURCE' ? 'DIR' : shellWord(folder)}`,
  );
}

/** @throws TkError `no-weights` (exit 2) */
function requireFile(path: string): void {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats?.isFile()) return;
  throw badInput('no-weights', stats ? `${path} is not a file` : `there is no file ${path}`);
}

/** The folder of a built-in's conversion in the cache, converted now if it is not there or of an older tk. */
async function converted(
  { source, weights }: { source: string; weights?: string | undefined },
  { signal, onConvert }: ModelChoice,
  { convert }: Pick<ModelDependencies, 'convert'>,
): Promise<string> {
  const suffix = weights === undefined ? '' : `-${(await hashFile(weights)).sha256.slice(0, 16)}`;
  const out = join(cacheFolder(), 'models', VERSION, `${source}${suffix}`);
  if (isOutdated(out)) {
    const message = `${source} in the cache is of an older tk: it is converted again`;
    onConvert?.(source, { type: 'notice', message });
  }
  while (!existsSync(outputPaths(out).manifest) || isOutdated(out)) {
    signal?.throwIfAborted();
    try {
      await convert({ source, weights, out, signal, onEvent: (event) => onConvert?.(source, event) });
    } catch (error) {
      // Another recognition is making the same model: it is waited for. Should it die, its lock is taken over here.
      if (!(error instanceof TkError) || error.code !== 'output-busy') throw error;
      await setTimeout(BUSY_POLL_MS, undefined, { signal });
    }
  }
  return out;
}
