#!/usr/bin/env node
// `npm run setup`: brings a checkout into order. Needs nothing but Node.
import { fileURLToPath } from 'node:url';
import { SetupFailure } from '../src/setup/failure.mjs';
import { createProgress } from '../src/setup/progress.mjs';
import { runSetup } from '../src/setup/setup.mjs';

/** Sets the checkout up, or ends the process with the documented exit code and one clear line. */
export async function setUpCheckout() {
  const root = fileURLToPath(new URL('..', import.meta.url)).replace(/[/\\]$/, '');
  const controller = new AbortController();
  const stop = () => controller.abort(new Error('interrupted'));
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  const since = performance.now();
  try {
    const made = await runSetup(
      { kind: 'checkout', packageRoot: root, root },
      { progress: createProgress(process.stderr), signal: controller.signal },
    );
    const what = made.length === 0 ? 'everything is in place' : `made ${made.join(', ')}`;
    process.stderr.write(`set-up: ${what} (${((performance.now() - since) / 1000).toFixed(1)} s)\n`);
  } catch (error) {
    if (controller.signal.aborted) {
      process.stderr.write('set-up: interrupted; run it again and it goes on\n');
      process.exit(130);
    }
    if (!(error instanceof SetupFailure)) throw error;
    process.stderr.write(`set-up: ${error.message}\n    ${error.hint}\n`);
    process.exit(3);
  } finally {
    process.off('SIGINT', stop);
    process.off('SIGTERM', stop);
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await setUpCheckout();
