// ONNX files in onnxruntime-node, in a process of their own; in the Python worker where that cannot carry a type or lacks an op.

import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { badInput, environmentError, TkError } from '../errors.ts';
import { integerNeeds } from '../formats/onnx/integer-sums.ts';
import { dtypeOfCode } from '../formats/onnx/tensor.ts';
import type { TensorSpec } from '../formats/tensor.ts';
import { runtimeFailure } from './failures.ts';
import { type ModelPlace, ownPlace } from './host/place.ts';
import type { OpenReply } from './host/protocol.ts';
import type { RunLimits } from './limits.ts';
import { openPythonRunner } from './python-runner.ts';
import type { ModelRunner } from './runner.ts';

export interface OnnxOptions {
  /** Graph optimisations; default true. */
  optimize?: boolean | undefined;
  /** Threads within one op; default: onnxruntime's choice, one a core. */
  threads?: number | undefined;
  limits?: RunLimits | undefined;
  /** Where onnxruntime-node loads it; default: a host of its own. */
  place?: ModelPlace | undefined;
}

/**
 * Loads an ONNX file (external data beside it) on the CPU.
 *
 * @throws TkError `no-model`, `runtime-refused` or `runtime-crashed` (exit 2) where the file is absent, damaged or not
 *   carried; `missing-package` (exit 3) where onnxruntime-node is not installed, `uncarried-type` (exit 3) where it cannot
 *   carry the element type of an input or output
 */
export async function openOnnx(path: string, options: OnnxOptions = {}): Promise<ModelRunner> {
  if (!existsSync(path)) throw badInput('no-model', `there is no ONNX file ${path}`);
  const { optimize = true } = options;
  const place = options.place ?? ownPlace(options.limits);
  const fail = (doing: string, error: unknown) => runtimeFailure('onnxruntime-node', doing, error);
  const { exactSums, oneThread } = integerNeeds(path);
  try {
    const { body } = await place.open({
      op: 'open-onnx',
      path: resolve(path),
      optimize,
      exactSums: optimize && exactSums,
      threads: oneThread ? 1 : (options.threads ?? place.threads),
    });
    const reply = body as unknown as OpenReply & { inputs: TensorSpec[]; outputs: TensorSpec[] };
    return {
      runtime: 'onnxruntime-node',
      version: reply.version,
      fallbackReason: null,
      parallel: place.parallel,
      inputs: reply.inputs,
      outputs: reply.outputs,
      run: async (inputs) => {
        try {
          return (await place.run(inputs)).tensors;
        } catch (error) {
          throw fail(`run ${path}`, error);
        }
      },
      close: () => place.close(),
    };
  } catch (error) {
    await place.close();
    const type = uncarriedType(error);
    if (type) {
      const message = `onnxruntime-node cannot carry the ${type} inputs or outputs of ${path}`;
      throw environmentError(
        'uncarried-type',
        message,
        'onnxruntime of Python carries it: tk verify --runners onnx-python',
      );
    }
    throw fail(`load ${path}`, error);
  }
}

/** The element type that a refusal of onnxruntime-node's own is about; null where it is about something else. */
function uncarriedType(error: unknown): string | null {
  const code = error instanceof Error && /^Unsupported data type: (\d+)$/.exec(error.message)?.[1];
  return code ? (dtypeOfCode(Number(code)) ?? `type ${code}`) : null;
}

/**
 * Loads an ONNX file in Python's onnxruntime (`onnxruntime-python`), which carries bfloat16 too.
 *
 * @param reason why onnxruntime-node does not serve; null where this runtime was asked for
 * @throws TkError `no-model` or `runtime-refused` (exit 2); `missing-python` (exit 3)
 */
export async function openOnnxInPython(
  path: string,
  reason: string | null,
  { optimize = true, limits }: OnnxOptions = {},
): Promise<ModelRunner> {
  if (!existsSync(path)) throw badInput('no-model', `there is no ONNX file ${path}`);
  const { exactSums, oneThread } = integerNeeds(path);
  return await openPythonRunner({
    ...{ runtime: 'onnxruntime-python', path, reason, limits },
    request: {
      command: 'onnx-session',
      onnx: resolve(path),
      optimize,
      exactSums: optimize && exactSums,
      oneThread,
    },
  });
}

/**
 * Loads an ONNX file in onnx's own reference evaluator (`onnx-reference`), which has the ops of onnx's own domains in
 * every opset, and none of onnxruntime's.
 *
 * @param reason why onnxruntime does not serve; null where this runtime was asked for
 * @throws TkError `no-model` or `runtime-refused` (exit 2); `missing-python` (exit 3)
 */
export async function openOnnxReference(
  path: string,
  reason: string | null,
  { limits }: OnnxOptions = {},
): Promise<ModelRunner> {
  if (!existsSync(path)) throw badInput('no-model', `there is no ONNX file ${path}`);
  return await openPythonRunner({
    ...{ runtime: 'onnx-reference', path, reason, limits },
    request: { command: 'reference-session', onnx: resolve(path) },
  });
}

/** True where onnxruntime refused a model for an op, an opset or a file version that it does not have; not for a faulty model. */
export function lacksKernel(error: unknown): error is TkError {
  const lacking =
    /Could not find an implementation for|Failed to find kernel for|is not a registered function\/op|[Oo]pset \d+ is under|model IR version/;
  return error instanceof TkError && error.code === 'runtime-refused' && lacking.test(error.message);
}
