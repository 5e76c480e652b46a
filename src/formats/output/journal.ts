// Publishing a directory whole: a journal beside it, the old one aside, the new one in; and what the next command does
// with a journal that a killed run left (docs/output-directory.md).
import {
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { open, readdir, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { badInput } from '../../errors.ts';
import { resolveOutput, type SiblingPaths, siblingPaths } from './layout.ts';
import { tryLock } from './lock.ts';

/** The steps of publishing, each named by what has just been done. */
export const PUBLISH_STEPS = [
  'started',
  'flushed',
  'journal-drafted',
  'journal-written',
  'old-aside',
  'new-in',
  'journal-removed',
  'old-removed',
] as const;

export type PublishStep = (typeof PUBLISH_STEPS)[number];

const journalSchema = z.object({ schemaVersion: z.literal(1), staged: z.string(), old: z.string() });

export interface PublishRequest {
  /** The finished directory, a sibling of `out` made by `stagingDirectory`. */
  staged: string;
  /** The directory to replace; need not exist. As `resolveOutput` gives it. */
  out: string;
  /** Looks at the old directory after it was put aside; a throw puts it back. */
  checkOld?: ((old: string) => void) | undefined;
  /** Called after each step: tests stop the process here. */
  onStep?: ((step: PublishStep) => void) | undefined;
}

/**
 * Puts a staged directory in the place of `out`. The caller holds the lock. A kill at any moment leaves the old or the
 * new directory, whole, after `recover`.
 */
export async function publish({ staged, out, checkOld, onStep }: PublishRequest): Promise<void> {
  const step = (name: PublishStep): void => onStep?.(name);
  const siblings = siblingPaths(out);
  const old = join(
    siblings.parent,
    siblings.oldPrefix + basename(staged).slice(siblings.stagedPrefix.length),
  );
  step('started');
  await flushTree(staged);
  step('flushed');
  const draft = `${siblings.journal}-draft`;
  const journal = { schemaVersion: 1, staged: basename(staged), old: basename(old) };
  writeFlushed(draft, JSON.stringify(journal));
  step('journal-drafted');
  rename(draft, siblings.journal);
  step('journal-written');
  if (existsSync(out)) {
    rename(out, old);
    try {
      checkOld?.(old);
    } catch (error) {
      rename(old, out);
      removeJournal(siblings);
      throw error;
    }
  }
  step('old-aside');
  rename(staged, out);
  step('new-in');
  removeJournal(siblings);
  step('journal-removed');
  await rm(old, { recursive: true, force: true });
  step('old-removed');
}

/** A fresh name for a directory to stage an output in. */
export function stagingDirectory(out: string): string {
  const { parent, stagedPrefix } = siblingPaths(out);
  const random = Math.random().toString(36).slice(2, 10);
  return join(parent, `${stagedPrefix}${process.pid}-${random}`);
}

export type Recovery = 'nothing' | 'finished' | 'undone';

/**
 * Finishes or undoes what a killed run left half-published. Every command calls it with the path that it is about to
 * read or write: an output directory, or something straight inside one (`output/keras`). Costs two `stat` calls where
 * there is nothing to do.
 *
 * @throws TkError `output-busy` (exit 2) when a running tk has been publishing there for ten seconds
 */
export async function recover(path: string): Promise<Recovery> {
  const out = resolveOutput(path);
  const inner = await recoverOutput(dirname(out));
  const outer = await recoverOutput(out);
  return outer === 'nothing' ? inner : outer;
}

async function recoverOutput(out: string): Promise<Recovery> {
  const siblings = siblingPaths(out);
  for (let waited = 0; existsSync(siblings.journal); waited += 50) {
    const attempt = tryLock(siblings.lock);
    if ('lock' in attempt) {
      try {
        return await settle(out);
      } finally {
        attempt.lock.release();
      }
    }
    if (waited >= 10_000) {
      throw badInput(
        'output-busy',
        `another tk (pid ${attempt.held.pid}) is replacing ${out}`,
        'wait for it to end',
      );
    }
    await sleep(50);
  }
  return 'nothing';
}

/**
 * Settles a journal; the caller holds the lock. With the new directory in place, or the old one aside, the exchange is
 * finished; before that it is undone, because the old directory may have been changed since it was looked at.
 */
export async function settle(out: string): Promise<Recovery> {
  const siblings = siblingPaths(out);
  const journal = readJournal(siblings);
  if (!journal) return 'nothing';
  const staged = join(siblings.parent, journal.staged);
  const old = join(siblings.parent, journal.old);
  let outcome: Recovery = 'finished';
  if (existsSync(out)) {
    if (existsSync(staged)) outcome = 'undone';
    if (existsSync(staged) && existsSync(old)) throw madeAnew(out, old, siblings);
  } else if (existsSync(staged)) {
    rename(staged, out);
  } else if (existsSync(old)) {
    rename(old, out);
    outcome = 'undone';
  }
  removeJournal(siblings);
  await rm(staged, { recursive: true, force: true });
  await rm(old, { recursive: true, force: true });
  return outcome;
}

/** A run was stopped between its two renames and somebody made `out` anew: which of the two counts is not ours to say. */
function madeAnew(out: string, old: string, siblings: SiblingPaths): Error {
  return badInput(
    'output-made-anew',
    `${out} was made anew after a run that was replacing it had been stopped; what stood there before is in ${old}`,
    `keep one of the two as ${out}, then remove ${siblings.journal}`,
  );
}

/** Removes what dead runs left beside an output; the caller holds the lock and has settled the journal. */
export async function removeLeftovers(out: string): Promise<void> {
  const { parent, stagedPrefix, oldPrefix, journal, lock } = siblingPaths(out);
  for (const name of readdirSync(parent)) {
    const path = join(parent, name);
    const ours = name.startsWith(stagedPrefix) || name.startsWith(oldPrefix);
    // A lock's draft lives for an instant; a young one may be that of a run that is just starting.
    const lockDraft = name.startsWith(`${basename(lock)}-`) && olderThanAMinute(path);
    if (ours || lockDraft || name === `${basename(journal)}-draft`) {
      await rm(path, { recursive: true, force: true });
    }
  }
}

function olderThanAMinute(path: string): boolean {
  const stats = statSync(path, { throwIfNoEntry: false });
  return stats !== undefined && Date.now() - stats.mtimeMs > 60_000;
}

/** Reads a journal; one that names anything but our own siblings of this output is not followed. */
function readJournal(siblings: SiblingPaths): { staged: string; old: string } | null {
  if (!existsSync(siblings.journal)) return null;
  const ours = (name: string, prefix: string): boolean =>
    name.startsWith(prefix) && /^[0-9a-z-]+$/.test(name.slice(prefix.length));
  try {
    const journal = journalSchema.parse(JSON.parse(readFileSync(siblings.journal, 'utf8')));
    if (ours(journal.staged, siblings.stagedPrefix) && ours(journal.old, siblings.oldPrefix)) return journal;
  } catch {
    // Reported below, with the same words as one that names strange paths.
  }
  throw badInput(
    'bad-journal',
    `${siblings.journal} is not a journal that this tk wrote`,
    'look at it, then remove it',
  );
}

function removeJournal(siblings: SiblingPaths): void {
  rmSync(siblings.journal, { force: true });
  flushFolder(siblings.parent);
}

function rename(from: string, to: string): void {
  renameSync(from, to);
  flushFolder(dirname(to));
}

function writeFlushed(path: string, text: string): void {
  const handle = openSync(path, 'w');
  try {
    writeFileSync(handle, text);
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

/** Directories cannot be opened everywhere (Windows): there the file system's own order has to do. */
function flushFolder(folder: string): void {
  try {
    const handle = openSync(folder, 'r');
    try {
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
  } catch {
    return;
  }
}

async function flushTree(folder: string): Promise<void> {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) await flushTree(path);
    else if (entry.isFile()) {
      const handle = await open(path, 'r+');
      try {
        await handle.sync();
      } finally {
        await handle.close();
      }
    }
  }
  flushFolder(folder);
}
