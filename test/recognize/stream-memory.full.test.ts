// A stream of hundreds of real photos: memory of all processes stays where it was, a damaged file among them is one line.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasShared, repoRoot, sharedData } from '../support/shared.ts';
import { closePipeline, openPipeline, testCache } from './support.ts';

const PEOPLE = ['ariel_sharon', 'colin_powell', 'donald_rumsfeld', 'hugo_chavez', 'tony_blair'];
const COUNT = 400;
const DAMAGED = 150;

describe.skipIf(!hasShared || process.platform !== 'linux')(
  'a stream of 400 photos (needs shared/data, Linux: /proc)',
  () => {
    let work: string;

    beforeAll(async () => {
      await closePipeline(await openPipeline('tf'));
      work = await mkdtemp(join(tmpdir(), 'tk-stream-memory-'));
      await mkdir(join(work, 'known', 'tony_blair'), { recursive: true });
      await copyFile(sharedData('faces', 'tony_blair', '1.jpg'), join(work, 'known', 'tony_blair', '1.jpg'));
    });
    afterAll(() => rm(work, { recursive: true, force: true }));

    it('leaves the memory of all its processes where it was, and reports the damaged one', async () => {
      const photos: string[] = [];
      for (const name of PEOPLE) {
        for (const file of await readdir(sharedData('faces', name)))
          photos.push(sharedData('faces', name, file));
      }
      const folder = join(work, 'many');
      await mkdir(folder);
      for (let i = 0; i < COUNT; i++) {
        const target =
          i === DAMAGED ? sharedData('faces', '_badfiles', 'truncated.jpg') : photos[i % photos.length]!;
        await symlink(target, join(folder, `${String(i).padStart(4, '0')}.jpg`));
      }
      const args = ['recognize', folder, '--gallery', join(work, 'known'), '--jsonl'];
      const child = spawn(process.execPath, [join(repoRoot, 'bin/tk'), ...args], {
        env: { ...process.env, TK_CACHE: testCache },
        stdio: ['ignore', 'pipe', 'ignore'],
      });
      const ended = once(child, 'close');
      const errors: [number, string][] = [];
      const megabytes: number[] = [];
      let line = 0;
      for await (const text of createInterface({ input: child.stdout })) {
        const { error, faces } = JSON.parse(text) as { error: { code: string } | null; faces: unknown[] };
        if (error) errors.push([line, error.code]);
        else expect(faces.length).toBeGreaterThan(0);
        if (++line % 10 === 0 && line < COUNT - 10) megabytes.push(await anonymousMegabytes(child.pid!));
      }
      expect(await ended).toEqual([0, null]);
      expect(line).toBe(COUNT);
      expect(errors).toEqual([[DAMAGED, 'image-damaged']]);
      // The first 100 photos fill the arenas of the allocators.
      const early = Math.max(...megabytes.slice(8, 14));
      const late = Math.max(...megabytes.slice(-10));
      expect(late).toBeLessThan(early + 60);
      expect(late).toBeLessThan(700);
    });
  },
);

/** What a process and its children hold in memory beside files, which they share. */
async function anonymousMegabytes(pid: number): Promise<number> {
  const pids = execFileSync('ps', ['-o', 'pid=', '--ppid', `${pid}`, '--pid', `${pid}`], {
    encoding: 'utf8',
  });
  let kilobytes = 0;
  for (const one of pids.trim().split(/\s+/)) {
    const status = await readFile(`/proc/${one}/status`, 'utf8').catch(() => '');
    kilobytes += Number(/RssAnon:\s+(\d+)/.exec(status)?.[1] ?? 0);
  }
  return kilobytes / 1024;
}
