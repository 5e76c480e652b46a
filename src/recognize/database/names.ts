// What people and tenants may be called.
import { badInput, TkError } from '../../errors.ts';

const MAX_LENGTH = 200;
const NOBODY = 'means nobody';
/** Control characters, halves of surrogate pairs and what no text may hold. */
const FORBIDDEN = /[\p{Cc}\p{Cs}\p{Co}\p{Cn}]/u;

/**
 * A person's name as it is kept: trimmed, and in one Unicode form, so that two ways to type it are one person. A name is a
 * folder's name in every gallery that is made of files, so it may not be a path.
 *
 * @param where the file and line or row that it stands in, for the message
 * @throws TkError `bad-name` (exit 2)
 */
export function personName(given: string, where?: string): string {
  return checked(given, where === undefined ? 'the name' : `${where}: the name`);
}

/** Why the photos of a folder are nobody's, in words for a list of what was skipped; null where they are somebody's. */
export function folderFault(folder: string | null): string | null {
  if (folder === null) return 'stands in no person’s folder (name/photo.jpg)';
  try {
    personName(folder);
    return null;
  } catch (error) {
    if (error instanceof TkError) return `stands in no person’s folder: ${error.message}`;
    throw error;
  }
}

/** A photo's file name as it is kept: in the form of names, and without what no text in a database may hold. */
export function photoFileName(given: string): string {
  return given.normalize('NFC').replaceAll('\0', '').slice(-255) || 'photo';
}

/** A tenant: the collection that people, photos and faces belong to. @throws TkError `bad-name` (exit 2) */
export function tenantName(given: string | undefined): string {
  return checked(given ?? 'default', 'the tenant');
}

function checked(given: string, what: string): string {
  // Before anything else is done with it: a name of megabytes costs nothing.
  const fault = given.length > 4 * MAX_LENGTH ? 'is too long' : faultOf(given.normalize('NFC').trim());
  if (fault === null) return given.normalize('NFC').trim();
  const shown = JSON.stringify(given.length > 40 ? `${given.slice(0, 40)}…` : given);
  const hint =
    fault === NOBODY
      ? 'so are those called whom nobody knows; choose another name'
      : `1 to ${MAX_LENGTH} characters, no / or \\`;
  throw badInput('bad-name', `${what} ${shown} ${fault}`, hint);
}

function faultOf(name: string): string | null {
  if (name === '') return 'is empty';
  if ([...name].length > MAX_LENGTH) return 'is too long';
  if (/[/\\]/.test(name) || name === '.' || name === '..') return 'looks like a path';
  if (FORBIDDEN.test(name)) return 'has characters that are no text';
  return name === 'unknown' ? NOBODY : null;
}
