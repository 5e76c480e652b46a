// Writes a graph as a TF1-style SavedModel: placeholders, resource variables with a saver, one SignatureDef.
//
// This form loads in TensorFlow 2, Keras, tfjs-node and the C API alike, and its tensors keep the model's own names.
// The writer knows nothing of ONNX: it takes a graph whose nodes may carry names to keep.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { badInput } from '../../../../errors.ts';
import { dataTypeOf } from '../../../../formats/savedmodel/dtypes.ts';
import type { tensorflow } from '../../../../formats/savedmodel/generated/savedmodel.js';
import type { Names } from '../../../../formats/savedmodel/names.ts';
import { bytesPerElement, type DType, elementCount } from '../../../../formats/tensor.ts';
import { createBundle } from '../../../../formats/tensorbundle/writer.ts';
import type { Graph, Shape, TfNode, TfTensor } from '../graph.ts';
import { bytesOf } from '../lazy.ts';
import { TF_OPS, TF_VERSION } from '../tf/generated/ops.ts';
import { createLibrary, type FunctionDef } from './functions.ts';
import { type EncodedModel, encodeModel, writeModelFile } from './model-file.ts';
import { type ConstNode, constDef, type NodeDef, nodeDef, shapeProto } from './nodes.ts';
import { stored } from './storage.ts';
import { frozenNodes, readName, type Saver, saver, type Variable, variableNodes } from './variables.ts';

export interface SignatureTensor {
  key: string;
  tensor: TfTensor;
  /** As declared; may say more or less than the tensor's own. */
  shape: Shape;
}

export interface SavedModelPlan {
  graph: Graph;
  inputs: SignatureTensor[];
  outputs: SignatureTensor[];
  names: Names;
  /** Weights as constants, not as variables. */
  freeze: boolean;
  /** What weights of float32 are stored in. */
  dtype: 'float32' | 'float16';
  signal: AbortSignal;
  onProgress: (message: string) => void;
}

/** The GraphDef version that TensorFlow 2.19 writes; older runtimes accept it as long as they know the ops. */
const PRODUCER = 1987;
const MIN_CONSUMER = 12;

/** Writes the SavedModel and gives the TensorFlow tensor name of each input and output, in order. */
export function writeSavedModel(
  directory: string,
  plan: SavedModelPlan,
): { inputs: string[]; outputs: string[] } {
  const layout = layOut(plan);
  const tensorName = ({ node, index }: TfTensor) => `${layout.nameOf.get(node)}:${index}`;
  const model = encodeModel({
    nodes: layout.nodes,
    graph: {
      ...(layout.functions.length > 0 && { library: { function: layout.functions } }),
      versions: { producer: PRODUCER, minConsumer: MIN_CONSUMER },
    },
    meta: metaGraph(plan, layout, tensorName),
  });
  checkSize(model, plan.freeze);
  mkdirSync(join(directory, 'variables'), { recursive: true });
  if (layout.variables.length > 0)
    writeVariables(join(directory, 'variables', 'variables'), layout.variables, plan);
  writeModelFile(join(directory, 'saved_model.pb'), model, plan.signal);
  return {
    inputs: plan.inputs.map(({ tensor }) => tensorName(tensor)),
    outputs: plan.outputs.map(({ tensor }) => tensorName(tensor)),
  };
}

/** Protobuf's readers take no message of 2 GiB. */
const LARGEST_MODEL = 2 ** 31 - 1;

/** @throws TkError `graph-too-large` (exit 2) before anything is written */
function checkSize({ bytes }: EncodedModel, frozen: boolean): void {
  if (bytes <= LARGEST_MODEL) return;
  throw badInput(
    'graph-too-large',
    `the graph with its constants takes ${bytes} bytes, and a GraphDef holds less than 2 GiB`,
    frozen ? 'leave out --freeze: variables have no such limit' : 'split the model',
  );
}

interface Layout {
  nodes: (NodeDef | ConstNode)[];
  nameOf: Map<TfNode, string>;
  variables: Variable[];
  saver: Saver | undefined;
  functions: FunctionDef[];
}

