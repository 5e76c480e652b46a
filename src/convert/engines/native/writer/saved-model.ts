// Writes a graph as a TF1-style SavedModel: placeholders, resource variables with a saver, one SignatureDef.
//
// This form loads in TensorFlow 2, Keras, tfjs-node and the C API alike, and its tensors keep the model's own names.
// The writer knows nothing of ONNX: it takes a graph whose nodes may carry names to keep.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { toLong } from '../../../../formats/protobuf/int64.ts';
import { tensorflow } from '../../../../formats/savedmodel/generated/savedmodel.js';
import type { DType, TensorData } from '../../../../formats/tensor.ts';
import { dataTypeOf } from '../../../../formats/tensorbundle/dtypes.ts';
import { createBundle } from '../../../../formats/tensorbundle/writer.ts';
import type { Graph, Shape, TfNode, TfTensor } from '../graph.ts';
import type { Names } from '../names.ts';
import { TF_OPS, TF_VERSION } from '../tf/generated/ops.ts';
import { constDef, type NodeDef, nodeDef, shapeProto } from './nodes.ts';
import { readName, type Saver, saver, type Variable, variableNodes } from './variables.ts';

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
  mkdirSync(join(directory, 'variables'), { recursive: true });
  if (layout.variables.length > 0)
    writeVariables(join(directory, 'variables', 'variables'), layout.variables, plan);
  const tensorName = ({ node, index }: TfTensor) => `${layout.nameOf.get(node)}:${index}`;
  const model = { savedModelSchemaVersion: toLong(1), metaGraphs: [metaGraph(plan, layout, tensorName)] };
  plan.signal.throwIfAborted();
  writeFileSync(join(directory, 'saved_model.pb'), tensorflow.SavedModel.encode(model).finish(), {
    flag: 'wx',
  });
  return {
    inputs: plan.inputs.map(({ tensor }) => tensorName(tensor)),
    outputs: plan.outputs.map(({ tensor }) => tensorName(tensor)),
  };
}

interface Layout {
  nodes: NodeDef[];
  nameOf: Map<TfNode, string>;
  variables: Variable[];
  saver: Saver | undefined;
}

function layOut({ graph, names }: SavedModelPlan): Layout {
  const nameOf = new Map<TfNode, string>();
  const reads = new Map<TfNode, string>();
  const variables = new Map<string, Variable>();
  const nodes: NodeDef[] = [];
  for (const node of graph.nodes) {
    const { payload } = node;
    if (node.weight && payload) {
      // The same elements are stored once, whoever asks.
      let variable = variables.get(payload.key);
      if (!variable) {
        variable = { name: names.fresh(node.name), payload };
        variables.set(payload.key, variable);
        nodes.push(...variableNodes(variable));
      }
      reads.set(node, readName(variable));
      nameOf.set(node, readName(variable));
      continue;
    }
    const name = node.onnxName === undefined ? names.fresh(node.name) : names.of(node.onnxName);
    nameOf.set(node, name);
    if (payload) nodes.push(constDef(name, payload));
    else
      nodes.push(
        nodeDef(
          name,
          node.op,
          node.inputs.map((input) => inputName(input, nameOf)),
          node.attrs,
        ),
      );
  }
  const list = [...variables.values()];
  const saving = list.length > 0 ? saver(list, names) : undefined;
  return { nodes: [...nodes, ...(saving?.nodes ?? [])], nameOf, variables: list, saver: saving };
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
    for (const { name, payload } of variables) {
      signal.throwIfAborted();
      const data = payload.load() as Exclude<TensorData, string[]>;
      bundle.add(name, payload.dtype as Exclude<DType, 'string'>, payload.shape, data);
      bytes += data.byteLength;
    }
    bundle.finish();
    onProgress(`${variables.length} variables, ${(bytes / 1e6).toFixed(1)} MB`);
  } finally {
    bundle.close();
  }
}

function metaGraph(
  { inputs, outputs }: SavedModelPlan,
  { nodes, variables, saver: saving }: Layout,
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
      strippedOpList: { op: strippedOps(nodes) },
    },
    graphDef: { node: nodes, versions: { producer: PRODUCER, minConsumer: MIN_CONSUMER } },
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
function strippedOps(nodes: NodeDef[]): tensorflow.IOpDef[] {
  const used = [...new Set(nodes.map(({ op }) => op!))].sort();
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
