// Where text goes: results to stdout, everything for people (notes, progress, errors) to stderr.

/** Writes a result to stdout, adding the final newline when it lacks one. */
export function print(text: string): void {
  process.stdout.write(text.endsWith('\n') ? text : `${text}\n`);
}

/** Writes a result to stdout as it is, for text that is equal to another tool's to the byte. */
export function printExact(text: string): void {
  process.stdout.write(text);
}

/** Writes a value as JSON, alone, to stdout. */
export function printJson(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
}

/** Writes a value as one line of JSON to stdout. */
export function printJsonLine(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}

/** Writes one line for people to stderr. */
export function note(line: string): void {
  process.stderr.write(`${line}\n`);
}

/** True where progress may be a live line: stderr is a terminal and we are not in CI. */
export function isLive(): boolean {
  return Boolean(process.stderr.isTTY) && !process.env.CI;
}
