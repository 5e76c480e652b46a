// The one error type that a user sees, and the documented exit codes.

/** Exit codes of every command (docs/exit-codes.md). */
export const EXIT = {
  ok: 0,
  checkFailed: 1,
  badInput: 2,
  environment: 3,
  conversion: 4,
  interrupted: 130,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** A failure with one clear line for the user: what is wrong and where (`message`), how to mend it (`hint`). */
export class TkError extends Error {
  readonly code: string;
  readonly exitCode: ExitCode;
  readonly hint: string | undefined;

  /**
   * @param code stable kebab-case name of the failure, part of the `--json` contract, e.g. `unknown-op`
   * @param message one line: what is wrong and where
   */
  constructor(
    code: string,
    exitCode: ExitCode,
    message: string,
    options: { hint?: string; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'TkError';
    this.code = code;
    this.exitCode = exitCode;
    this.hint = options.hint;
  }
}

/** A failure as data, as every command prints it in JSON. */
export function errorJson({ code, message, hint }: TkError): {
  code: string;
  message: string;
  hint?: string;
} {
  return { code, message, ...(hint && { hint }) };
}

/** Bad usage or bad input: exit 2. */
export function badInput(code: string, message: string, hint?: string, cause?: unknown): TkError {
  return new TkError(code, EXIT.badInput, message, { ...(hint && { hint }), cause });
}

/** A check said no: exit 1. */
export function checkFailed(code: string, message: string, hint?: string): TkError {
  return new TkError(code, EXIT.checkFailed, message, { ...(hint && { hint }) });
}

/** The environment lacks something: exit 3. The hint defaults to `tk doctor`. */
export function environmentError(
  code: string,
  message: string,
  hint = 'run: tk doctor',
  cause?: unknown,
): TkError {
  return new TkError(code, EXIT.environment, message, { hint, cause });
}

/** The conversion itself failed: exit 4. */
export function conversionError(code: string, message: string, hint?: string, cause?: unknown): TkError {
  return new TkError(code, EXIT.conversion, message, { ...(hint && { hint }), cause });
}

/** The user pressed Ctrl-C, or the process was told to stop: exit 130. */
export function interrupted(): TkError {
  return new TkError('interrupted', EXIT.interrupted, 'interrupted');
}
