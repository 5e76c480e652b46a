// What follows `--` on a command line: operands, also those that begin with a dash. yargs hands them to no command, so that
// `--` is taken out and such operands carry a mark through yargs, which no argument of a process can hold.
const MARK = '\0';

/** The arguments as yargs shall see them. */
export function markOperands(args: readonly string[]): string[] {
  const end = args.indexOf('--');
  if (end < 0) return [...args];
  const operands = args.slice(end + 1).map((arg) => (arg.startsWith('-') ? `${MARK}${arg}` : arg));
  return [...args.slice(0, end), ...operands];
}

/** What yargs made of them, as they were given. */
export function unmarkOperands<Options extends object>(options: Options): Options {
  const entries = Object.entries(options).map(([name, value]): [string, unknown] => [
    name,
    Array.isArray(value) ? value.map(unmarked) : unmarked(value),
  ]);
  return Object.fromEntries(entries) as Options;
}

function unmarked(value: unknown): unknown {
  return typeof value === 'string' && value.startsWith(MARK) ? value.slice(MARK.length) : value;
}
