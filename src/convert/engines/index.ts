// Which engine converts: the one asked for, or native where it can and onnx2tf where it cannot.
import { conversionError, TkError } from '../../errors.ts';
import type { Engine } from './engine.ts';

export interface EngineChoice {
  engine: Engine;
  /** Why `auto` did not take the native engine. */
  reason: string | null;
}

/**
 * Chooses an engine; each is loaded only when it is looked at.
 *
 * @throws TkError `unsupported-model` (exit 4) when the engine that was asked for refuses the model
 */
export async function chooseEngine(
  requested: 'native' | 'onnx2tf' | 'auto',
  onnxPath: string,
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
