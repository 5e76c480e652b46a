// What stands ready to turn photos into embeddings: verified models, open, with the profiles that say how to use them.
import { badInput } from '../errors.ts';
import type { Pipeline } from './analyse.ts';
import { type DetectorName, type DetectorProfile, detectorProfile } from './detect/profiles.ts';
import { requireFit } from './embed/fit.ts';
import { type EmbedderProfile, embedderProfile, PROFILE_HINT, profileOfManifest } from './embed/profiles.ts';
import { type EnrolmentCache, enrolmentCache } from './gallery/cache.ts';
import {
  chosenModels,
  type ModelChoice,
  type ModelDependencies,
  openModels,
  type VerifiedModel,
  verifyModels,
} from './models.ts';

/** The models of a run and their profiles, as a user names them. */
export interface PipelineChoice extends ModelChoice {
  /** Embedder profile: a built-in name or a JSON file; default: what the embedder's manifest names. */
  profile?: string | undefined;
  /** Default `tf`: the SavedModels. */
  runtime?: 'tf' | 'onnx' | undefined;
  detector?: DetectorName | undefined;
  minFace?: number | undefined;
  thresholds?: string | undefined;
  /** Score that a name needs, instead of the profile's. */
  threshold?: number | undefined;
}

export interface PipelineOptions extends ModelChoice {
  detector: DetectorProfile;
  /** Null: what the embedder's manifest names. */
  profile: EmbedderProfile | null;
  /** Default `tf`: the SavedModels. */
  runtime?: 'tf' | 'onnx' | undefined;
  /** Score that a name needs, instead of the profile's. */
  threshold?: number | undefined;
  /** Told once every model has passed the gate, before any runs. */
  onEvent?: ((event: { type: 'verified'; models: string[] }) => void) | undefined;
}

export interface OpenPipeline {
  pipeline: Pipeline;
  models: VerifiedModel[];
  close: () => Promise<void>;
}

/**
 * Reads the profiles that a choice names. What can be refused without a model is refused here.
 *
 * @throws TkError exit 2 for choices that exclude each other, bad profiles, and models that are not there
 */
export async function pipelineOptions<Choice extends PipelineChoice>(
  choice: Choice,
): Promise<Choice & { detector: DetectorProfile; profile: EmbedderProfile | null }> {
  if (choice.weights !== undefined && choice.embedder !== undefined) {
    throw badInput('usage', '--weights and --embedder exclude each other', 'give the one that is meant');
  }
  if (choice.threshold !== undefined && !Number.isFinite(choice.threshold)) {
    throw badInput('usage', '--threshold is not a number', 'for example: --threshold 0.6');
  }
  const detector = detectorProfile(choice.detector ?? 'facenet', choice);
  const profile = choice.profile === undefined ? null : await embedderProfile(choice.profile);
  chosenModels({ ...choice, detector });
  return { ...choice, detector, profile };
}

/** Models that passed the gate, with the profiles of the run; none is open yet. */
export interface VerifiedPipeline {
  /** Opens the models. What is aborted by the signal is ended at once, not waited for: a photo of a crowd takes seconds. */
  open: () => Promise<OpenPipeline>;
}

/**
 * Brings the models through the gate. What a run makes or locks comes after it: a refusal then leaves nothing behind.
 *
 * @throws TkError exit 1 where a model did not pass verification, 2 for bad choices and profiles, 4 where a conversion failed
 */
export async function verifyPipeline(
  options: PipelineOptions,
  dependencies: ModelDependencies,
): Promise<VerifiedPipeline> {
  const models = await verifyModels(options, dependencies);
  const embedder = await profileInUse(options.profile, models, options.threshold);
  options.onEvent?.({ type: 'verified', models: models.map(({ name }) => name) });
  return {
    open: async () => {
      const runners = await openModels(models, options.runtime ?? 'tf', dependencies);
      const closeAll = async () => {
        await Promise.all(Object.values(runners).map((runner) => runner.close()));
      };
      options.signal?.addEventListener('abort', closeAll);
      const close = async () => {
        options.signal?.removeEventListener('abort', closeAll);
        await closeAll();
      };
      return { pipeline: { runners, detector: options.detector, embedder }, models, close };
    },
  };
}

/**
 * Verifies the models, then opens them.
 *
 * @throws TkError as `verifyPipeline`, and exit 3 where the environment lacks something
 */
export async function openPipeline(
  options: PipelineOptions,
  dependencies: ModelDependencies,
): Promise<OpenPipeline> {
  return (await verifyPipeline(options, dependencies)).open();
}

/** Where the pipeline's embeddings of gallery photos are kept between runs. */
export function cacheOf({ pipeline, models }: OpenPipeline): EnrolmentCache {
  const { threshold: _, ...embedder } = pipeline.embedder;
  return enrolmentCache({
    models: models.map(({ sha256 }) => sha256),
    detector: pipeline.detector,
    embedder,
    runtime: pipeline.runners.embedder.runtime,
  });
}

/**
 * The profile of a run: the one that was named, else the embedder's own.
 *
 * @throws TkError `no-profile`, or `profile-misfit` where the network takes another input (exit 2)
 */
export async function profileInUse(
  named: EmbedderProfile | null,
  models: VerifiedModel[],
  threshold: number | undefined,
): Promise<EmbedderProfile> {
  const { manifest, folder } = models.find(({ role }) => role === 'embedder')!;
  const declared = profileOfManifest(manifest.profile, manifest.source.name);
  if (!named && !declared) {
    throw badInput('no-profile', `the manifest of ${folder} names no embedder profile`, PROFILE_HINT);
  }
  const profile = named ?? (await embedderProfile(declared!));
  requireFit(profile, manifest, folder);
  return threshold === undefined ? profile : { ...profile, threshold };
}
