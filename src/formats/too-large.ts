// Files that tk would have to hold whole, and that are larger than any model's.
import { badInput, type TkError } from '../errors.ts';

/** @param what the file or the part of it, @param most bytes that are read of such a thing */
export function tooLarge(what: string, bytes: number, most: number): TkError {
  return badInput('too-large', `${what}: ${bytes} bytes, of which tk reads up to ${most}`);
}
