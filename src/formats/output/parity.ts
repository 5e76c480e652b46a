// parity.json: what a verification compared, on which bytes, and its verdict (docs/verify.md).
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { z } from 'zod';
import { sha256 } from '../hash.ts';
import { bisectSchema, layersSchema } from './layers.ts';
import { outputPaths } from './layout.ts';

export const PARITY_SCHEMA_VERSION = 2;

const fileRecord = z.object({ bytes: z.number(), sha256: z.string() });

/** A figure, or null where it is not defined: strings, values that are not finite, shapes that differ. */
const figure = z.number().nullable();

/** One element's value. What JSON's numbers cannot hold is text: NaN, infinities, 64-bit integers, strings. */
const value = z.union([z.number(), z.string()]);

/** Nearest rank, e.g. `p90`: at least 90 % of the elements do not exceed it. */
const percentiles = z.object({ p50: z.number(), p90: z.number(), p99: z.number() });

/** |a − b| by powers of ten: `equal` elements do not differ, `count` differ by 10^exponent up to 10^(exponent + 1). */
const histogram = z.object({
  equal: z.number(),
  decades: z.array(z.object({ exponent: z.number(), count: z.number() })),
});

/** The last axis as scores of classes: the share of the `k` highest that both sides have, and rows whose highest differs. */
const ranking = z.object({ rows: z.number(), k: z.number(), topK: z.number(), argmaxFlips: z.number() });

/** What an output was held to: |a − b| ≤ atol + rtol·|b|, and the bounds that were asked for. */
const rule = z.object({
  atol: z.number(),
  rtol: z.number(),
  minCosine: z.number().optional(),
  minSnrDb: z.number().optional(),
  maxUlp: z.number().optional(),
  maxArgmaxFlips: z.number().optional(),
  minTopK: z.number().optional(),
  /** NaN and infinities of both sides count as the same, whichever they are (stress inputs). */
  anyNonFinite: z.boolean().optional(),
});

const needs = z.object({ atol: figure, rtol: figure });

const outputComparison = z.object({
  name: z.string(),
  passed: z.boolean(),
  /** Set where random ops make it another in every run: no values were compared. */
  drawn: z.literal(true).optional(),
  dtype: z.string(),
  shape: z.array(z.number()),
  /** Null where nothing could be measured, and for types that must be equal. */
  rule: rule.nullable(),
  maxAbs: figure,
  maxRel: figure,
  meanAbs: figure,
  meanRel: figure,
  /** Of the finite elements; those of the relative difference where b ≠ 0. */
  percentiles: z.object({ abs: percentiles.nullable(), rel: percentiles.nullable() }).nullable(),
  histogram: histogram.nullable(),
  cosine: figure,
  snrDb: figure,
  /** Largest distance in units in the last place of the element type. */
  maxUlp: figure,
  /** Null where the last axis does not look like classes. */
  ranking: ranking.nullable(),
  /** How many elements are beyond the tolerance. */
  failing: z.number(),
  /** The element that is furthest beyond the tolerance (or nearest to it), and both values there. */
  worst: z.object({ index: z.array(z.number()), actual: value, expected: value }).nullable(),
  /** The smallest atol that would have passed with the rtol given, and the other way round; null where none would. */
  needs,
  /** Why it failed, in words; null where it passed. */
  reason: z.string().nullable(),
});

const noise = z.object({
  name: z.string(),
  /** Root mean square of what rounding alone does to this output, and its share of the output's own. */
  rounding: z.number(),
  relative: figure,
  /** How many times that each runner is from a float64 run of the graph; null where that is no number. */
  runners: z.array(z.object({ runner: z.string(), times: figure, isNoise: z.boolean() })),
});

const comparison = z.object({
  /** `actual` against `expected`, e.g. `tfjs-node` against `onnxruntime-node`. */
  actual: z.string(),
  expected: z.string(),
  /** Which inputs, e.g. `seed 42, batch 2` or `reference.npz, batch 5`. */
  inputs: z.string(),
  outputs: z.array(outputComparison),
});