function layOut({ graph, names, freeze, dtype }: SavedModelPlan): Layout {
  const nameOf = new Map<TfNode, string>();
  /** By the payload's key. */
  const reads = new Map<string, string>();
  const variables: Variable[] = [];
  const nodes: Layout['nodes'] = [];
  const library = createLibrary();
  for (const node of graph.nodes) {
    const { payload } = node;
    if (node.weight && payload) {
      // The same elements are stored once, whoever asks.
      let read = reads.get(payload.key);
      if (read === undefined) {
        const name = names.weight(node.name);
        const variable = { name, payload, stored: stored(name, payload, dtype) };
        read = freeze ? name : readName(variable);
        reads.set(payload.key, read);
        nodes.push(...(freeze ? frozenNodes(variable, names) : variableNodes(variable)));
        if (!freeze) variables.push(variable);
      }
      nameOf.set(node, read);
      continue;
    }
    const own = payload ? names.weight : names.fresh;
    const name = node.onnxName === undefined ? own(node.name) : names.of(node.onnxName);
    nameOf.set(node, name);
    if (payload?.dtype === 'string') nodes.push(constDef(name, payload));
    else if (payload) nodes.push({ name, payload });
    else {
      const inputs = node.inputs.map((input) => inputName(input, nameOf));
      nodes.push(nodeDef(name, node.op, inputs, node.attrs, library.namesOf(node, name)));
    }
  }
  const saving = variables.length > 0 ? saver(variables, names) : undefined;
  const all = [...nodes, ...(saving?.nodes ?? [])];
  return { nodes: all, nameOf, variables, saver: saving, functions: library.functions };
}

function inputName({ node, index }: TfTensor, nameOf: Map<TfNode, string>): string {
  const name = nameOf.get(node);
  if (name === undefined) throw new Error(`${node.name} is read before it is made`);
  return index === 0 ? name : `${name}:${index}`;
}

function writeVariables(prefix: string, variables: Variable[], { signal, onProgress }: SavedModelPlan): void {
  const bundle = createBundle(prefix);
  try {
    let bytes = 0;
    for (const { name, stored: content } of variables) {
      signal.throwIfAborted();
      const dtype = content.dtype as Exclude<DType, 'string'>;
      bundle.add(name, dtype, content.shape, bytesOf(content));
      bytes += elementCount(content.shape) * bytesPerElement(dtype);
    }
    bundle.finish();
    onProgress(`${variables.length} variables, ${(bytes / 1e6).toFixed(1)} MB`);
  } finally {
    bundle.close();
  }
}

function metaGraph(
  { inputs, outputs }: SavedModelPlan,
  { nodes, variables, saver: saving, functions }: Layout,
  tensorName: (tensor: TfTensor) => string,
): tensorflow.IMetaGraphDef {
  const infos = (list: SignatureTensor[]) =>
    Object.fromEntries(
      list.map(({ key, tensor, shape }) => [
        key,
        { name: tensorName(tensor), dtype: dataTypeOf(tensor.dtype), tensorShape: shapeProto(shape) },
      ]),
    );
  const signature: tensorflow.ISignatureDef = {
    inputs: infos(inputs),
    outputs: infos(outputs),
    methodName: 'tensorflow/serving/predict',
  };
  return {
    metaInfoDef: {
      tags: ['serve'],
      tensorflowVersion: TF_VERSION,
      tensorflowGitVersion: 'unknown',
      strippedDefaultAttrs: true,
      strippedOpList: { op: strippedOps([...nodes, ...functions.flatMap(({ nodeDef }) => nodeDef ?? [])]) },
    },
    ...(saving && {
      saverDef: {
        filenameTensorName: saving.filename,
        saveTensorName: saving.saveTensor,
        restoreOpName: saving.restoreOp,
        maxToKeep: 5,
        version: 2,
        keepCheckpointEveryNHours: 10000,
      },
    }),
    ...(variables.length > 0 && {
      collectionDef: {
        trainable_variables: { bytesList: { value: saving!.collection } },
        variables: { bytesList: { value: saving!.collection } },
      },
    }),
    signatureDef: { serving_default: signature },
  };
}

/** The ops that the graph uses, by name: what `saved_model_cli` lists. */
function strippedOps(nodes: Layout['nodes']): tensorflow.IOpDef[] {
  const used = [...new Set(nodes.map((node) => ('payload' in node ? 'Const' : node.op!)))].sort();
  return used.map((name) => {
    const { inputs, outputs } = TF_OPS[name]!;
    const arg = (each: (typeof inputs)[number]): tensorflow.OpDef.IArgDef => ({
      name: each.name,
      ...(each.typeAttr && { typeAttr: each.typeAttr }),
      ...(each.numberAttr && { numberAttr: each.numberAttr }),
      ...(each.typeListAttr && { typeListAttr: each.typeListAttr }),
    });
    return { name, inputArg: inputs.map(arg), outputArg: outputs.map(arg) };
  });
}
