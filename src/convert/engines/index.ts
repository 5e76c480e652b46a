// Which engine converts: the one asked for, or native where it can and onnx2tf where it cannot.
import { badInput, conversionError, TkError } from '../../errors.ts';
import type { Engine, EngineOptions } from './engine.ts';

export interface EngineChoice {
  engine: Engine;
  /** Why `auto` did not take the native engine. */
  reason: string | null;
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
function nativeFlags({ optimize, freeze, dtype }: EngineOptions): string[] {
  return [
    ...(optimize === 'none' ? ['--optimize none'] : []),
    ...(freeze ? ['--freeze'] : []),
    ...(dtype === 'float16' ? ['--dtype float16'] : []),
  ];
}

/**
 * Chooses an engine; each is loaded only when it is looked at.
 *
 * @throws TkError `unsupported-model` (exit 4) when the engine that was asked for refuses the model, or when only the
 *   other one could and has nothing for the flags
 */
export async function chooseEngine(
  requested: RequestedEngine,
  onnxPath: string,
  options: EngineOptions,
): Promise<EngineChoice> {
  if (requested === 'onnx2tf') return { engine: await onnx2tf(), reason: null };
  const { nativeEngine } = await import('./native/engine.ts');
  const refusals = await nativeEngine.refusals(onnxPath);
  if (refusals.length === 0) return { engine: nativeEngine, reason: null };
  if (requested === 'native') {
    throw conversionError(
      'unsupported-model',
      `the native engine cannot convert this model: ${summary(refusals)}`,
      'try --engine onnx2tf',
    );
  }
  const flags = nativeFlags(options);
  if (flags.length > 0) {
    throw conversionError(
      'unsupported-model',
      `the native engine cannot convert this model: ${summary(refusals)}; and onnx2tf has no ${flags.join(', no ')}`,
      `leave out ${flags.join(' and ')} to try onnx2tf`,
    );
  }
  return { engine: await onnx2tf(), reason: summary(refusals) };
}

/** Says that the fallback of `auto` failed, together with why it was a fallback. */
export function asFallbackFailure(error: unknown, choice: EngineChoice): unknown {
  if (!choice.reason || !(error instanceof TkError)) return error;
  return new TkError(
    error.code,
    error.exitCode,
    `${error.message} (the native engine had refused: ${choice.reason})`,
    {
      ...(error.hint && { hint: error.hint }),
      cause: error,
    },
  );
}

async function onnx2tf(): Promise<Engine> {
  return (await import('./onnx2tf.ts')).onnx2tfEngine;
}

function summary(refusals: string[]): string {
  const shown = refusals.slice(0, 3).join('; ');
  return refusals.length > 3 ? `${shown}; and ${refusals.length - 3} more` : shown;
}
