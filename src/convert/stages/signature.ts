// Stage signature: our own reading of the SavedModel against the tensor contract (docs/output-directory.md).
import { basename } from 'node:path';
import { conversionError } from '../../errors.ts';
import { modelFile, readSavedModel } from '../../formats/savedmodel/read.ts';
import type { TensorSpec } from '../../formats/tensor.ts';
import { readSignature } from '../../runtime/signature.ts';

const KEY = 'serving_default';
const METHOD = 'tensorflow/serving/predict';

/**
 * Checks that a SavedModel has the ONNX model's inputs and outputs under their own names, in order, with the same
 * dtypes and shapes (symbolic sizes unknown; a shape that is null may be any), as `serving_default` of a MetaGraph tagged `serve`.
 *
 * @throws TkError `signature-mismatch` (exit 4) with the first thing that differs
 */
export function checkSignature(
  savedModelDir: string,
  expected: { inputs: TensorSpec[]; outputs: TensorSpec[]; inputLayout: 'nchw' | 'nhwc' },
): void {
  checkFraming(savedModelDir);
  const signature = readSignature(savedModelDir, KEY);
  const inputs = expected.inputLayout === 'nhwc' ? expected.inputs.map(toNhwc) : expected.inputs;
  compare('input', inputs, signature.inputs);
  compare('output', expected.outputs, signature.outputs);
}

function checkFraming(dir: string): void {
  const file = modelFile(dir);
  if (!file) throw mismatch(`the engine wrote no saved_model.pb into ${basename(dir)}/`);
  const metaGraphs = readSavedModel(file).metaGraphs ?? [];
  const serving = metaGraphs.filter(({ metaInfoDef }) => metaInfoDef?.tags?.join() === 'serve');
  if (serving.length !== 1) throw mismatch(`${serving.length} MetaGraphs have the tag serve alone, not one`);
  const signature = serving[0]?.signatureDef?.[KEY];
  if (!signature) throw mismatch(`there is no signature ${KEY}`);
  if (signature.methodName !== METHOD) {
    throw mismatch(`the method of ${KEY} is '${signature.methodName ?? ''}', not '${METHOD}'`);
  }
}

function compare(what: string, expected: TensorSpec[], actual: TensorSpec[]): void {
  const wanted = expected.map(({ name }) => name);
  const found = actual.map(({ name }) => name);
  if (namesOf(found) !== namesOf(wanted)) {
    throw mismatch(
      `its ${what}s are ${found.join(', ') || 'none'}, and the ONNX model's ${wanted.join(', ')}`,
    );
  }
  for (const spec of expected) {
    const other = actual.find(({ name }) => name === spec.name)!;
    if (other.dtype !== spec.dtype)
      throw mismatch(`${what} ${spec.name} is ${other.dtype}, not ${spec.dtype}`);
    const [shape, otherShape] = [shapeText(spec.shape), shapeText(other.shape)];
    if (spec.shape !== null && shape !== otherShape)
      throw mismatch(`${what} ${spec.name} has the shape ${otherShape}, not ${shape}`);
  }
}

/** Names in order. Names that are whole numbers lose their order in any JavaScript map, so they are compared as a set. */
function namesOf(names: string[]): string {
  const ordered = names.some((name) => /^\d+$/.test(name)) ? [...names].sort() : names;
  return JSON.stringify(ordered);
}

/** NCHW → NHWC for images; other ranks have no layout. */
function toNhwc(spec: TensorSpec): TensorSpec {
  if (spec.shape?.length !== 4) return spec;
  const [batch, channels, height, width] = spec.shape as [number, number, number, number];
  return { ...spec, shape: [batch, height, width, channels] };
}

/** A symbol and an unknown size are the same to TensorFlow: -1. */
function shapeText(shape: TensorSpec['shape']): string {
  if (!shape) return 'of unknown rank';
  return `[${shape.map((size) => (typeof size === 'number' ? size : '?')).join(', ')}]`;
}

function mismatch(detail: string): Error {
  return conversionError(
    'signature-mismatch',
    `the SavedModel breaks the tensor contract: ${detail}`,
    'try the other --engine, and report this model',
  );
}
