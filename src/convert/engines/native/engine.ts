// The native engine: ONNX protobuf → checked nodes → graph → rewrites → SavedModel, without Python.
import { existsSync, rmSync } from 'node:fs';
import { badInput, conversionError, TkError } from '../../../errors.ts';
import { checkedNodes, invalidOnnx, nodeLabel } from '../../../formats/onnx/check.ts';
import { type OnnxModel, type OnnxValue, readOnnxModel } from '../../../formats/onnx/model.ts';
import type { NamedTensor } from '../../../formats/output/manifest.ts';
import { createNames, onnxTensorNames } from '../../../formats/savedmodel/names.ts';
import { type Engine, type EngineRequest, type EngineResult, Unsupported } from '../engine.ts';
import { type Graph, type Shape, shownSize, type TfTensor } from './graph.ts';
import { hoistWeights } from './hoist-weights.ts';
import { WeightRefusal } from './lazy.ts';
import { lower } from './lower.ts';
import { toLast } from './ops/layout.ts';
import { everywhere, optimize, tidy } from './passes/index.ts';
import { InvalidModel } from './refusal.ts';
import { TF_VERSION } from './tf/generated/ops.ts';
import { type SignatureTensor, writeSavedModel } from './writer/saved-model.ts';

export const nativeEngine: Engine = {
  name: 'native',
  async convert(request) {
    return withModel(request, (model) => convertModel(model, request));
  },
};

async function withModel<Result>(
  { onnxPath, shownPath = onnxPath }: EngineRequest,
  use: (model: OnnxModel) => Result,
): Promise<Result> {
  const model = { ...readOnnxModel(onnxPath), path: shownPath };
  try {
    return use(model);
  } catch (error) {
    if (error instanceof TkError || (error as Error).name === 'AbortError') throw error;
    if (error instanceof InvalidModel) throw invalidOnnx(shownPath, error.message);
    if (error instanceof WeightRefusal) {
      const reason = `${shownPath}: ${weightLabel(model, error.weight)}: ${error.message}`;
      throw badInput('bad-weight', reason, error.hint, error);
    }
    if ((error as NodeJS.ErrnoException).syscall) {
      throw conversionError(
        'write-failed',
        `the SavedModel cannot be written: ${(error as Error).message}`,
        undefined,
        error,
      );
    }
    throw error;
  } finally {
    model.close();
  }
}

function convertModel(model: OnnxModel, request: EngineRequest): EngineResult {
  const nodes = checkedNodes(model);
  const { inputLayout, allowRandom } = request;
  const { graph, refusals, random } = lower(model, nodes, { inputLayout, allowRandom });
  if (refusals.length > 0) throw new Unsupported(refusals);
  request.onProgress(`${nodes.length} ONNX nodes of opset ${model.opsets.get('') ?? '?'}`);
  const rewrite = request.optimize === 'none' ? tidy : (each: Graph) => optimize(each, request.without);
  const rewritten = hoistWeights(everywhere(graph, rewrite));
  const names = createNames(onnxTensorNames(model.graph));
  const inputs = signature(rewritten.inputs, model.graph.inputs, request.inputLayout);
  const outputs = signature(rewritten.outputs, model.graph.outputs, 'nchw');
  const { savedModelDir, freeze, dtype, signal, onProgress } = request;
  const written = wholeOrNothing(savedModelDir, () =>
    writeSavedModel(savedModelDir, {
      graph: rewritten,
      inputs,
      outputs,
      names,
      freeze,
      dtype,
      signal,
      onProgress,
    }),
  );
  return {
    inputs: namedTensors(inputs, written.inputs),
    outputs: namedTensors(outputs, written.outputs),
    nameMapping: names.changed(),
    folded: rewritten.folded,
    random: random.nodes.length > 0 ? random : null,
    versions: { 'tensorflow ops': TF_VERSION },
  };
}

/** A weight and the first node that reads it. */
function weightLabel({ graph }: OnnxModel, name: string): string {
  const reader = graph.nodes.find(({ inputs }) => inputs.includes(name));
  return reader ? `${name}, which ${nodeLabel(reader)} reads` : name;
}

/** Leaves no half-written folder behind, and touches none that was there. */
function wholeOrNothing<Result>(directory: string, write: () => Result): Result {
  if (existsSync(directory)) {
    throw conversionError(
      'output-exists',
      `${directory} exists already`,
      'name a folder that does not exist',
    );
  }
  try {
    return write();
  } catch (error) {
    rmSync(directory, { recursive: true, force: true });
    throw error;
  }
}

function signature(
  tensors: Graph['inputs'],
  declared: OnnxValue[],
  layout: 'nchw' | 'nhwc',
): SignatureTensor[] {
  const shapes = new Map(declared.map((value) => [value.name, value.shape]));
  return tensors.map(({ onnxName, tensor }) => {
    let shape: Shape = shapes.get(onnxName) ?? null;
    if (shape && layout === 'nhwc' && shape.length === 4) shape = toLast(4).map((axis) => shape![axis]!);
    return { key: onnxName, tensor, shape: merged(shape, tensor) };
  });
}

/**
 * The declared shape, and ours where the file declares none. A size that follows an open size of an input is as open,
 * although the file declares a number: exporters freeze the sizes of outputs that they traced, or write 1 for the batch.
 */
function merged(declared: Shape, { shape: made }: TfTensor): Shape {
  if (!made) return declared;
  if (!declared || declared.length !== made.length) return made.map(shownSize);
  return declared.map((dim, axis) => {
    const ours = made[axis] ?? null;
    return shownSize(typeof dim === 'string' ? dim : (ours ?? dim));
  });
}

function namedTensors(signatures: SignatureTensor[], tensorNames: string[]): NamedTensor[] {
  return signatures.map(({ key, tensor, shape }, at) => {
    if (shape === null) {
      throw badInput('unknown-rank', `${key}: its rank is neither declared in the file nor inferred`);
    }
    return {
      onnxName: key,
      signatureKey: key,
      tensorName: tensorNames[at]!,
      dtype: tensor.dtype,
      shape: [...shape],
    };
  });
}
