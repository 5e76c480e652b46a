// One writer at a time; a dead writer's lock is taken over, by one taker only.
import { readdirSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { describe, expect, it } from 'vitest';
import { ownHolder } from '../../../src/formats/output/holder.ts';
import { acquireLock } from '../../../src/formats/output/lock.ts';
import { bundleProgram, temporaryFolder } from '../../convert/support.ts';

const TAKE = `
  import { tryLock } from './formats/output/lock.ts';
  const [path, startAt] = process.argv.slice(2);
  while (Date.now() < Number(startAt));
  const attempt = tryLock(path);
  console.log('lock' in attempt ? 'taken' : 'held');
  setTimeout(() => {}, 3000);
`;

describe('acquireLock', () => {
  it('refuses a second holder, naming the pid of the first', () => {
    const path = join(temporaryFolder(), 'lock');
    acquireLock(path, 'output');
    expect(() => acquireLock(path, 'output')).toThrow(`another tk (pid ${process.pid}) is writing output`);
  });

  it('leaves nothing behind when released', () => {
    const folder = temporaryFolder();
    acquireLock(join(folder, 'lock'), 'output').release();
    expect(readdirSync(folder)).toEqual([]);
  });

  it('takes over the lock of a process that is gone', async () => {
    const path = join(temporaryFolder(), 'lock');
    const child = execa('node', ['-e', '0']);
    await child;
    const { pid } = child;
    writeFileSync(path, JSON.stringify({ pid, startTime: '1', host: hostname(), token: 'dead' }));
    acquireLock(path, 'output').release();
  });

  it.runIf(process.platform === 'linux')('takes over when the pid lives on in a later process', () => {
    const path = join(temporaryFolder(), 'lock');
    writeFileSync(path, JSON.stringify({ ...ownHolder(), startTime: '1' }));
    acquireLock(path, 'output').release();
  });

  it('takes over a lock that a full disk or a crash left without content', () => {
    const path = join(temporaryFolder(), 'lock');
    writeFileSync(path, '');
    acquireLock(path, 'output').release();
  });

  it('does not take over from another machine, whose processes it cannot see', () => {
    const path = join(temporaryFolder(), 'lock');
    writeFileSync(path, JSON.stringify({ pid: 1, startTime: '1', host: 'elsewhere', token: 'x' }));
    expect(() => acquireLock(path, 'output')).toThrow('another tk (pid 1 on elsewhere) is writing output');
  });

  it('gives a dead holder’s lock to one of several that reach for it at once', async () => {
    const folder = temporaryFolder();
    const path = join(folder, 'lock');
    const program = bundleProgram(folder, TAKE);
    writeFileSync(
      path,
      JSON.stringify({ pid: 2 ** 22 + 1, startTime: '1', host: hostname(), token: 'dead' }),
    );
    const startAt = String(Date.now() + 1500);
    const runs = Array.from({ length: 6 }, () => execa('node', [program, path, startAt]));
    const outcomes = (await Promise.all(runs)).map(({ stdout }) => stdout).sort();
    expect(outcomes).toEqual(['held', 'held', 'held', 'held', 'held', 'taken']);
  });
});
