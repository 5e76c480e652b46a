// Which engine converts: the one asked for, or native where it can and onnx2tf where it cannot.
import { badInput, conversionError, TkError } from '../../errors.ts';
import {
  type Engine,
  type EngineOptions,
  type EngineRequest,
  type EngineResult,
  summary,
  Unsupported,
} from './engine.ts';

export interface Conversion {
  engine: Engine['name'];
  /** Why `auto` did not take the native engine. */
  reason: string | null;
  result: EngineResult;
}

export type RequestedEngine = 'native' | 'onnx2tf' | 'auto';

/**
 * Refuses flags that onnx2tf has nothing for.
 *
 * @throws TkError `usage` (exit 2)
 */
export function checkEngineOptions(requested: RequestedEngine, options: EngineOptions): void {
  const [flag] = requested === 'onnx2tf' ? nativeFlags(options) : [];
  if (flag === undefined) return;
  throw badInput('usage', `the onnx2tf engine has no ${flag}`, `leave out ${flag}, or use --engine native`);
}

/** The flags, as the user wrote them, that only the native engine follows. */
function nativeFlags({ optimize, freeze, dtype, allowRandom }: EngineOptions): string[] {
  return [
    ...(optimize === 'none' ? ['--optimize none'] : []),
    ...(freeze ? ['--freeze'] : []),
    ...(dtype === 'float16' ? ['--dtype float16'] : []),
    ...(allowRandom ? ['--allow-random'] : []),
  ];
}

/** What a caller does where the native engine has refused. */
export interface OnRefusal {
  /** Has onnx.checker look at the model where it is installed, and throws what is wrong. */
  check(): Promise<void>;
  /** Told why the native engine cannot convert the model. */
  fallback(reason: string): void;
}

/**
 * Converts with the engine asked for; `auto` turns to onnx2tf where the native engine cannot convert the model. Each engine
 * is loaded only when it is needed.
 *
 * @throws TkError `unsupported-model` (exit 4) when the engine that was asked for refuses the model, or when only the
 *   other one could and has nothing for the flags; `onnx-invalid` (exit 2)
 */
export async function convertWith(
  requested: RequestedEngine,
  request: EngineRequest,
  onRefusal: OnRefusal,
): Promise<Conversion> {
  if (requested === 'onnx2tf') {
    return { engine: 'onnx2tf', reason: null, result: await (await onnx2tf()).convert(request) };
  }
  const { nativeEngine } = await import('./native/engine.ts');
  try {
    return { engine: 'native', reason: null, result: await nativeEngine.convert(request) };
  } catch (error) {
    if (!(error instanceof Unsupported)) throw error;
    // What the native engine cannot convert may break ONNX's rules, which the checker says better.
    await orWithReason(error, request.signal, () => onRefusal.check());
    if (requested === 'native' || error.isRandom) throw error;
    return await fallBack(error, request, onRefusal);
  }
}

async function fallBack(
  refusal: Unsupported,
  request: EngineRequest,
  onRefusal: OnRefusal,
): Promise<Conversion> {
  const { refusals, message } = refusal;
  const flags = nativeFlags(request);
  if (flags.length > 0) {
    throw conversionError(
      'unsupported-model',
      `${message}; and onnx2tf has no ${flags.join(', no ')}`,
      `leave out ${flags.join(' and ')} to try onnx2tf`,
    );
  }
  const reason = summary(refusals);
  onRefusal.fallback(reason);
  const result = await orWithReason(refusal, request.signal, async () => (await onnx2tf()).convert(request));
  return { engine: 'onnx2tf', reason, result };
}

/** What is thrown after the native engine has refused says why that was: the first reason is often the better one. */
async function orWithReason<T>(
  { refusals }: Unsupported,
  signal: AbortSignal,
  run: () => Promise<T>,
): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (signal.aborted || !(error instanceof TkError)) throw error;
    throw new TkError(
      error.code,
      error.exitCode,
      `${error.message} (the native engine had refused: ${summary(refusals)})`,
      {
        ...(error.hint && { hint: error.hint }),
        cause: error,
      },
    );
  }
}

async function onnx2tf(): Promise<Engine> {
  return (await import('./onnx2tf.ts')).onnx2tfEngine;
}
