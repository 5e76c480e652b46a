// A program of torch.export (.pt2): its graph is JSON, in the archive of today or in that of PyTorch 2.1 to 2.7.
import { damaged } from '../../errors.ts';
import { type Json, list, object, parseJson, text } from './json.ts';
import {
  type Dimension,
  type Findings,
  histogram,
  type ModelTensor,
  type StoredTensor,
  stored,
} from './report.ts';
import { withMembers } from './torch.ts';

/** torch/_export/serde/schema.py: ScalarType. */
const DTYPES =
  'unknown uint8 int8 int16 int32 int64 float16 float32 float64 complex32 complex64 complex128 bool bfloat16'.split(
    ' ',
  );

/** @throws TkError `missing-field`, `bad-json` */
export async function readTorchExport(file: string): Promise<Findings> {
  const { program, archive } = await readProgram(file);
  return { ...describe(program), versions: versionsOf(program, archive) };
}

/** The program's JSON, and the archive's version. @throws TkError as `readTorchExport` */
export function readProgram(file: string): Promise<{ program: Json; archive: string | undefined }> {
  return withMembers(file, async (members) => {
    const path =
      members.names.find((name) => /^models\/.*\.json$/.test(name)) ??
      members.names.find((name) => name === 'serialized_exported_program.json');
    const json = path === undefined ? undefined : await members.text(path);
    if (json === undefined) {
      const place = { offset: 0, field: 'models/*.json' };
      throw damaged('missing-field', file, place, 'the archive holds no program');
    }
    const program = object(parseJson(json, `${file}: ${path}`));
    const archive = (await members.text('archive_version')) ?? (await members.text('version'));
    return { program, archive };
  });
}

function versionsOf(program: Json, archive: string | undefined): Record<string, string | number> {
  const versions: Record<string, string | number> = {};
  const schema = object(program.schema_version);
  if (schema.major !== undefined) versions.schema = `${schema.major}.${schema.minor ?? 0}`;
  if (text(program.torch_version)) versions.producer = `torch ${text(program.torch_version)}`;
  for (const [domain, version] of Object.entries(object(program.opset_version))) {
    versions[`opset ${domain}`] = Number(version);
  }
  if (archive) versions.archive = archive.trim();
  return versions;
}

function describe(program: Json): Findings {
  const module = object(program.graph_module);
  const graph = object(module.graph);
  const signature = object(module.signature);
  const values = object(graph.tensor_values);
  const at = (name: string): ModelTensor => tensorOf(name, object(values[name]));
  return {
    inputs: list(signature.input_specs).flatMap((spec) => userInput(object(spec)).map(at)),
    outputs: list(signature.output_specs).flatMap((spec) => userOutput(object(spec)).map(at)),
    ops: histogram(
      list(graph.nodes).map((node) => (text(object(node).target) ?? '').replace(/^torch\.ops\./, '')),
    ),
    variables: list(signature.input_specs).flatMap((spec) => weightOf(object(spec), values)),
  };
}

/** An argument is `{as_tensor: {name}}`, or `{as_none}` and the like for what is no tensor. */
function tensorName(argument: unknown): string[] {
  const name = text(object(object(argument).as_tensor).name);
  if (name !== undefined) return [name];
  return list(object(argument).as_tensors).flatMap((each) => text(object(each).name) ?? []);
}

function userInput(spec: Json): string[] {
  return tensorName(object(spec.user_input).arg);
}

function userOutput(spec: Json): string[] {
  return tensorName(object(spec.user_output).arg);
}

function weightOf(spec: Json, values: Json): StoredTensor[] {
  for (const kind of ['parameter', 'buffer', 'tensor_constant']) {
    const held = object(spec[kind]);
    const argument = text(object(held.arg).name);
    if (argument === undefined) continue;
    const { dtype, shape } = tensorOf('', object(values[argument]));
    const name = text(held[`${kind}_name`]) ?? argument;
    return [
      stored(
        name,
        dtype ?? 'unknown',
        (shape ?? []).map((size) => (typeof size === 'number' ? size : 0)),
      ),
    ];
  }
  return [];
}

/** A tensor as `tensor_values` describes it. */
export function tensorOf(name: string, value: Json): ModelTensor {
  const { dtype } = value;
  return {
    name,
    dtype: typeof dtype === 'number' ? (DTYPES[dtype] ?? `type ${dtype}`) : null,
    shape: Array.isArray(value.sizes) ? value.sizes.map((size) => dimension(object(size))) : null,
  };
}

function dimension(size: Json): Dimension {
  if (typeof size.as_int === 'number') return size.as_int;
  const expression = text(object(size.as_expr).expr_str) ?? '';
  return /Symbol\('(\w+)'/.exec(expression)?.[1] ?? (expression || null);
}
