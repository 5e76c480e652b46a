// `tk setup`: flags and wiring.
import { defineCommand } from '../command.ts';
import { environmentError } from '../errors.ts';
import { interruptSignal } from '../interrupt.ts';
import { note, printJson } from '../terminal/output.ts';

export const setupCommand = defineCommand<object>({
  command: 'setup',
  describe: 'install what the commands need: native npm packages, Python packages, the TensorFlow binding',
  builder: (yargs) =>
    yargs.epilogue(
      [
        'Runs again in no time when everything is in place; may be interrupted and run again.',
        '',
        'Environment: TK_HOME, folder of an installed tk (default ~/.local/share/tk);',
        'TK_PYTHON, a Python 3.10 to 3.12; TK_TORCH_INDEX_URL, package index for torch alone',
        "(for the CPU build); proxies and package indexes as npm and pip's own variables name them.",
      ].join('\n'),
    ),
  run: async ({ json, verbose }) => {
    const [{ locateEnvironment, packageRoot }, { runSetup }, { createProgress }, { SetupFailure }] =
      await Promise.all([
        import('../runtime/environment.ts'),
        import('./setup.mjs'),
        import('./progress.mjs'),
        import('./failure.mjs'),
      ]);
    const { kind, root } = locateEnvironment();
    const progress = createProgress(process.stderr);
    try {
      const made = await runSetup(
        { kind, packageRoot, root },
        { progress, signal: interruptSignal, verbose },
      );
      if (json) printJson({ root, made });
      else note(made.length === 0 ? `everything is in place in ${root}` : `ready in ${root}; see: tk doctor`);
    } catch (error) {
      if (!(error instanceof SetupFailure)) throw error;
      throw environmentError(error.code, error.message, error.hint, error);
    }
    return undefined;
  },
});
