// A TF.js model's description: model.json (graph or layers model), or a weights manifest alone.
import { badInput } from '../../errors.ts';
import { dataTypeName, pythonTypeName } from '../../formats/savedmodel/dtypes.ts';
import { schema } from '../../formats/savedmodel/generated/savedmodel.schema.ts';
import {
  badValue,
  type Json,
  type JsonFile,
  list,
  object,
  readJson,
  sizes,
  storedSizes,
  text,
} from './json.ts';
import { describeConfig } from './keras-config.ts';
import { type Findings, histogram, type ModelTensor, type StoredTensor, stored } from './report.ts';

/** @throws TkError `unknown-format`, `bad-json`, `bad-value` naming byte and field */
export function readTfjs(file: string): Findings {
  const json = readJson(file);
  const { value } = json;
  const root = object(value);
  const manifest = Array.isArray(value) ? value : list(root.weightsManifest);
  const manifestPath = Array.isArray(value) ? [] : ['weightsManifest'];
  const isManifest = manifest.some((group) => Array.isArray(object(group).weights));
  if (!root.modelTopology && !isManifest) {
    throw badInput(
      'unknown-format',
      `${file}: is JSON without modelTopology or a weights manifest, so no TF.js model`,
      undefined,
      undefined,
      { offset: 0, field: 'modelTopology' },
    );
  }
  const versions: Record<string, string> = {};
  for (const [key, name] of [
    ['format', 'format'],
    ['generatedBy', 'producer'],
    ['convertedBy', 'converter'],
  ] as const) {
    const value = text(root[key]);
    if (value) versions[name] = value;
  }
  const paths = manifest.flatMap((group) => list(object(group).paths)).flatMap((path) => text(path) ?? []);
  return {
    versions,
    ...topology(root),
    variables: manifest.flatMap((group, index) => weightsOf(json, group, [...manifestPath, index])),
    metadata: paths.length > 0 ? { 'weight files': paths.join(', ') } : {},
  };
}

function weightsOf(json: JsonFile, group: unknown, path: (string | number)[]): StoredTensor[] {
  return list(object(group).weights).map((each, index) => {
    const weight = object(each);
    const at = (key: string) => [...path, 'weights', index, key];
    const dtype = text(weight.dtype);
    if (!dtype) throw badValue(json, at('dtype'), 'not a text');
    const shape = storedSizes(weight.shape);
    if (!shape) throw badValue(json, at('shape'), 'not a shape');
    const tensor = stored(text(weight.name) ?? '', dtype, shape);
    const quantized = text(object(weight.quantization).dtype);
    if (!quantized) return tensor;
    return { ...tensor, bytes: stored('', quantized, tensor.shape).bytes };
  });
}

function topology(root: Json): Pick<Findings, 'inputs' | 'outputs' | 'ops'> {
  const model = object(root.modelTopology);
  if (!Array.isArray(model.node)) return describeConfig(object(model.model_config ?? model));
  const nodes = model.node.map(object);
  const signature = object(root.signature ?? object(root.userDefinedMetadata).signature);
  const inner = list(object(model.library).function).flatMap((fn) => list(object(fn).nodeDef).map(object));
  const consumed = new Set(
    nodes.flatMap((node) => list(node.input).map((each) => String(each).split(':')[0])),
  );
  const inputs = nodes.filter((node) => text(node.op)?.startsWith('Placeholder'));
  const outputs = nodes.filter(
    (node) =>
      !consumed.has(text(node.name)) && !['Const', 'NoOp', 'Placeholder'].includes(text(node.op) ?? ''),
  );
  return {
    inputs: signature.inputs ? signed(signature.inputs) : inputs.map(nodeTensor),
    outputs: signature.outputs ? signed(signature.outputs) : outputs.map(nodeTensor),
    ops: histogram([...nodes, ...inner].map((node) => text(node.op) ?? '')),
  };
}

function signed(tensors: unknown): ModelTensor[] {
  return Object.entries(object(tensors)).map(([key, value]) => {
    const info = object(value);
    return { name: text(info.name) ?? key, dtype: dtypeOf(info.dtype), shape: shapeOf(info.tensorShape) };
  });
}

function nodeTensor(node: Json): ModelTensor {
  const attributes = object(node.attr);
  return {
    name: text(node.name) ?? '',
    dtype: dtypeOf(object(attributes.dtype).type ?? object(attributes.T).type),
    shape: shapeOf(object(attributes.shape).shape),
  };
}

/** `DT_FLOAT` or its number. */
function dtypeOf(value: unknown): string | null {
  if (typeof value === 'number') return pythonTypeName(dataTypeName(value));
  const name = text(value);
  return name && name in (schema.enums.DataType ?? {}) ? pythonTypeName(name) : (name ?? null);
}

function shapeOf(value: unknown): (number | null)[] | null {
  if (typeof value !== 'object' || value === null) return null;
  const shape = object(value);
  if (shape.unknownRank) return null;
  return sizes(list(shape.dim).map((dim) => object(dim).size));
}
