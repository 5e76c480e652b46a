// How a runtime's refusal, or its death, becomes one clear line.
import { badInput, interrupted, TkError } from '../errors.ts';
import { interruptSignal } from '../interrupt.ts';
import { HostCrash, lastWords } from './host/client.ts';

/**
 * What to throw when a runtime could not load or run a model: a TkError passes as it is; anything else is bad input
 * (exit 2), the runtime's first line in the message and all it said in the cause.
 *
 * @param doing e.g. `load output/model.onnx`
 */
export function runtimeFailure(runtime: string, doing: string, error: unknown): TkError {
  if (interruptSignal.aborted) return interrupted();
  const breach = breachOf(error);
  if (breach) {
    const message = `${runtime} was ended while it was asked to ${doing}: ${breach.message}`;
    return badInput(breach.code, message, breach.hint);
  }
  if (error instanceof TkError) return error;
  if (error instanceof HostCrash) {
    const words = lastWords(error.stderr);
    return badInput(
      'runtime-crashed',
      `${runtime} crashed when asked to ${doing}: it ${error.message}${words ? `, saying: ${shorten(words)}` : ''}`,
      'the file is damaged or asks for too much memory; --verbose shows what the runtime printed',
      new Error(error.stderr),
    );
  }
  const message = error instanceof Error ? error.message : String(error);
  return badInput('runtime-refused', `${runtime} could not ${doing}: ${shorten(message)}`, undefined, error);
}

function breachOf(error: unknown): TkError | null {
  if (error instanceof HostCrash) return error.breach;
  const codes = ['runtime-timeout', 'runtime-memory'];
  return error instanceof TkError && codes.includes(error.code) ? error : null;
}

/** One line of at most 300 characters: the first that says something, without the library's addresses in its code. */
function shorten(message: string): string {
  const line = message.split('\n').find((text) => text.trim() !== '') ?? 'no reason given';
  const text = line.replace(/^.*?: (?=Load model from|[A-Z_]+ : )/, '').trim();
  return text.length > 300 ? `${text.slice(0, 297)}…` : text;
}
