// Runs set-up in a place given as JSON, in a process of its own, so that a test can kill it.
import { createProgress } from '../../src/setup/progress.mjs';
import { runSetup } from '../../src/setup/setup.mjs';

const controller = new AbortController();
process.on('SIGINT', () => controller.abort(new Error('interrupted')));
try {
  const made = await runSetup(JSON.parse(String(process.argv[2])), {
    progress: createProgress(process.stderr),
    signal: controller.signal,
  });
  process.stdout.write(JSON.stringify(made));
} catch (error) {
  process.stderr.write(`${error}\n`);
  process.exitCode = controller.signal.aborted ? 130 : 3;
}
