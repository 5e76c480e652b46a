// What every client needs to know of a signature: tensors that can be fed by name, sizes to feed, remarks.
import type { InspectReport, MetaGraphReport, SignatureReport, TensorReport } from '../report.ts';

export interface SnippetRequest {
  report: InspectReport;
  metaGraph: MetaGraphReport;
  signature: SignatureReport;
  /** The SavedModel's directory, as the client is to load it. */
  directory: string;
}

/** A tensor of the graph with the one name that it has. */
export type NamedTensor = TensorReport & { operation: string; index: number };

/** What stands for a dimension that may be any size. */
const EXAMPLE_BATCH = 1;
const EXAMPLE_SIZE = 64;

/**
 * Sizes to feed: a free first dimension is 1; other free ones are 64 where the rank is an image's (4), else 1.
 * An unknown rank is fed as a vector of one element.
 */
export function exampleShape(tensor: TensorReport): number[] {
  if (!tensor.shape) return [1];
  const free = tensor.shape.length === 4 ? EXAMPLE_SIZE : EXAMPLE_BATCH;
  return tensor.shape.map((size, index) =>
    Number(size) >= 0 ? Number(size) : index === 0 ? EXAMPLE_BATCH : free,
  );
}

/** Tensors to feed or fetch by name, each name once: a sparse one by its parts; a composite one is left to the reader. */
export function namedTensors(tensors: TensorReport[]): NamedTensor[] {
  const parts = tensors.flatMap((tensor) => (tensor.encoding === 'sparse' ? sparseParts(tensor) : [tensor]));
  const named = parts.filter(
    (tensor): tensor is NamedTensor => tensor.operation !== null && tensor.index !== null,
  );
  const nameOf = ({ operation, index }: NamedTensor) => `${operation}:${index}`;
  const first = new Map([...named].reverse().map((tensor) => [nameOf(tensor), tensor]));
  return named.filter((tensor) => first.get(nameOf(tensor)) === tensor);
}

/** Values, indices and dense shape of a sparse tensor without values. */
function sparseParts(tensor: TensorReport): TensorReport[] {
  const rank = tensor.shape?.length ?? 1;
  const parts: [part: string, dtype: string, shape: number[]][] = [
    ['values', tensor.dtype, [0]],
    ['indices', 'DT_INT64', [0, rank]],
    ['dense_shape', 'DT_INT64', [rank]],
  ];
  return parts.flatMap(([part, dtype, shape], position) => {
    const name = tensor.components?.[position];
    const [, operation = '', index = ''] = /^(.+):(\d+)$/s.exec(name ?? '') ?? [];
    if (!name || !operation) return [];
    const key = `${tensor.key}.${part}`;
    return [{ key, dtype, shape, name, operation, index: Number(index), encoding: 'dense' as const }];
  });
}

/** Lines on what a reader should know of the names, without the language's comment sign. */
export function remarks({ report, signature }: SnippetRequest): string[] {
  const tensors = [...signature.inputs, ...signature.outputs];
  const renamed = tensors.filter(
    ({ onnxName, key, operation }) => onnxName && (onnxName !== key || onnxName !== operation),
  );
  const lines = renamed.map(({ name, onnxName }) => `${name} is ${onnxName} in the ONNX model.`);
  const mapped = report.nameMapping?.length ?? 0;
  if (mapped > 0)
    lines.push(`${mapped} nodes have other names than in the ONNX model: see nameMapping in manifest.json.`);
  return lines.map(onOneLine);
}

/** What is to be said where a client names the graph's tensors, and a signature's has several names. */
export function compositeRemarks({ signature }: SnippetRequest): string[] {
  const composite = [...signature.inputs, ...signature.outputs].filter(
    ({ encoding }) => encoding === 'composite',
  );
  return composite.map(({ key, components }) =>
    onOneLine(`${key} is composite; its parts are: ${(components ?? []).join(', ')}`),
  );
}

/** `image: DT_FLOAT (-1, 3, 4, 4)`, fit for a comment at a line's end. */
export function describeTensor(tensor: TensorReport): string {
  const shape = tensor.shape ? `(${tensor.shape.join(', ')})` : 'unknown rank';
  return onOneLine(`${tensor.key}: ${tensor.dtype} ${shape}`);
}

export function comment(sign: string, lines: string[]): string {
  return lines.map((line) => `${sign} ${line}\n`).join('');
}

/** Without characters that end a comment or are forbidden in source (a backslash at the end continues C's). */
export function onOneLine(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\u2028\u2029\ufeff]/gu, ' ').replace(/\\$/, '\\ .');
}
