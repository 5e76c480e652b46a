// The shape of a `tk` command, and the one place where a command's failure becomes text and an exit code.
import type { Argv, CommandModule } from 'yargs';
import { EXIT, type ExitCode, errorJson, escapeControls, interrupted, TkError } from './errors.ts';
import { interruptSignal } from './interrupt.ts';
import { unmarkOperands } from './operands.ts';
import { systemFailure } from './system-failure.ts';
import { note, printJson, printJsonLine } from './terminal/output.ts';

/** Options that every command has. */
export interface GlobalOptions {
  json?: boolean | undefined;
  /** Of commands that stream: one line of JSON a result. */
  jsonl?: boolean | undefined;
  verbose?: boolean | undefined;
}

export interface CommandDefinition<Options> {
  /** yargs' command text, e.g. `inspect [path]`. */
  command: string;
  describe: string;
  builder: (yargs: Argv<GlobalOptions>) => Argv<Options>;
  /** Does the work (importing what is heavy lazily); returns the exit code when it is not 0. */
  run: (options: Options & GlobalOptions) => Promise<ExitCode | undefined>;
}

/** Turns a definition into a yargs module whose handler never throws: failures are reported and set the exit code. */
export function defineCommand<Options>(
  definition: CommandDefinition<Options>,
): CommandModule<GlobalOptions, Options> {
  return {
    command: definition.command,
    describe: definition.describe,
    builder: definition.builder,
    handler: async (given) => {
      const options = unmarkOperands(given);
      const { json, jsonl, verbose } = options as GlobalOptions;
      try {
        process.exitCode = (await definition.run(options as unknown as Options & GlobalOptions)) ?? EXIT.ok;
      } catch (error) {
        process.exitCode = reportError(error, { json, jsonl, verbose });
      }
    },
  };
}

/** Prints a failure the documented way (one line and a hint, or JSON; the stack only with `--verbose`) and returns its exit code. */
export function reportError(error: unknown, options: GlobalOptions): ExitCode {
  const known = asTkError(error);
  if (options.jsonl) printJsonLine({ error: errorJson(known) });
  else if (options.json) printJson({ error: errorJson(known) });
  else {
    note(`tk: ${escapeControls(known.message)}`);
    if (known.hint) note(`    ${escapeControls(known.hint)}`);
  }
  if (options.verbose) note(stackOf(error));
  return known.exitCode;
}

function asTkError(error: unknown): TkError {
  if (interruptSignal.aborted) return interrupted();
  if (error instanceof TkError) return error;
  const system = systemFailure(error);
  if (system) return system;
  const message = error instanceof Error ? error.message : String(error);
  return new TkError('internal-error', EXIT.conversion, `unexpected failure: ${message.split('\n')[0]}`, {
    hint: 'this is a fault of tk; run again with --verbose and report the text it prints',
    cause: error,
  });
}

function stackOf(error: unknown): string {
  const lines: string[] = [];
  for (let current = error; current instanceof Error; current = current.cause) {
    lines.push(current.stack ?? current.message);
  }
  return lines.join('\ncaused by: ');
}
