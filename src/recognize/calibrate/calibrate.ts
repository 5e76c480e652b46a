// `calibrate`: the threshold (and α, β) of an embedder from labelled faces, and what they are worth on other people.
import { readFile } from 'node:fs/promises';
import { badInput } from '../../errors.ts';
import { VERSION } from '../../version.ts';
import { type EmbedderProfile, embedderProfile } from '../embed/profiles.ts';
import { type EmbeddingSources, readEmbeddingsGallery } from '../gallery/embeddings.ts';
import { enrolGallery } from '../gallery/enrol.ts';
import { photosOfGallery } from '../gallery/folder.ts';
import { type Gallery, type GallerySkip, nameOfFile } from '../gallery/gallery.ts';
import type { ModelDependencies } from '../models.ts';
import { cacheOf, openPipeline, type PipelineChoice, pipelineOptions } from '../pipeline.ts';
import { type Extreme, type Histogram, scoreHistogram, suspects } from './distribution.ts';
import { type Evaluation, evaluate, impostorCount } from './evaluate.ts';
import { fitProfile, type ProfileFit } from './fit.ts';
import { allPairs, listedPairs, type Pairs, parsePairs } from './pairs.ts';
import { type Sample, samplesOf } from './samples.ts';
import { type Split, splitByIdentity } from './split.ts';

export interface CalibrateOptions extends PipelineChoice {
  /** A folder of `name/photo.jpg`. */
  faces?: string | undefined;
  /** Embeddings that exist, a row a photo (.npy); needs `profile`, and `filenames` or `faces` for the names. */
  embeddings?: string | undefined;
  filenames?: string | undefined;
  /** A list of labelled pairs of photos or rows; default: every pair. */
  pairs?: string | undefined;
  /** Names that take no part, beside those that begin with an underscore. */
  exclude?: string[] | undefined;
  /** Wanted false match rate; default: the smallest power of ten that the fit part can measure. */
  fmr?: number | undefined;
  /** Share of the people on whom is fitted; default 0.5. */
  fitShare?: number | undefined;
  /** Draws of the bootstrap; default 1000. */
  draws?: number | undefined;
  /** Default 42. */
  seed?: number | undefined;
  onEvent?: ((event: CalibrateEvent) => void) | undefined;
}

export type CalibrateEvent =
  | { type: 'verified'; models: string[] }
  | { type: 'enrol'; file: string; done: number; total: number }
  | { type: 'stage'; stage: 'fit' | 'test' };

/** One part of the people. */
export interface Part {
  people: number;
  photos: number;
  genuine: number;
  impostor: number;
}

/** A score and threshold with what they are worth on the test part. */
export interface Candidate {
  name: 'fitted' | 'given' | 'cosine';
  profile: EmbedderProfile;
  test: Evaluation;
}

export interface CalibrationReport {
  schemaVersion: 1;
  tool: { name: 'tk'; version: string };
  /** What the embeddings came from: hashes of the verified models, or the file of embeddings. */
  source: { faces: string | null; embeddings: string | null; pairs: string | null };
  models: { role: string; name: string; sha256: string }[];
  seed: number;
  draws: number;
  people: number;
  photos: number;
  /** Photos that took no part, with the reason. */
  skipped: GallerySkip[];
  /** Listed pairs left out for a photo without an embedding, and pairs of one person of each part. */
  leftOut: { withoutFace: number; acrossParts: number };
  /** How many pairs the compared ones were drawn from, where there were too many; else null. */
  sampledFrom: number | null;
  fit: Part & Omit<ProfileFit, 'profile' | 'cosine'>;
  test: Part;
  /** Names of the people who test, as the photos' folders give them. */
  testPeople: string[];
  /** The fitted profile first. */
  candidates: Candidate[];
  /** Scores of the test part under the fitted profile. */
  histogram: Histogram;
  /** Impostor pairs most alike and genuine pairs least alike: wrong labels show here. */
  suspects: { impostor: Extreme[]; genuine: Extreme[] };
}

const CALIBRATE_DEFAULTS = { seed: 42, draws: 1000, fitShare: 0.5 } as const;

