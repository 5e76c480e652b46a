// One writer at a time on an output directory: a lock file beside it, taken over when its holder is dead.
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { badInput } from '../../errors.ts';
import { type Holder, holderSchema, isAlive, ownHolder } from './holder.ts';

export interface Lock {
  release(): void;
}

/** What stands at a lock's path: nobody, somebody, or a text that no tk wrote whole. */
type Occupant = { text: string; holder: Holder | null } | null;

/**
 * Takes the lock at a path. A dead holder's is taken over, by one taker only.
 *
 * @param what names the thing that is locked, for the message
 * @throws TkError `output-busy` (exit 2) naming the pid of a living holder
 */
export function acquireLock(path: string, what: string): Lock {
  const holder = tryLock(path);
  if ('held' in holder) throw busy(what, holder.held, path);
  return holder.lock;
}

/** Takes the lock, or tells who has it. */
export function tryLock(path: string): { lock: Lock } | { held: Holder } {
  const own = ownHolder();
  for (;;) {
    if (createLock(path, own)) return { lock: { release: () => release(path, own) } };
    const occupant = readOccupant(path);
    if (!occupant) continue;
    if (occupant.holder && isAlive(occupant.holder)) return { held: occupant.holder };
    const rival = removeDead(path, occupant.text);
    if (rival) return { held: rival };
  }
}

/** A full file appears at once or not at all: linking a draft fails where the lock exists. */
function createLock(path: string, own: Holder): boolean {
  const draft = `${path}-${own.token}`;
  writeFileSync(draft, JSON.stringify(own), { flag: 'wx' });
  try {
    linkSync(draft, path);
    return true;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'EEXIST') return false;
    if (code === 'EPERM' || code === 'ENOTSUP' || code === 'ENOSYS') return createWithoutLinks(path, own);
    throw error;
  } finally {
    rmSync(draft, { force: true });
  }
}

/** For file systems without hard links (FAT, some network shares). */
function createWithoutLinks(path: string, own: Holder): boolean {
  try {
    writeFileSync(path, JSON.stringify(own), { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/**
 * Removes a dead holder's lock under a lock of its own, named after the dead one: of two that saw the same corpse only
 * one removes it, and neither can remove the lock that the other has just made.
 */
function removeDead(path: string, deadText: string): Holder | null {
  const guard = tryLock(`${path}.${corpseName(deadText)}`);
  if ('held' in guard) return guard.held;
  try {
    if (readOccupant(path)?.text === deadText) {
      // A rename first: a kill between the two leaves no half-removed lock.
      const aside = `${path}.${corpseName(deadText)}-dead`;
      renameSync(path, aside);
      rmSync(aside, { force: true });
    }
    return null;
  } finally {
    guard.lock.release();
  }
}

function corpseName(text: string): string {
  const holder = parseHolder(text);
  return holder ? holder.token.replace(/[^0-9a-z-]/gi, '').slice(0, 40) : 'unreadable';
}

function readOccupant(path: string): Occupant {
  try {
    const text = readFileSync(path, 'utf8');
    return { text, holder: parseHolder(text) };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

function parseHolder(text: string): Holder | null {
  try {
    return holderSchema.parse(JSON.parse(text));
  } catch {
    return null;
  }
}

function release(path: string, own: Holder): void {
  if (readOccupant(path)?.holder?.token === own.token) rmSync(path, { force: true });
}

function busy(what: string, holder: Holder, path: string): Error {
  const elsewhere = holder.host === ownHolder().host ? '' : ` on ${holder.host}`;
  return badInput(
    'output-busy',
    `another tk (pid ${holder.pid}${elsewhere}) is writing ${what}`,
    elsewhere
      ? `wait for it, choose another --out, or remove ${path} if that run is gone`
      : 'wait for it to end, or choose another --out',
  );
}
