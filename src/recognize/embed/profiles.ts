// What an embedder expects and how its embeddings are compared: one profile an embedder, built in or a JSON file.
import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { badInput } from '../../errors.ts';
import { ALIGN_TEMPLATES } from '../align/templates.ts';

const triple = z.tuple([z.number(), z.number(), z.number()]);

const base = {
  name: z.string().min(1),
  /** Input and output name of the model, as in its manifest. */
  input: z.string().default('image'),
  output: z.string().default('embedding'),
  /** Where the landmarks go. */
  template: z.enum(['arcface-112', 'dlib-150']),
  /** Side of the network's input in pixels; default: the template's own. */
  size: z.number().int().min(16).max(1024).optional(),
  channels: z.enum(['rgb', 'bgr']),
  /** Levels (0 to 255) become (level − mean) / scale, channels in the order that `channels` names. */
  mean: triple,
  scale: triple.refine((scale) => scale.every((value) => value !== 0), 'no scale may be 0'),
  /** Whether an embedding's length tells the face's quality (MagFace). */
  quality: z.enum(['length', 'none']).default('none'),
  threshold: z.number(),
};

const profileSchema = z.discriminatedUnion('metric', [
  z.strictObject({ ...base, metric: z.literal('cosine') }),
  z.strictObject({ ...base, metric: z.literal('euclidean') }),
  z.strictObject({ ...base, metric: z.literal('qmagface'), alpha: z.number(), beta: z.number() }),
]);

export type EmbedderProfile = z.infer<typeof profileSchema>;

const magface: Omit<EmbedderProfile, 'name' | 'metric' | 'threshold'> = {
  input: 'image',
  output: 'embedding',
  template: 'arcface-112',
  channels: 'bgr',
  mean: [0, 0, 0],
  scale: [255, 255, 255],
  quality: 'length',
};

/**
 * The built-in profiles. QMagFace's α, β and threshold were published for MagFace's iResNet-100 and belong to it;
 * other depths have none and are compared by cosine alone.
 */
export const EMBEDDER_PROFILES: Record<string, EmbedderProfile> = {
  'magface-iresnet100': {
    ...magface,
    name: 'magface-iresnet100',
    metric: 'qmagface',
    alpha: 0.077428,
    beta: 0.125926,
    threshold: -0.4,
  },
  'magface-cosine': { ...magface, name: 'magface-cosine', metric: 'cosine', threshold: 0.3 },
  'dlib-face': {
    name: 'dlib-face',
    input: 'image',
    output: 'embedding',
    template: 'dlib-150',
    channels: 'rgb',
    mean: [122.782, 117.001, 104.298],
    scale: [256, 256, 256],
    quality: 'none',
    metric: 'euclidean',
    threshold: 0.6,
  },
  mobilefacenet: {
    name: 'mobilefacenet',
    input: 'image',
    output: 'embedding',
    template: 'arcface-112',
    channels: 'rgb',
    mean: [123.675, 116.28, 103.53],
    scale: [58.395, 57.12, 57.375],
    quality: 'none',
    metric: 'cosine',
    threshold: 0.35,
  },
};

/** What --profile takes. */
export const PROFILE_HINT = `--profile takes ${Object.keys(EMBEDDER_PROFILES).join(', ')}, or a JSON file (docs/recognize.md)`;

/** Side of the aligned face in pixels, which is the network's input. */
export function inputSize({ template, size }: Pick<EmbedderProfile, 'template' | 'size'>): number {
  return size ?? ALIGN_TEMPLATES[template].size;
}

/** What a manifest's `profile` stands for, where the source tells more than the profile's name. */
export function profileOfManifest(profile: string | null, source: string): string | null {
  if (profile !== 'magface') return profile;
  return source === 'magface-iresnet100' ? 'magface-iresnet100' : 'magface-cosine';
}

/**
 * A profile by name or from a JSON file.
 *
 * @throws TkError `unknown-profile` or `bad-profile` (exit 2)
 */
export async function embedderProfile(nameOrFile: string): Promise<EmbedderProfile> {
  const known = EMBEDDER_PROFILES[nameOrFile];
  if (known) return known;
  if (!nameOrFile.endsWith('.json'))
    throw badInput('unknown-profile', `there is no profile ${nameOrFile}`, PROFILE_HINT);
  let text: string;
  try {
    text = await readFile(nameOrFile, 'utf8');
  } catch (error) {
    throw badInput('bad-profile', `profile ${nameOrFile} cannot be read`, PROFILE_HINT, error);
  }
  return parseProfile(text, nameOrFile);
}

function parseProfile(text: string, file: string): EmbedderProfile {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw badInput('bad-profile', `profile ${file} is not JSON`, undefined, error);
  }
  const parsed = profileSchema.safeParse(json);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0]!;
  const where = issue.path.length > 0 ? issue.path.join('.') : 'the whole';
  throw badInput('bad-profile', `profile ${file}: ${where}: ${issue.message}`, 'see docs/recognize.md');
}