export const paritySchema = z.object({
  schemaVersion: z.literal(PARITY_SCHEMA_VERSION),
  tool: z.object({ name: z.literal('tk'), version: z.string() }),
  finishedAt: z.string(),
  /** sha256 of manifest.json; null where the models stand outside an output directory. */
  manifestSha256: z.string().nullable(),
  /** Every file that was read, by path relative to the output directory (as given outside one). */
  files: z.record(z.string(), fileRecord),
  /**
   * Who computed: `name` as comparisons call it, `runner` as --runners does (`reference` and `saved`
   * for stored outputs), the model's
   * path, and why a runtime other than the first choice served.
   */
  runners: z.array(
    z.object({
      name: z.string(),
      runner: z.string(),
      model: z.string().nullable(),
      /** Over the model's files; null where they are in `files` by other names, as torch's source. */
      sha256: z.string().nullable(),
      version: z.string(),
      reason: z.string().nullable(),
    }),
  ),
  seed: z.number(),
  /** The rule for every output that no named rule says otherwise of. */
  tolerances: rule,
  /** Parts of a rule for the tensors whose name is `match`, `*` in it for any characters; later ones win. */
  rules: z.array(rule.partial().extend({ match: z.string() })),
  /** What each seeded input was drawn from, e.g. `ids: int(0,30521)`. */
  generators: z.array(z.string()),
  /** Every input that was run, with a hash over its arrays' names, types, shapes and bytes. */
  cases: z.array(z.object({ inputs: z.string(), sha256: z.string() })),
  /** Inputs on which something failed, and the .npz file that each was written to. */
  failures: z.array(z.object({ inputs: z.string(), file: z.string() })),
  /** Sizes chosen for symbolic dimensions other than the batch, e.g. `image: H = 48`. */
  sizes: z.array(z.string()),
  comparisons: z.array(comparison),
  /** Runners that could not carry the models' types, with the type. */
  leftOut: z.array(z.string()),
  /** What was not compared, as `not compared …` goes on: with torch where there is no reference, outputs that came empty. */
  notCompared: z.array(z.string()),
  /** Files of the output directory that are not as `tk convert` wrote them, in words; any of them fails the verdict. */
  changed: z.array(z.string()),
  /** The smallest atol that would have passed with this rtol, and the smallest rtol with this atol; null where none
   * would. Then the same by output. */
  smallestPassing: needs.extend({ outputs: z.array(needs.extend({ name: z.string() })) }),
  /** What a look inside found, where one was asked for. */
  layers: layersSchema.optional(),
  bisect: bisectSchema.optional(),
  /** By output, where it was asked for: is a difference rounding? `limit`, where it was given, is a rule. */
  noise: z.object({ limit: figure, outputs: z.array(noise) }).optional(),
  verdict: z.enum(['passed', 'failed']),
  /** sha256 of the record without it, as JSON: an edit shows. */
  seal: z.string(),
});

export type ParityRecord = z.infer<typeof paritySchema>;
export type Comparison = z.infer<typeof comparison>;
export type Percentiles = z.infer<typeof percentiles>;
export type NoiseFigures = z.infer<typeof noise>;
export type Histogram = z.infer<typeof histogram>;
export type Ranking = z.infer<typeof ranking>;
export type OutputComparison = z.infer<typeof outputComparison>;

/** The record with its seal. */
export function sealed(record: Omit<ParityRecord, 'seal'>): ParityRecord {
  return { ...record, seal: sealOf(record) };
}

/** Over every field but the seal, in the order in which they stand. */
function sealOf(record: object): string {
  return sha256(Buffer.from(JSON.stringify({ ...record, seal: undefined })));
}

/** A record as read, or why there is none to go by. */
export type ParityReading =
  | { record: ParityRecord }
  | { problem: 'absent' }
  | { problem: 'unreadable' | 'other-version'; detail: string };

/** Reads the record of an output directory. A record of another schema version is told by name, not guessed at. */
export function readParity(root: string): ParityReading {
  let text: string;
  try {
    text = readFileSync(outputPaths(root).parity, 'utf8');
  } catch (error) {
    const absent = (error as NodeJS.ErrnoException).code === 'ENOENT';
    return absent ? { problem: 'absent' } : { problem: 'unreadable', detail: (error as Error).message };
  }
  try {
    const parsed: unknown = JSON.parse(text);
    const version = z.object({ schemaVersion: z.number() }).parse(parsed).schemaVersion;
    if (version !== PARITY_SCHEMA_VERSION) {
      const detail = `schemaVersion ${version}, this tk reads ${PARITY_SCHEMA_VERSION}`;
      return { problem: 'other-version', detail };
    }
    const record = paritySchema.parse(parsed);
    if (sealOf(parsed as object) === record.seal) return { record };
    return { problem: 'unreadable', detail: 'it was changed after it was written' };
  } catch (error) {
    const issue = error instanceof z.ZodError ? error.issues[0] : undefined;
    const detail = issue ? `${issue.path.join('.')}: ${issue.message}` : 'not JSON';
    return { problem: 'unreadable', detail };
  }
}

const DRAFT = /^parity\.json\.\d+\.tmp$/;

/** True for the name of a record that was being written when its writer was killed. */
export function isParityDraft(name: string): boolean {
  return DRAFT.test(name);
}

/** Writes a record beside its final name, then renames it: a reader sees the old one or the new one, whole. */
export function writeParity(path: string, record: ParityRecord): void {
  const draft = `${path}.${process.pid}.tmp`;
  try {
    writeFileSync(draft, `${JSON.stringify(record, null, 2)}\n`, { flush: true });
    renameSync(draft, path);
  } catch (error) {
    rmSync(draft, { force: true });
    throw error;
  }
}