/**
 * Calibrates an embedder on labelled faces: fits on one half of the people and measures on the other.
 *
 * @throws TkError exit 2 for bad options, faces and pairs that cannot be calibrated on; what opening models throws
 */
export async function calibrateWith(
  options: CalibrateOptions,
  dependencies: ModelDependencies,
): Promise<CalibrationReport> {
  const { seed, draws, fitShare } = checkOptions(options);
  const listed =
    options.pairs === undefined ? null : parsePairs(await readText(options.pairs), options.pairs);
  const { gallery, profile, models } = await readGallery(options, dependencies);
  const { samples, skipped } = samplesOf(gallery);
  const without = new Set(skipped.map(({ file }) => file));
  const { pairs, leftOut } = listed
    ? listedPairs(listed, samples, without, options.pairs!)
    : { pairs: allPairs(samples, seed), leftOut: 0 };
  const split = splitByIdentity(pairs, seed, fitShare);
  requireBoth(split);

  options.onEvent?.({ type: 'stage', stage: 'fit' });
  const { profile: fitted, cosine, ...fit } = fitProfile(profile, split.fit, samples, options.fmr);
  options.onEvent?.({ type: 'stage', stage: 'test' });
  const compared: Omit<Candidate, 'test'>[] = [
    { name: 'fitted', profile: fitted },
    { name: 'given', profile },
    ...(cosine ? [{ name: 'cosine' as const, profile: cosine }] : []),
  ];
  const candidates = compared.map((candidate) => ({
    ...candidate,
    test: evaluate(split.test, samples, candidate.profile, { draws, seed }),
  }));
  return {
    schemaVersion: 1,
    tool: { name: 'tk', version: VERSION },
    source: {
      faces: options.faces ?? null,
      embeddings: options.embeddings ?? null,
      pairs: options.pairs ?? null,
    },
    models,
    seed,
    draws,
    people: new Set(pairs.identities).size,
    photos: samples.length,
    skipped,
    leftOut: { withoutFace: leftOut, acrossParts: split.across },
    sampledFrom: pairs.sampledFrom,
    fit: { ...partOf(split.fit), ...fit },
    test: partOf(split.test),
    testPeople: namesOf(split.test, samples),
    candidates,
    histogram: scoreHistogram(split.test, samples, fitted),
    suspects: suspects(pairs, samples, fitted),
  };
}

/** The faces as embeddings: those that exist, or the photos' own, embedded by verified models. */
async function readGallery(
  options: CalibrateOptions,
  dependencies: ModelDependencies,
): Promise<{ gallery: Gallery; profile: EmbedderProfile; models: CalibrationReport['models'] }> {
  if (options.embeddings !== undefined) {
    const profile = await embedderProfile(options.profile!);
    const sources: EmbeddingSources = {
      embeddings: options.embeddings,
      filenames: options.filenames,
      gallery: options.faces,
    };
    const gallery = await readEmbeddingsGallery(sources);
    requireExcluded(
      gallery.entries.map(({ name }) => name),
      options,
    );
    const entries = gallery.entries.filter(({ name }) => isPerson(name, options));
    return { gallery: { ...gallery, entries }, profile, models: [] };
  }
  const files = await photosOfGallery(options.faces!);
  requireExcluded(files.map(nameOfFile), options);
  const taken = files.filter((file) => isPerson(nameOfFile(file) ?? '', options));
  const opened = await openPipeline(await pipelineOptions(options), dependencies);
  try {
    const gallery = await enrolGallery(options.faces!, taken, opened.pipeline, {
      cache: cacheOf(opened),
      signal: options.signal,
      onPhoto: (file, done, total) => options.onEvent?.({ type: 'enrol', file, done, total }),
    });
    const models = opened.models.map(({ role, name, sha256 }) => ({ role, name, sha256 }));
    return { gallery, profile: opened.pipeline.embedder, models };
  } catch (error) {
    options.signal?.throwIfAborted();
    throw error;
  } finally {
    await opened.close();
  }
}

