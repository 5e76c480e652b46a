// Flags that read as saved_model_cli's: the last of several counts, some must be given.
import { badInput } from './errors.ts';

/** Of a flag given several times, the last. */
export function lastOf(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value.at(-1) : value;
}

/** The value of a flag that a command needs. @throws TkError `usage` where it is not given */
export function requiredText(command: string, flag: string, value: string | undefined): string {
  if (value !== undefined && value !== '') return value;
  throw badInput('usage', `tk ${command} needs --${flag}`, `see: tk ${command} --help`);
}
