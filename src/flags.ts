// Flags that read as saved_model_cli's: the last of several counts, some must be given, some do nothing beside others.
import { badInput } from './errors.ts';
import { note } from './terminal/output.ts';

/** Of a flag given several times, the last. */
export function lastOf(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value.at(-1) : value;
}

/** The value of a flag that a command needs. @throws TkError `usage` where it is not given */
export function requiredText(command: string, flag: string, value: string | undefined): string {
  if (value !== undefined && value !== '') return value;
  throw badInput('usage', `tk ${command} needs --${flag}`, `see: tk ${command} --help`);
}

/** Says on stderr which of some flags were given and do nothing: saved_model_cli passes them over, and scripts rely on that. */
export function warnUnused<Flags>(flags: Flags, names: (keyof Flags & string)[], when: string): void {
  for (const name of names) if (flags[name]) note(`warning: --${name} is not used ${when}`);
}
