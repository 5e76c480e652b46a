// What --save-outputs writes: the arrays of every case, and what they are of.
import { z } from 'zod';

export const STORE_SCHEMA_VERSION = 1 as const;

const runner = z.object({
  name: z.string(),
  runner: z.string(),
  version: z.string(),
  model: z.string().nullable(),
  modelSha256: z.string().nullable(),
});

export const storeSchema = z.object({
  schemaVersion: z.literal(STORE_SCHEMA_VERSION),
  tool: z.object({ name: z.literal('tk'), version: z.string() }),
  finishedAt: z.string(),
  runners: z.array(runner),
  /** The arrays of case `n` (from 0) are `cN/in/NAME` and `cN/out/R/NAME`, R the runner's place above. */
  cases: z.array(
    z.object({
      label: z.string(),
      stress: z.boolean(),
      inputsSha256: z.string(),
      /** A hash for each runner; null for one that refused the inputs. */
      outputsSha256: z.array(z.string().nullable()),
    }),
  ),
  /** Keys of arrays that are bfloat16: their bits stand as uint16. */
  bfloat16: z.array(z.string()),
});

export type StoreMeta = z.infer<typeof storeSchema>;

/** Key of the description in a .npz, as bytes of JSON; in a folder it is this with `.json`. */
export const META = 'tk-outputs';
