// Which inputs a verification runs on: seeded ones, the user's files or code, stress, and torch's reference.
import { badInput, TkError } from '../../errors.ts';
import type { Manifest } from '../../formats/output/manifest.ts';
import { type Case, checkCase, readReference, refuseConstant } from '../cases.ts';
import { commonInputs, type Side } from '../sides.ts';
import type { Target } from '../target.ts';
import { type FileContext, fileSources } from './files.ts';
import { type Generated, type GenerateOptions, generateSources } from './generate.ts';
import { parseGenerators } from './generators.ts';
import { guessedSources } from './guess.ts';
import { IMAGE_FILE, type Preprocessing } from './images.ts';
import { knownOfInputs } from './known.ts';
import type { SizeOptions } from './sizes.ts';
import { stressSources } from './stress.ts';
import { codeCases } from './user-code.ts';

export interface InputOptions extends SizeOptions {
  /** .npy, .npz, .pb and image files and folders of them, used instead of seeded inputs. */
  inputData?: string[] | undefined;
  /** A module of the user's that makes inputs, used instead of seeded ones: it runs. */
  inputCode?: string | undefined;
  /** `NAME:GENERATOR` texts for seeded inputs. */
  inputGen?: string[] | undefined;
  /** Embedder profile (name or file) that images are prepared by; default: the output directory's, else RGB in 0…1. */
  profile?: string | undefined;
  /** Also zeros, ones, extremes, denormals, NaN and infinity. */
  stress?: boolean | undefined;
}

export interface CasePlan {
  cases: AsyncIterable<Case>;
  sizes: string[];
  generators: string[];
}

/**
 * Plans the cases; each is made, read and checked only when it is its turn.
 *
 * @throws TkError exit 2 for options and files that do not fit; the cases throw `bad-input-data`, `constant-inputs` and
 *   what their readers throw
 */
export async function planCases(
  target: Target,
  sides: Side[],
  options: InputOptions,
  seed: number,
): Promise<CasePlan> {
  const inputs = commonInputs(sides);
  const outputs = sides[0]?.runner.outputs ?? [];
  const reference = target.reference ? await readReference(target.reference) : [];
  const files = options.inputData ?? [];
  const context: FileContext = {
    ...{ inputs, outputs },
    preprocessing: files.length > 0 ? await preprocessing(options.profile, target.output?.manifest) : null,
  };
  const given = files.flatMap((path) => fileSources(path, context));
  if (options.profile !== undefined && !given.some(({ label }) => IMAGE_FILE.test(label)))
    throw badInput('usage', '--profile is for images, and --input-data has none');
  const isGiven = given.length > 0 || options.inputCode !== undefined;
  const generate = async (): Promise<Generated> => {
    const asked = {
      ...{ seed, reference, batches: options.batches, dims: options.dims },
      generators: parseGenerators(options.inputGen ?? []),
      ...knownOf(target),
    };
    const runs = trialOf(sides);
    return runs ? await guessedSources(inputs, asked, runs) : generateSources(inputs, asked);
  };
  const seeded = isGiven && !options.stress ? NOTHING : await generate();
  const stress = options.stress && seeded.sources[0] ? stressSources(seeded.sources[0]) : [];
  const sources = [...(isGiven ? given : seeded.sources), ...stress];
  async function* cases(): AsyncGenerator<Case, void, void> {
    for (const source of sources) yield checked(await source.read());
    if (options.inputCode !== undefined) {
      for await (const example of codeCases(options.inputCode, { inputs, seed })) yield checked(example);
    }
    for (const example of reference) yield checked(example);
  }
  const checked = (example: Case): Case => {
    checkCase(example, inputs);
    refuseConstant(example);
    return example;
  };
  return { cases: cases(), sizes: seeded.sizes, generators: seeded.generators };
}

const NOTHING: Generated = { sources: [], sizes: [], generators: [] };

/** Whether the ONNX model, which is what the others are measured against, takes inputs; undefined without one. */
function trialOf(sides: Side[]): ((example: Case) => Promise<boolean>) | undefined {
  const side = sides.find(({ model }) => model?.kind === 'onnx');
  if (!side) return undefined;
  return async ({ inputs }) => {
    try {
      await side.runner.run(inputs);
      return true;
    } catch (error) {
      if (error instanceof TkError && error.code !== 'runtime-refused') throw error;
      return false;
    }
  };
}

/** What the ONNX model among the sides shows of its inputs. */
function knownOf({ models }: Target): Pick<GenerateOptions, 'rows' | 'channels' | 'categories' | 'numerals'> {
  const onnx = models.find(({ kind }) => kind === 'onnx');
  return onnx ? knownOfInputs(onnx.path) : {};
}

/** The profile that recognition prepares an embedder's images by. */
async function preprocessing(
  profile: string | undefined,
  manifest: Manifest | undefined,
): Promise<Preprocessing | null> {
  const { embedderProfile, profileOfManifest } = await import('../../recognize/embed/profiles.ts');
  const name = profile ?? (manifest ? profileOfManifest(manifest.profile, manifest.source.name) : null);
  return name === null ? null : await embedderProfile(name);
}
