// ONNX files in onnxruntime-node, in a process of their own.
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { badInput } from '../errors.ts';
import type { TensorSpec } from '../formats/tensor.ts';
import { runtimeFailure } from './failures.ts';
import { startHost } from './host/client.ts';
import type { OpenReply } from './host/protocol.ts';
import type { ModelRunner } from './runner.ts';

export interface OnnxOptions {
  /** Graph optimisations; default true. */
  optimize?: boolean | undefined;
  /** Threads within one op; default: onnxruntime's choice, one a core. */
  threads?: number | undefined;
}

/**
 * Loads an ONNX file (external data beside it) on the CPU.
 *
 * @throws TkError `no-model`, `runtime-refused` or `runtime-crashed` (exit 2) where the file is absent, damaged or not
 *   carried; `missing-package` (exit 3) where onnxruntime-node is not installed
 */
export async function openOnnx(path: string, options: OnnxOptions = {}): Promise<ModelRunner> {
  if (!existsSync(path)) throw badInput('no-model', `there is no ONNX file ${path}`);
  const host = startHost();
  const fail = (doing: string, error: unknown) => runtimeFailure('onnxruntime-node', doing, error);
  try {
    const { body } = await host.request({
      op: 'open-onnx',
      path: resolve(path),
      optimize: options.optimize ?? true,
      threads: options.threads ?? 0,
    });
    const reply = body as unknown as OpenReply & { inputs: TensorSpec[]; outputs: TensorSpec[] };
    return {
      runtime: 'onnxruntime-node',
      version: reply.version,
      fallbackReason: null,
      inputs: reply.inputs,
      outputs: reply.outputs,
      run: async (inputs) => {
        try {
          return (await host.request({ op: 'run' }, inputs)).tensors;
        } catch (error) {
          throw fail(`run ${path}`, error);
        }
      },
      close: () => host.close(),
    };
  } catch (error) {
    await host.close();
    throw fail(`load ${path}`, error);
  }
}
