// Opens both models of a pair for a look inside: what matches, and the two runtimes.
import { checkedNodes } from '../../formats/onnx/check.ts';
import { type OnnxModel, readOnnxModel } from '../../formats/onnx/model.ts';
import type { Manifest } from '../../formats/output/manifest.ts';
import { modelFile, readSavedModel } from '../../formats/savedmodel/read.ts';
import type { Tensor } from '../../formats/tensor.ts';
import { startHost } from '../../runtime/host/client.ts';
import type { Endpoint } from '../../runtime/host/protocol.ts';
import type { LayerRunner } from '../../runtime/layer-runner.ts';
import { type LayerSpec, openOnnxLayers, openSavedModelLayers } from '../../runtime/layers.ts';
import type { RunLimits } from '../../runtime/limits.ts';
import { readSignature, type Signature } from '../../runtime/signature.ts';
import type { TensorflowRuntime } from '../../runtime/tensorflow.ts';
import { channelsLast } from '../layout.ts';
import type { NamedRule, Tolerances } from '../tolerances.ts';
import { type Match, type Matches, matchTensors } from './match.ts';

/** What to look into, and on which inputs. */
export interface LayersRequest {
  onnx: string;
  savedModel: string;
  manifest: Manifest | null;
  /** Default `serving_default`. */
  signature?: string | undefined;
  /** What the SavedModel calls an input or output of the ONNX file, where it is not the same. */
  rename?: Record<string, string> | undefined;
  /** One case, by ONNX input name, and its label. */
  inputs: Record<string, Tensor>;
  label: string;
  tolerances: Tolerances;
  /** What departs from them by name. */
  named?: NamedRule[] | undefined;
  /** Where TensorFlow runs; default `auto`. */
  runtime?: TensorflowRuntime | undefined;
  limits?: RunLimits | undefined;
  signal?: AbortSignal | undefined;
  onProgress?: ((message: string) => void) | undefined;
}

/** Both models opened; `close` ends their runtimes. */
export interface OpenPair {
  model: OnnxModel;
  signature: Signature;
  matches: Matches;
  /** The ONNX file's inputs that must be given. */
  declaredInputs: OnnxModel['graph']['inputs'];
  /** What onnxruntime infers of each matched tensor, by name. */
  specs: Map<string, LayerSpec>;
  onnx: LayerRunner;
  tensorflow: LayerRunner;
  /** The case's inputs as TensorFlow takes them. */
  tensorflowInputs: Record<string, Tensor>;
  close(): Promise<void>;
}

/**
 * Opens both models with every matched tensor as an output.
 *
 * @throws TkError exit 2 for a model that cannot be read or does not load, exit 3 where a runtime is missing
 */
export async function openPair(request: LayersRequest): Promise<OpenPair> {
  const model = readOnnxModel(request.onnx);
  try {
    const signature = renamed(readSignature(request.savedModel, request.signature), request.rename ?? {});
    const matches = matchPair(model, signature, request);
    const inner = matches.matches.filter(
      ({ onnx }) => !model.graph.outputs.some(({ name }) => name === onnx),
    );
    const opened = await Promise.allSettled([
      openOnnxLayers(
        request.onnx,
        inner.map(({ onnx }) => onnx),
        startHost(request.limits),
      ),
      openSavedModelLayers(
        request.savedModel,
        { ...signature, outputs: matches.matches.map(endpointOf) },
        { runtime: request.runtime ?? 'auto', limits: request.limits },
      ),
    ]);
    const [onnx, tensorflow] = opened;
    if (onnx.status === 'fulfilled' && tensorflow.status === 'fulfilled') {
      const nhwc = request.manifest?.options.inputLayout === 'nhwc';
      return {
        ...{ model, signature, matches, onnx: onnx.value, tensorflow: tensorflow.value },
        declaredInputs: model.graph.inputs,
        specs: new Map(onnx.value.specs.map((spec) => [spec.name, spec])),
        tensorflowInputs: nhwc ? channelsLast(request.inputs) : request.inputs,
        close: async () => {
          model.close();
          await Promise.all([onnx.value.close(), tensorflow.value.close()]);
        },
      };
    }
    for (const each of opened) if (each.status === 'fulfilled') await each.value.close();
    throw opened.find((each) => each.status === 'rejected')?.reason;
  } catch (error) {
    model.close();
    throw error;
  }
}

/** The signature with ONNX's names as keys. */
function renamed(signature: Signature, rename: Record<string, string>): Signature {
  const names = new Map(Object.entries(rename).map(([onnx, other]) => [other, onnx]));
  const keyed = <T extends { key: string }>(list: T[]) =>
    list.map((each) => ({ ...each, key: names.get(each.key) ?? each.key }));
  return { ...signature, inputs: keyed(signature.inputs), outputs: keyed(signature.outputs) };
}

function matchPair(model: OnnxModel, signature: Signature, { savedModel, manifest }: LayersRequest): Matches {
  const outputs = new Map(signature.outputs.map(({ key, tensorName }) => [key, tensorName]));
  return matchTensors(model, checkedNodes(model), graphNodeNames(savedModel, signature), outputs, manifest);
}

/** Names of the nodes outside functions, of the MetaGraph that the signature stands in. */
function graphNodeNames(dir: string, { tags }: Signature): Set<string> {
  const file = modelFile(dir);
  const metaGraphs = file ? (readSavedModel(file, { nodeNames: true }).metaGraphs ?? []) : [];
  const chosen = metaGraphs.find((each) => (each.metaInfoDef?.tags ?? []).join() === tags.join());
  return new Set(chosen?.graphDef?.node?.map(({ name }) => name ?? ''));
}

function endpointOf({ onnx, tensorflow }: Match): Endpoint {
  return { key: onnx, tensorName: tensorflow, dtype: null };
}
