// Models opened for a look inside: one run, whose results stay with the runtime and are taken one by one.
import { resolve } from 'node:path';
import { environmentError } from '../errors.ts';
import type { Tensor } from '../formats/tensor.ts';
import { runtimeFailure } from './failures.ts';
import { type ModelHost, startHost } from './host/client.ts';
import type { Endpoint, LayerSpec, OpenReply, OpenRequest } from './host/protocol.ts';
import type { RunLimits } from './limits.ts';
import type { RuntimeName } from './runner.ts';
import type { SignatureEndpoint } from './signature.ts';
import type { TensorflowRuntime } from './tensorflow.ts';
import { bindingModule, bindingRefusal } from './tfjs-binding.ts';

export type { LayerSpec } from './host/protocol.ts';

/** A model whose inner tensors can be read. */
export interface LayerRunner {
  readonly runtime: RuntimeName;
  /** Where it runs; another model may be opened there, which takes this one's place. Null for the Python worker. */
  readonly host: ModelHost | null;
  /** Runs once up to the named tensors and keeps them; what was kept before is dropped. */
  hold(inputs: Record<string, Tensor>, names: string[]): Promise<void>;
  /**
   * Gives a kept tensor and forgets it.
   *
   * @throws TkError `runtime-refused` (exit 2) where the runtime cannot carry its type
   */
  take(name: string): Promise<Tensor>;
  close(): Promise<void>;
}

/**
 * Loads an ONNX file, not optimised, with inner tensors as further outputs. External data stays where it is.
 *
 * @param names tensors of the main graph that are no outputs yet
 * @param host a host to use again, whose model goes; default: a new one
 * @throws TkError as `openOnnx`
 */
export async function openOnnxLayers(
  path: string,
  names: string[],
  host: ModelHost = startHost(),
): Promise<LayerRunner & { specs: LayerSpec[] }> {
  const request: OpenRequest = {
    op: 'open-onnx',
    path: resolve(path),
    optimize: false,
    exactSums: false,
    threads: 0,
    layers: names,
  };
  const { runner, reply } = await open(host, 'onnxruntime-node', path, request);
  return { ...runner, specs: reply.layers ?? [] };
}

/** A SavedModel's signature, whose outputs may be any tensors of its graph. */
export interface SavedModelTensors {
  key: string;
  tags: string[];
  inputs: SignatureEndpoint[];
  outputs: Endpoint[];
}

/**
 * Loads a SavedModel's graph with any of its tensors as outputs: in tfjs-node where that can carry the inputs, else in
 * the Python worker.
 *
 * @param options.host a host to use again, whose model goes; default: a new one
 * @throws TkError as `openSavedModel`
 */
export async function openSavedModelLayers(
  dir: string,
  tensors: SavedModelTensors,
  options: { runtime?: TensorflowRuntime; host?: ModelHost | undefined; limits?: RunLimits | undefined } = {},
): Promise<LayerRunner> {
  const { tags, inputs, outputs } = tensors;
  const refusal = bindingModule()
    ? bindingRefusal(inputs, [])
    : 'the TensorFlow binding of tfjs-node is not built';
  if (options.runtime === 'tf-python' || (refusal && options.runtime !== 'tfjs-node')) {
    const { openPythonLayers } = await import('./python-layers.ts');
    return await openPythonLayers(dir, tensors, options.limits);
  }
  if (refusal)
    throw environmentError('missing-runtime', refusal, 'use --runtime tf-python, or run: tk doctor');
  const request: OpenRequest = {
    op: 'open-saved-model',
    dir: resolve(dir),
    ...{ tags, inputs, outputs, asSession: false },
  };
  const host = options.host ?? startHost(options.limits);
  return (await open(host, 'tfjs-node', dir, request)).runner;
}

async function open(
  host: ModelHost,
  runtime: RuntimeName,
  path: string,
  request: OpenRequest,
): Promise<{ runner: LayerRunner; reply: OpenReply }> {
  const asking = async <Result>(doing: string, ask: () => Promise<Result>): Promise<Result> => {
    try {
      return await ask();
    } catch (error) {
      throw runtimeFailure(runtime, `${doing} ${path}`, error);
    }
  };
  try {
    const { body } = await asking('load', () => host.request(request));
    return { runner: runnerOf(runtime, host, asking), reply: body as unknown as OpenReply };
  } catch (error) {
    await host.close();
    throw error;
  }
}

type Asking = <Result>(doing: string, ask: () => Promise<Result>) => Promise<Result>;

function runnerOf(runtime: RuntimeName, host: ModelHost, asking: Asking): LayerRunner {
  return {
    runtime,
    host,
    hold: async (inputs, names) => {
      await asking('run', () => host.request({ op: 'hold', names }, inputs));
    },
    take: async (name) => {
      const { tensors } = await asking(`read ${name} of`, () => host.request({ op: 'take', name }));
      return tensors.value!;
    },
    close: () => host.close(),
  };
}
