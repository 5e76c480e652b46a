// The JSON Schema of what `tk inspect --json` prints: one source, from which scripts/schemas.mjs makes the
// published file. Never loaded by the command. The compiler holds these schemas to the reports' types.
import { z } from 'zod';
import type { DiffReport } from './diff.ts';
import type { ModelReport } from './models/report.ts';
import { type InspectReport, REPORT_SCHEMA_VERSION } from './report.ts';
import type { VariablesReport } from './variables.ts';

const schemaVersion = z.literal(REPORT_SCHEMA_VERSION);
const count = z.number().int().nonnegative();
const exactInteger = z.union([z.number(), z.string()]).describe('digits where a number would round it');
const dimension = z.union([z.number(), z.string(), z.null()]);
const ops = z.array(z.object({ op: z.string(), count }));

const modelTensor = z.object({
  name: z.string(),
  dtype: z.string().nullable().describe('null: the file does not tell'),
  shape: z.array(dimension).nullable().describe('null: unknown rank'),
});

const storedTensor = z.object({
  name: z.string(),
  dtype: z.string(),
  shape: z.array(count),
  bytes: z.number(),
});

const model = z.object({
  schemaVersion,
  format: z.enum([
    'onnx',
    'graph-def',
    'meta-graph',
    'tflite',
    'tfjs',
    'keras',
    'keras-h5',
    'torchscript',
    'torch-export',
    'torch-pickle',
    'npy',
    'npz',
  ]),
  file: z.string(),
  fileBytes: count,
  versions: z.record(z.string(), z.union([z.string(), z.number()])),
  inputs: z.array(modelTensor),
  outputs: z.array(modelTensor),
  parameters: z.number().nullable(),
  parameterBytes: z.number().nullable(),
  ops,
  metadata: z.record(z.string(), z.string()),
  variables: z.array(storedTensor),
  notes: z.array(z.string()),
});

const tensor = z.object({
  key: z.string(),
  dtype: z.string(),
  shape: z.array(exactInteger).nullable(),
  name: z.string(),
  operation: z.string().nullable(),
  index: z.number().nullable(),
  encoding: z.enum(['dense', 'sparse', 'composite']),
  components: z.array(z.string()).optional(),
  onnxName: z.string().optional(),
});

const signature = z.object({
  key: z.string(),
  methodName: z.string(),
  inputs: z.array(tensor),
  outputs: z.array(tensor),
  defaults: z.array(z.string()),
});

/** A Python value: its type, and fields that depend on it. */
const pythonValue = z.looseObject({ type: z.string() });

const savedModel = z.object({
  schemaVersion,
  format: z.literal('saved-model'),
  file: z.string(),
  metaGraphs: z.array(
    z.object({
      tags: z.array(z.string()),
      tensorflowVersion: z.string(),
      signatures: z.array(signature),
      ops,
    }),
  ),
  functions: z
    .array(
      z.object({
        name: z.string(),
        options: z.array(
          z.object({
            concreteFunction: z.string(),
            arguments: z.array(pythonValue),
            keywords: z.array(z.tuple([z.string(), pythonValue])),
          }),
        ),
      }),
    )
    .nullable(),
  functionsUnlisted: z.enum(['custom ops', 'unknown reasons']).nullable(),
  nameMapping: z.array(z.object({ onnx: z.string(), tensorflow: z.string() })).optional(),
});

const variables = z.object({
  schemaVersion,
  format: z.literal('variables'),
  file: z.string(),
  shards: z.array(z.object({ file: z.string(), bytes: z.number().nullable() })),
  variables: z.array(
    z.object({
      name: z.string(),
      dtype: z.string().nullable(),
      shape: z.array(z.number()),
      bytes: z.number(),
      shard: z.number(),
      offset: z.number(),
      crc32c: z.string(),
      state: z.enum(['intact', 'damaged', 'missing', 'not-checked']).optional(),
    }),
  ),
  intact: z.boolean().optional(),
});

const side = z.object({ file: z.string(), format: z.string() });

const diff = z.object({
  schemaVersion,
  format: z.literal('diff'),
  a: side,
  b: side,
  contractBroken: z.boolean(),
  changes: z.array(
    z.object({
      where: z.string(),
      kind: z.enum(['added', 'removed', 'renamed', 'dtype', 'shape']),
      name: z.string(),
      from: z.string().nullable(),
      to: z.string().nullable(),
    }),
  ),
  ops: z.array(z.object({ op: z.string(), from: count, to: count })),
  parameters: z.object({ from: z.number().nullable(), to: z.number().nullable() }),
});

type Accepts<Schema extends z.ZodType, Report> = Report extends z.input<Schema> ? true : never;
/** Does not compile where a report's type is none that its schema accepts. */
export type SchemasFitReports = [
  Accepts<typeof model, ModelReport>,
  Accepts<typeof savedModel, InspectReport>,
  Accepts<typeof variables, VariablesReport>,
  Accepts<typeof diff, DiffReport>,
];
export const SCHEMAS_FIT: SchemasFitReports = [true, true, true, true];

/** The JSON Schema (draft 2020-12). Fields may be added without a new version, so others than these are allowed. */
export function inspectSchema(): object {
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: `tk inspect --json, schemaVersion ${REPORT_SCHEMA_VERSION}`,
    ...z.toJSONSchema(z.union([savedModel, model, variables, diff]), { io: 'input' }),
  };
}
