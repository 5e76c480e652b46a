// Names and texts that are not in UTF-8: Node gives U+FFFD for their bytes, so that such a file is never found again, and one
// that is written gets another name.
import { isUtf8 } from 'node:buffer';
import { readFileSync } from 'node:fs';
import { badInput } from './errors.ts';

/** How to mend a file's name. */
const RENAME = 'its name is not in UTF-8: rename it (convmv)';
const REWRITE = 'rename the file (convmv), or write the text in UTF-8';

/** Positionals whose photos are told one by one, so that the others are done. */
const TOLD_ALONE = ['images', 'paths'];

/** The hint for a path that is not there; nothing where its name says nothing. */
export function encodingHint(path: string): string | undefined {
  return path.includes('\ufffd') ? RENAME : undefined;
}

/**
 * Refuses a value of an option, or an operand, that was given in bytes that are not UTF-8.
 *
 * @param argv what yargs made of the command line: values by declared name
 * @param names of the declared options, positionals among them
 * @param args the command line behind `tk`
 * @throws TkError `not-utf8` (exit 2)
 */
export function refuseOtherEncodings(
  argv: Record<string, unknown>,
  names: readonly string[],
  args: readonly string[],
): void {
  if (!args.some((arg) => arg.includes('\ufffd')) || !argumentsAreMangled(args.length)) return;
  const isMangled = (value: unknown) => typeof value === 'string' && value.includes('\ufffd');
  for (const name of names) {
    const value = TOLD_ALONE.includes(name) ? undefined : [argv[name]].flat().find(isMangled);
    if (value !== undefined) throw badInput('not-utf8', `${value} is not in UTF-8`, REWRITE);
  }
}

/** A file called U+FFFD is one like any other: only the bytes of the command line tell. Elsewhere than on Linux names are Unicode. */
function argumentsAreMangled(count: number): boolean {
  try {
    const line = readFileSync('/proc/self/cmdline');
    const ends = [...line.keys()].filter((at) => line[at] === 0);
    const start = ends.at(-count - 1) ?? 0;
    return !isUtf8(line.subarray(start));
  } catch {
    return false;
  }
}
