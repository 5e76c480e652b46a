// Models opened for a look inside: one run, whose results stay with the runtime and are taken one by one.
import { resolve } from 'node:path';
import { environmentError } from '../errors.ts';
import { integerNeeds } from '../formats/onnx/integer-sums.ts';
import { runtimeFailure } from './failures.ts';
import { type ModelHost, startHost } from './host/client.ts';
import type { LayerSpec, OpenReply, OpenRequest } from './host/protocol.ts';
import type { LayerRunner, SavedModelTensors } from './layer-runner.ts';
import type { RunLimits } from './limits.ts';
import type { RuntimeName } from './runner.ts';
import type { TensorflowRuntime } from './tensorflow.ts';
import { bindingModule, bindingRefusal } from './tfjs-binding.ts';

export type { LayerSpec } from './host/protocol.ts';

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
    threads: integerNeeds(path).oneThread ? 1 : 0,
    layers: names,
  };
  const { runner, reply } = await open(host, 'onnxruntime-node', path, request);
  return { ...runner, specs: reply.layers ?? [] };
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
