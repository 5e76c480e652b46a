// The command that repeats a failure: the one that was given, on the input that was written.
import { shellWord } from '../terminal/shell.ts';

/** Flags that say which inputs are run or what is written, and how many values each takes. */
const DROPPED: Record<string, 0 | 1> = {
  '--input-data': 1,
  '--input-code': 1,
  '--input-gen': 1,
  '--profile': 1,
  '--seed': 1,
  '--batch': 1,
  '--dim': 1,
  '--stress': 0,
  '--save-outputs': 1,
  '--failures': 1,
  '--report': 1,
  '--junit': 1,
  '--markdown': 1,
  '--html': 1,
  '--json': 0,
};

/**
 * A line for a shell.
 *
 * @param args what stood behind `tk`
 * @param file the failing input as .npz
 */
export function repeatCommand(args: string[], file: string): string {
  const kept = withoutFlags(args, DROPPED);
  // Saved outputs bring their inputs with them.
  const isSaved = kept.some((arg) => /^--against(=|$)/.test(arg));
  return ['tk', ...kept, ...(isSaved ? [] : ['--input-data', file])].map(shellWord).join(' ');
}

/** Arguments without some flags and the values that follow them. */
export function withoutFlags(args: string[], dropped: Record<string, 0 | 1>): string[] {
  const kept: string[] = [];
  for (let at = 0; at < args.length; at++) {
    const [flag = '', value] = args[at]!.split(/=(.*)/s);
    const values = dropped[flag];
    if (values === undefined) kept.push(args[at]!);
    else if (value === undefined) at += values;
  }
  return kept;
}
