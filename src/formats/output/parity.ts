// parity.json: what a verification compared, on which bytes, and its verdict (docs/verify.md).
import { z } from 'zod';

export const PARITY_SCHEMA_VERSION = 1;

const fileRecord = z.object({ bytes: z.number(), sha256: z.string() });

const outputComparison = z.object({
  name: z.string(),
  passed: z.boolean(),
  maxAbs: z.number(),
  maxRel: z.number(),
  meanAbs: z.number(),
  cosine: z.number().nullable(),
  snrDb: z.number().nullable(),
  /** Where the two differ most beyond the tolerance, and both values there. */
  worst: z.object({ index: z.array(z.number()), actual: z.number(), expected: z.number() }).nullable(),
  /** Why it failed, where that is not a matter of values: shapes, dtypes, NaN on one side. */
  reason: z.string().nullable(),
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
  /** Every file that was read, by path relative to the output directory (absolute outside one). */
  files: z.record(z.string(), fileRecord),
  runners: z.array(z.object({ name: z.string(), version: z.string() })),
  seed: z.number(),
  tolerances: z.object({ atol: z.number(), rtol: z.number() }),
  comparisons: z.array(comparison),
  /** The smallest atol that would have passed with this rtol, and the smallest rtol with this atol; null where none would. */
  smallestPassing: z.object({ atol: z.number().nullable(), rtol: z.number().nullable() }),
  verdict: z.enum(['passed', 'failed']),
});

export type ParityRecord = z.infer<typeof paritySchema>;
export type Comparison = z.infer<typeof comparison>;
export type OutputComparison = z.infer<typeof outputComparison>;
