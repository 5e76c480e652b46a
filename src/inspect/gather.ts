// From a SavedModel's messages to the report.

import { byCodePoint } from '../formats/order.ts';
import { dataTypeName } from '../formats/savedmodel/dtypes.ts';
import type { tensorflow } from '../formats/savedmodel/generated/savedmodel.js';
import { type MetaGraph, readSavedModel } from '../formats/savedmodel/read.ts';
import { exactInteger } from '../formats/savedmodel/structured.ts';
import { gatherFunctions } from './functions.ts';
import { usedOps } from './ops.ts';
import {
  type InspectReport,
  type MetaGraphReport,
  REPORT_SCHEMA_VERSION,
  type SignatureReport,
  type TensorReport,
} from './report.ts';

type TensorInfo = tensorflow.TensorInfo.$Properties;

/**
 * Reads a SavedModel's file and describes it.
 * @param file as `modelFile` finds it
 * @throws TkError where the file is damaged
 */
export function gatherReport(file: string): InspectReport {
  const model = readSavedModel(file);
  return {
    schemaVersion: REPORT_SCHEMA_VERSION,
    format: 'saved-model',
    file,
    metaGraphs: (model.metaGraphs ?? []).map(metaGraphReport).sort(byTags),
    ...gatherFunctions(model),
  };
}

/** Python compares lists of tags element by element. */
function byTags(a: MetaGraphReport, b: MetaGraphReport): number {
  for (let index = 0; index < Math.min(a.tags.length, b.tags.length); index++) {
    const order = byCodePoint(a.tags[index] as string, b.tags[index] as string);
    if (order !== 0) return order;
  }
  return a.tags.length - b.tags.length;
}

function metaGraphReport(metaGraph: MetaGraph): MetaGraphReport {
  const signatures = Object.entries(metaGraph.signatureDef ?? {});
  return {
    tags: metaGraph.metaInfoDef?.tags ?? [],
    tensorflowVersion: metaGraph.metaInfoDef?.tensorflowVersion ?? '',
    signatures: signatures
      .sort(([a], [b]) => byCodePoint(a, b))
      .map(([key, signature]) => signatureReport(key, signature)),
    ops: opsOf(metaGraph.graphDef ?? {}),
  };
}

function signatureReport(key: string, signature: tensorflow.SignatureDef.$Properties): SignatureReport {
  return {
    key,
    methodName: signature.methodName ?? '',
    inputs: tensorReports(signature.inputs ?? {}),
    outputs: tensorReports(signature.outputs ?? {}),
    defaults: Object.keys(signature.defaults ?? {}).sort(byCodePoint),
  };
}

function tensorReports(tensors: Record<string, TensorInfo>): TensorReport[] {
  return Object.entries(tensors)
    .sort(([a], [b]) => byCodePoint(a, b))
    .map(([key, info]) => tensorReport(key, info));
}

function tensorReport(key: string, info: TensorInfo): TensorReport {
  const shape = info.tensorShape;
  const name = info.name ?? '';
  const components = componentNames(info);
  return {
    key,
    dtype: dataTypeName(info.dtype),
    shape: shape?.unknownRank ? null : (shape?.dim ?? []).map((dim) => exactInteger(dim.size)),
    name,
    ...operationOf(name),
    encoding: info.cooSparse ? 'sparse' : info.compositeTensor ? 'composite' : 'dense',
    ...(components.length > 0 && { components }),
  };
}

/** `image:0` → operation `image`, output 0; a name without a number is output 0. */
function operationOf(name: string): { operation: string | null; index: number | null } {
  if (!name) return { operation: null, index: null };
  const match = /^(.*):(\d+)$/s.exec(name);
  return match ? { operation: match[1] as string, index: Number(match[2]) } : { operation: name, index: 0 };
}

function componentNames(info: TensorInfo): string[] {
  const sparse = info.cooSparse;
  if (sparse) {
    return [sparse.valuesTensorName, sparse.indicesTensorName, sparse.denseShapeTensorName].map(
      (name) => name ?? '',
    );
  }
  return (info.compositeTensor?.components ?? []).map((component) => component.name ?? '');
}

/** Ops by name, with the number of nodes. */
function opsOf(graph: tensorflow.GraphDef.$Properties): { op: string; count: number }[] {
  const counts = new Map<string, number>();
  for (const { op, node } of usedOps(graph)) counts.set(op, (counts.get(op) ?? 0) + (node ? 1 : 0));
  return [...counts].sort(([a], [b]) => byCodePoint(a, b)).map(([op, count]) => ({ op, count }));
}
