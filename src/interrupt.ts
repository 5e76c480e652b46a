// One AbortSignal for the process: Ctrl-C and SIGTERM abort it, every long step listens to it.
import { interrupted } from './errors.ts';

const controller = new AbortController();

/** The signal that long work (workers, copies, inference loops) watches. Its reason is the `interrupted` TkError. */
export const interruptSignal: AbortSignal = controller.signal;

/** Called once by the bin: the first SIGINT or SIGTERM aborts the signal, a second one ends the process at once. */
export function listenForInterrupts(): void {
  const stop = () => {
    if (controller.signal.aborted) process.exit(130);
    controller.abort(interrupted());
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
}
