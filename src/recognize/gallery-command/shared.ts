// What the subcommands of `tk gallery` share.
import type { GlobalOptions } from '../../command.ts';
import { badInput } from '../../errors.ts';
import { interruptSignal } from '../../interrupt.ts';
import { createProgress, type Progress } from '../../terminal/progress.ts';
import type { ModelIdentity } from '../database/identity.ts';
import { type RecognizeDependencies, showConversion } from '../model-flags.ts';

/** Work with a progress that ends with it, however it ends. */
export async function withProgress<T>(
  flags: GlobalOptions,
  work: (progress: Progress) => Promise<T>,
): Promise<T> {
  const progress = createProgress({ silent: flags.json });
  try {
    return await work(progress);
  } finally {
    progress.stop();
  }
}

/** What the library tells while it works, as progress; and the signal of Ctrl-C. */
export function events(progress: Progress) {
  return {
    signal: interruptSignal,
    onConvert: (source: string, event: Parameters<typeof showConversion>[1]) =>
      showConversion(source, event, progress),
    onEvent: ({ models }: { models: string[] }) => progress.start(`models verified: ${models.join(', ')}`),
  };
}

/** Loads what recognition runs on, where it is used. */
export async function dependenciesOf(convert: RecognizeDependencies['convert']) {
  return (await import('../dependencies.ts')).defaultDependencies(convert);
}

/** @throws TkError `usage` (exit 2) for a flag that is no whole number from 1 */
export function requirePositive<Key extends string>(
  flags: Partial<Record<Key, unknown>>,
  names: Key[],
): void {
  for (const name of names) {
    const value = flags[name];
    if (value !== undefined && !(Number.isSafeInteger(value) && (value as number) > 0)) {
      throw badInput(
        'usage',
        `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)} takes a number from 1`,
      );
    }
  }
}

/** A model's name with the start of its identity. */
export function nameOf({ name, identity }: Pick<ModelIdentity, 'name' | 'identity'>): string {
  return `${name} (${identity.slice(0, 12)})`;
}

/** `1 photo`, `2 photos`. */
export function count(number: number, one: string, many = `${one}s`): string {
  return `${number} ${number === 1 ? one : many}`;
}
