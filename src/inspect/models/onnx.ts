// An ONNX model's description: everything but the weights, which are read past. External data files are not opened.
import { damaged } from '../../errors.ts';
import {
  DESCRIPTION,
  type OnnxDescription,
  type OnnxGraphDescription,
  type OnnxNodeDescription,
  type OnnxTensorDescription,
  type OnnxValueDescription,
} from '../../formats/onnx/description.ts';
import { dtypeOfCode } from '../../formats/onnx/tensor.ts';
import { decodeFile } from '../../formats/protobuf/decode.ts';
import { FileWindow } from '../../formats/protobuf/window.ts';
import { type Findings, histogram, type ModelTensor, type StoredTensor, stored } from './report.ts';

/** @throws TkError a `WireDamage` or `missing-field`, with byte offset and field */
export function readOnnx(file: string): Findings {
  const window = new FileWindow(file);
  let model: OnnxDescription;
  try {
    model = decodeFile(window, DESCRIPTION, 'ModelProto');
  } finally {
    window.close();
  }
  const { graph } = model;
  if (!graph)
    throw damaged('missing-field', file, { offset: window.size, field: 'ModelProto.graph' }, 'there is none');
  const variables = weightsOf(graph);
  const weights = new Set(variables.map(({ name }) => name));
  const nodes = nodesOf([...(graph.node ?? []), ...(model.functions ?? []).flatMap((fn) => fn.node ?? [])]);
  return {
    versions: versionsOf(model),
    inputs: (graph.input ?? []).filter((value) => !weights.has(value.name ?? '')).map(declaredTensor),
    outputs: (graph.output ?? []).map(declaredTensor),
    ops: histogram(nodes.map(opOf)),
    metadata: metadataOf(model),
    variables,
  };
}

function versionsOf(model: OnnxDescription): Record<string, string | number> {
  const versions: Record<string, string | number> = {};
  if (model.producer_name) {
    versions.producer = [model.producer_name, model.producer_version].filter(Boolean).join(' ');
  }
  versions.ir = model.ir_version?.toNumber() ?? 0;
  for (const { domain, version } of model.opset_import ?? []) {
    versions[`opset ${domain || 'ai.onnx'}`] = version?.toNumber() ?? 0;
  }
  const own = model.model_version?.toNumber();
  if (own) versions.model = own;
  return versions;
}

function metadataOf(model: OnnxDescription): Record<string, string> {
  const pairs: [string, string][] = [];
  if (model.graph?.name) pairs.push(['graph', model.graph.name]);
  if (model.domain) pairs.push(['domain', model.domain]);
  if (model.doc_string) pairs.push(['doc', model.doc_string]);
  for (const { key, value } of model.metadata_props ?? []) pairs.push([key ?? '', value ?? '']);
  const functions = (model.functions ?? []).map((fn) => fn.name ?? '');
  if (functions.length > 0) pairs.push(['functions', functions.join(', ')]);
  const external = new Set((model.graph?.initializer ?? []).flatMap(locationOf));
  if (external.size > 0) pairs.push(['external data', [...external].join(', ')]);
  return Object.fromEntries(pairs);
}

function locationOf(tensor: OnnxTensorDescription): string[] {
  if (tensor.data_location !== 1) return [];
  return (tensor.external_data ?? []).flatMap(({ key, value }) =>
    key === 'location' && value ? [value] : [],
  );
}

/** Initialisers and the tensors of Constant nodes, of the main graph and of those within it. */
function weightsOf(graph: OnnxGraphDescription): StoredTensor[] {
  const found = (graph.initializer ?? []).map((tensor) => tensorOf(tensor, tensor.name ?? ''));
  for (const { values, dims } of graph.sparse_initializer ?? []) {
    if (values) found.push(tensorOf({ ...values, ...(dims && { dims }) }, values.name ?? ''));
  }
  for (const node of graph.node ?? []) {
    for (const { t, g, graphs } of node.attribute ?? []) {
      if (t && node.op_type === 'Constant') found.push(tensorOf(t, node.output?.[0] ?? t.name ?? ''));
      for (const inner of [...(g ? [g] : []), ...(graphs ?? [])]) found.push(...weightsOf(inner));
    }
  }
  return found;
}

function tensorOf(tensor: OnnxTensorDescription, name: string): StoredTensor {
  const dtype = dtypeName(tensor.data_type);
  return stored(
    name,
    dtype,
    (tensor.dims ?? []).map((size) => size.toNumber()),
  );
}

/** numpy's name of a TensorProto.DataType number, or `type 99`. */
export function dtypeName(code: number | undefined): string {
  return dtypeOfCode(code ?? 0) ?? `type ${code ?? 0}`;
}

function nodesOf(nodes: OnnxNodeDescription[]): OnnxNodeDescription[] {
  return nodes.flatMap((node) => [
    node,
    ...(node.attribute ?? []).flatMap(({ g, graphs }) =>
      [...(g ? [g] : []), ...(graphs ?? [])].flatMap((inner) => nodesOf(inner.node ?? [])),
    ),
  ]);
}

function opOf(node: OnnxNodeDescription): string {
  const domain = node.domain === 'ai.onnx' ? '' : node.domain;
  return domain ? `${domain}.${node.op_type ?? ''}` : (node.op_type ?? '');
}

/** A declared input, output or inner value. */
export function declaredTensor({ name = '', type = {} }: OnnxValueDescription): ModelTensor {
  const tensor = type.tensor_type ?? type.sparse_tensor_type;
  if (!tensor) {
    const kind = (['sequence', 'map', 'optional'] as const).find((each) => type[`${each}_type`]);
    return { name, dtype: kind ?? null, shape: null };
  }
  const dims = tensor.shape && (tensor.shape.dim ?? []);
  return {
    name,
    dtype: dtypeName(tensor.elem_type),
    shape: dims ? dims.map((dim) => dim.dim_param || (dim.dim_value?.toNumber() ?? null)) : null,
  };
}
