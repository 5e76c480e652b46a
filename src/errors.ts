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

/** Where a file is wrong. */
export interface Place {
  /** Bytes from the start of the file, or of the member of an archive that `field` names. */
  offset: number;
  /** By the format's own names, e.g. `SavedModel.meta_graphs`. */
  field: string;
}

/** A failure with one clear line for the user: what is wrong and where (`message`), how to mend it (`hint`). */
export class TkError extends Error {
  readonly code: string;
  readonly exitCode: ExitCode;
  readonly hint: string | undefined;
  /** Of a damaged file. */
  readonly place: Place | undefined;

  /**
   * @param code stable kebab-case name of the failure, part of the `--json` contract, e.g. `unknown-op`
   * @param message one line: what is wrong and where
   */
  constructor(
    code: string,
    exitCode: ExitCode,
    message: string,
    options: { hint?: string; cause?: unknown; place?: Place } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'TkError';
    this.code = code;
    this.exitCode = exitCode;
    this.hint = options.hint;
    this.place = options.place;
  }
}

/** A failure as data, as every command prints it in JSON. */
export function errorJson({ code, message, hint, place }: TkError): {
  code: string;
  message: string;
  hint?: string;
} & Partial<Place> {
  return { code, message, ...place, ...(hint && { hint }) };
}

/** Bad usage or bad input: exit 2. */
export function badInput(
  code: string,
  message: string,
  hint?: string,
  cause?: unknown,
  place?: Place,
): TkError {
  const line = place ? escapeControls(message) : message;
  return new TkError(code, EXIT.badInput, line, { ...(hint && { hint }), cause, ...(place && { place }) });
}

/**
 * A file that is damaged, or none of its format: exit 2. The line names the byte and the field.
 * @param code what kind of damage (docs/inspect.md lists them)
 */
export function damaged(
  code: string,
  file: string,
  place: Place,
  reason: string,
  hint?: string,
  cause?: unknown,
): TkError {
  const message = `${file}: byte ${place.offset}, field ${place.field}: ${reason}`;
  return new TkError(code, EXIT.badInput, escapeControls(message), { ...(hint && { hint }), cause, place });
}

/** Names and reasons come from files: what would end the line or reach the terminal is escaped as in JSON. */
export function escapeControls(text: string): string {
  return text.replace(
    /[\p{Cc}\u2028\u2029]/gu,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
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
