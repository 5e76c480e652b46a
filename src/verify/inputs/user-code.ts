// --input-code: a module of the user's own that makes the inputs, in JavaScript or Python. It runs with all their rights.
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, extname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { badInput } from '../../errors.ts';
import { readNpz, writeNpz } from '../../formats/npy/npz.ts';
import {
  type DType,
  elementCount,
  type NumericData,
  numericData,
  type Tensor,
  type TensorSpec,
} from '../../formats/tensor.ts';
import { interruptSignal } from '../../interrupt.ts';
import { openSession } from '../../runtime/worker/session.ts';
import type { Case } from '../cases.ts';

/** What the user's function is told. */
export interface CodeContext {
  inputs: TensorSpec[];
  seed: number;
}

type Arrays = Record<string, Tensor>;

/**
 * The cases that a module makes, one at a time. JavaScript: `export default function* (context)`, which may be async, and
 * yields `{NAME: {shape, data}}`. Python: `def inputs(specs, seed)`, which yields `{NAME: numpy array}`.
 *
 * @throws TkError `bad-input-code` (exit 2) where it cannot be loaded, raises, or yields something else
 */
export async function* codeCases(path: string, context: CodeContext): AsyncGenerator<Case, void, void> {
  if (!existsSync(path)) throw badInput('bad-input-code', `there is no file ${path}`);
  const extension = extname(path);
  const known = ['.py', '.js', '.mjs', '.cjs'].includes(extension);
  if (!known)
    throw badInput('bad-input-code', `${path} is neither Python nor JavaScript (.py, .js, .mjs, .cjs)`);
  let count = 0;
  for await (const inputs of extension === '.py'
    ? fromPython(path, context)
    : fromJavaScript(path, context)) {
    yield { label: `${basename(path)} ${++count}`, inputs, reference: null };
  }
  if (count === 0) throw badInput('bad-input-code', `${path} made no inputs`);
}

async function* fromJavaScript(path: string, context: CodeContext): AsyncGenerator<Arrays, void, void> {
  const fail = (error: unknown) => {
    const reason = error instanceof Error ? error.message : String(error);
    return badInput('bad-input-code', `${path} failed: ${reason.split('\n')[0]}`, undefined, error);
  };
  let iterator: AsyncIterator<unknown> | Iterator<unknown>;
  try {
    const module = (await import(pathToFileURL(resolve(path)).href)) as { default?: unknown };
    if (typeof module.default !== 'function') throw new Error('it has no default export that is a function');
    const made = (await module.default(context)) as Partial<AsyncIterable<unknown>> &
      Partial<Iterable<unknown>>;
    const begun = made?.[Symbol.asyncIterator]?.() ?? made?.[Symbol.iterator]?.();
    if (!begun) throw new Error('its function gives nothing to iterate over');
    iterator = begun;
  } catch (error) {
    throw fail(error);
  }
  for (;;) {
    let tensors: Arrays;
    try {
      const step = await iterator.next();
      if (step.done) return;
      tensors = asTensors(step.value, context);
    } catch (error) {
      throw fail(error);
    }
    yield tensors;
  }
}

function asTensors(value: unknown, { inputs }: CodeContext): Arrays {
  if (typeof value !== 'object' || value === null) throw new Error('it yielded no object of arrays by input');
  return Object.fromEntries(
    Object.entries(value).map(([name, array]) => {
      const dtype = inputs.find((spec) => spec.name === name)?.dtype;
      if (!dtype) throw new Error(`it yielded ${name}, which is no input`);
      return [name, asTensor(name, dtype, array)];
    }),
  );
}

/** `{shape, data}` with the typed array of the input's type; of strings, an array. */
function asTensor(name: string, dtype: DType, value: unknown): Tensor {
  const { shape, data } = (value ?? {}) as { shape?: unknown; data?: unknown };
  if (!Array.isArray(shape) || !shape.every((size) => Number.isSafeInteger(size) && size >= 0))
    throw new Error(`${name} has no shape`);
  const made = dtype === 'string' ? [] : numericData(dtype, new ArrayBuffer(0));
  if (Object.getPrototypeOf(data) !== Object.getPrototypeOf(made))
    throw new Error(`the data of ${name} is no ${made.constructor.name}, as ${dtype} takes`);
  const values = data as NumericData | string[];
  if (values.length !== elementCount(shape))
    throw new Error(`${name} has ${values.length} elements for [${shape}]`);
  return { dtype, shape, data: values };
}

/** Runs it in the worker; every request brings the next case, and no arrays mean the end. */
async function* fromPython(path: string, { inputs, seed }: CodeContext): AsyncGenerator<Arrays, void, void> {
  const folder = await mkdtemp(join(tmpdir(), 'tk-inputs-'));
  try {
    const session = await openSession(
      { command: 'input-session', file: resolve(path), specs: inputs, seed },
      { signal: interruptSignal },
    );
    try {
      const [request, answer] = [join(folder, 'request.npz'), join(folder, 'inputs.npz')];
      await writeNpz(request, []);
      for (;;) {
        await session.run(request, answer).catch((error: Error) => {
          throw badInput('bad-input-code', `${path} failed: ${error.message}`, undefined, error);
        });
        const arrays = await readNpz(answer);
        if (arrays.size === 0) return;
        yield Object.fromEntries(arrays);
      }
    } finally {
      await session.close();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