/** Folders such as `_groups` hold photos of nobody in particular. */
function isPerson(name: string, { exclude }: CalibrateOptions): boolean {
  return !name.startsWith('_') && !exclude?.some((left) => sameName(left, name));
}

/** Refuses to leave out somebody who is not there: a mistyped name would be measured with the others. */
function requireExcluded(names: (string | null)[], { exclude = [] }: CalibrateOptions): void {
  const missing = exclude.find((left) => !names.some((name) => name !== null && sameName(left, name)));
  if (missing === undefined) return;
  throw badInput(
    'usage',
    `--exclude ${missing}: nobody among the faces is called so`,
    'a person is called as the folder of the photos is',
  );
}

function sameName(a: string, b: string): boolean {
  return a.normalize('NFC') === b.normalize('NFC');
}

function checkOptions(options: CalibrateOptions): { seed: number; draws: number; fitShare: number } {
  const { faces, embeddings, filenames, profile, pairs, fmr } = options;
  const usage = (message: string, hint: string) => badInput('usage', message, hint);
  if (faces === undefined && embeddings === undefined)
    throw usage('no faces are given', 'tk calibrate FACES, a folder of name/photo.jpg');
  if (embeddings === undefined && filenames !== undefined)
    throw usage('--filenames names the rows of --embeddings, which is missing', 'add --embeddings E.npy');
  if (embeddings !== undefined && profile === undefined)
    throw usage(
      '--embeddings needs --profile, which says how they are compared',
      'e.g. --profile magface-iresnet100',
    );
  if (embeddings !== undefined && filenames === undefined && faces === undefined && pairs === undefined)
    throw usage(
      'nothing tells who is who among the embeddings',
      'add --filenames F.npy, the folder, or --pairs P.csv',
    );
  const { seed, draws, fitShare } = { ...CALIBRATE_DEFAULTS, ...defined(options) };
  if (!Number.isSafeInteger(seed) || seed < 0)
    throw usage('--seed is not a whole number of 0 or more', 'e.g. 42');
  if (!Number.isSafeInteger(draws) || draws < 100 || draws > 100_000)
    throw usage('--draws is not a whole number from 100 to 100000', 'e.g. 1000');
  if (!(fitShare > 0 && fitShare < 1)) throw usage('--fit-share is not between 0 and 1', 'e.g. 0.5');
  if (fmr !== undefined && !(fmr > 0 && fmr < 1)) throw usage('--fmr is not between 0 and 1', 'e.g. 0.001');
  return { seed, draws, fitShare };
}

function defined({ seed, draws, fitShare }: CalibrateOptions) {
  return {
    ...(seed !== undefined && { seed }),
    ...(draws !== undefined && { draws }),
    ...(fitShare !== undefined && { fitShare }),
  };
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw badInput(
      'bad-pairs',
      `${file} cannot be read (${(cause as NodeJS.ErrnoException).code})`,
      'name a text file',
      cause,
    );
  }
}

/** Each part must be able to measure both errors. */
function requireBoth({ fit, test }: Split): void {
  for (const [name, pairs] of [
    ['fit', fit],
    ['test', test],
  ] as const) {
    const { genuine, impostor } = partOf(pairs);
    if (genuine > 0 && impostor > 0) continue;
    throw badInput(
      'too-few-pairs',
      `the ${name} part has ${genuine} genuine and ${impostor} impostor pairs; both parts need both`,
      'a calibration takes at least four people with two photos each, and better dozens',
    );
  }
}

function namesOf({ a, b }: Pairs, samples: readonly Sample[]): string[] {
  const names = new Set<string>();
  for (const ends of [a, b]) for (const index of ends) names.add(samples[index]!.name);
  return [...names].sort();
}

function partOf(pairs: Pairs): Part {
  const photos = new Set([...pairs.a, ...pairs.b]);
  const impostor = impostorCount(pairs);
  return {
    people: new Set([...photos].map((index) => pairs.identities[index]!)).size,
    photos: photos.size,
    genuine: pairs.genuine.length - impostor,
    impostor,
  };
}
