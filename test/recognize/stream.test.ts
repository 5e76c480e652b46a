// Many photos through the command: lines as they are done, damaged ones among them, memory that stays where it was.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tk } from '../support/cli.ts';
import { hasShared, repoRoot, sharedData } from '../support/shared.ts';
import { closePipeline, openPipeline, testCache } from './support.ts';

const faces = (...parts: string[]) => sharedData('faces', ...parts);

describe.skipIf(!hasShared)('many photos (needs shared/data)', () => {
  const env = { TK_CACHE: testCache };
  let work: string;
  let gallery: string;

  beforeAll(async () => {
    // Makes the models where they are missing.
    await closePipeline(await openPipeline('tf'));
    work = await mkdtemp(join(tmpdir(), 'tk-stream-'));
    gallery = join(work, 'known');
    for (const name of ['colin_powell', 'tony_blair']) {
      await mkdir(join(gallery, name), { recursive: true });
      await copyFile(faces(name, '1.jpg'), join(gallery, name, '1.jpg'));
    }
  });
  afterAll(() => rm(work, { recursive: true, force: true }));

  it('are a folder, a glob and a list on stdin; each gives a line of JSON, a damaged one its error', async () => {
    const listed = [faces('_badfiles', 'truncated.jpg'), faces('_noface', 'sklearn_china.jpg')];
    const { exitCode, stdout, stderr } = await tk(
      [
        'recognize',
        faces('tony_blair'),
        faces('colin_powell', '[23].jpg'),
        '-',
        '--gallery',
        gallery,
        '--jsonl',
      ],
      { env, input: listed.join('\n') },
    );
    expect(exitCode).toBe(0);
    const lines = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    const blair = (await readdir(faces('tony_blair'))).sort().map((file) => faces('tony_blair', file));
    const powell = ['2.jpg', '3.jpg'].map((file) => faces('colin_powell', file));
    expect(lines.map(({ image }) => image)).toEqual([...blair, ...powell, ...listed]);
    for (const { image, faces: found } of lines.slice(0, 12)) {
      expect(found.map(({ name }: { name: string }) => name)).toContain(image.split('/').at(-2));
    }
    expect(lines[12]).toMatchObject({
      faces: [],
      error: {
        code: 'image-damaged',
        message: expect.stringMatching(/truncated\.jpg cannot be decoded \(.+\)$/),
        hint: expect.any(String),
      },
    });
    expect(lines[13]).toMatchObject({ faces: [], error: null, width: 640 });
    expect(stderr).toMatch(/^14 photos in .+, .+ a second, 1 of them failed$/m);
  });

  it('say the same in one report and in lines, alone or beside others', async () => {
    const photos = ['2.jpg', '3.jpg', '4.jpg', '5.jpg', '6.jpg'].map((file) => faces('colin_powell', file));
    const [report, lines, one] = await Promise.all(
      [
        [...photos, '--json'],
        [...photos, '--jsonl'],
        [photos[3]!, '--json'],
      ].map((args) => tk(['recognize', '--gallery', gallery, ...args], { env })),
    );
    type Line = { image: string; ms: number; faces: { box: number[]; name: string; score: number }[] };
    const together = JSON.parse(report!.stdout).photos as Line[];
    const streamed = lines!.stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Line);
    const alone = JSON.parse(one!.stdout).photos as Line[];
    const whole = (list: Line[]) =>
      list.map(({ image, faces: found }) => [image, ...found.map(({ name }) => name)]);
    expect(whole(streamed)).toEqual(whole(together));
    // What runs together with other photos' faces may differ in the last bits.
    expect(Math.abs(alone[0]!.faces[0]!.score - together[3]!.faces[0]!.score)).toBeLessThan(1e-5);
    expect(alone[0]!.faces[0]!.box).toEqual(
      together[3]!.faces[0]!.box.map((value) => expect.closeTo(value, 2)),
    );
  });

  it('that all fail are exit 2, each with its line', async () => {
    const { exitCode, stdout } = await tk(
      ['recognize', faces('_badfiles'), '--gallery', gallery, '--jsonl'],
      { env },
    );
    expect(exitCode).toBe(2);
    const lines = stdout.trimEnd().split('\n');
    expect(lines).toHaveLength(3);
    for (const line of lines) expect(JSON.parse(line).error.code).toMatch(/^image-/);
  });

  it('are refused in one line where a folder, a glob or a list has none', async () => {
    const empty = await mkdtemp(join(work, 'empty-'));
    const none = await tk(['recognize', empty, '--gallery', gallery, '--jsonl'], { env });
    expect(none.exitCode).toBe(2);
    expect(JSON.parse(none.stdout)).toEqual({
      error: {
        code: 'no-photos',
        message: `folder ${empty} has no photo`,
        hint: expect.stringContaining('.jpg'),
      },
    });
    const list = await tk(['recognize', '--stdin', '--gallery', gallery], { env, input: '\n' });
    expect(list.exitCode).toBe(2);
    expect(list.stderr).toContain('tk: the list on stdin names no photo\n');
  });

  it('are annotated into a folder; with a list on stdin nothing that exists is overwritten', async () => {
    const out = join(work, 'pictures');
    const list = `${faces('colin_powell', '2.jpg')}\n${faces('tony_blair', '2.jpg')}\n`;
    const args = ['recognize', '--stdin', '--gallery', gallery, '--annotate', out];
    expect((await tk(args, { env, input: list })).exitCode).toBe(0);
    expect((await readdir(out)).sort()).toEqual(['2-2.png', '2.png']);
    const before = await readFile(join(out, '2.png'));
    const again = await tk(args, { env, input: list });
    expect(again.exitCode).toBe(2);
    expect(again.stderr).toContain(`tk: --annotate: ${join(out, '2.png')} exists\n`);
    expect(await readFile(join(out, '2.png'))).toEqual(before);
  });

  it.skipIf(process.platform !== 'linux')(
    'leave memory where it was: 80 photos of 6 megapixels, 18 MB each (needs Linux: /proc)',
    async () => {
      // Mostly flat: a decoder fills the memory, a detector finds nothing to do.
      const large = join(work, 'large.jpg');
      const plain = sharp({ create: { width: 3000, height: 2000, channels: 3, background: '#789' } });
      await writeFile(large, await plain.jpeg().toBuffer());
      const folder = join(work, 'many');
      await mkdir(folder);
      for (let i = 0; i < 80; i++) await symlink(large, join(folder, `${i}.jpg`));
      const args = ['recognize', folder, '--gallery', gallery, '--min-face', '200', '--jsonl'];
      const child = spawn(process.execPath, [join(repoRoot, 'bin/tk'), ...args], {
        env: { ...process.env, ...env },
        stdio: ['ignore', 'pipe', 'ignore'],
      });
      const ended = once(child, 'close');
      const megabytes: number[] = [];
      for await (const line of createInterface({ input: child.stdout })) {
        expect(JSON.parse(line).error).toBeNull();
        megabytes.push(await residentMegabytes(child.pid!));
      }
      expect(await ended).toEqual([0, null]);
      expect(megabytes).toHaveLength(80);
      const [early, late] = [Math.max(...megabytes.slice(10, 30)), Math.max(...megabytes.slice(50))];
      // Keeping them would be 1,440 MB, of which 900 between the two.
      expect(late).toBeLessThan(early + 60);
      expect(late).toBeLessThan(600);
    },
  );
});

/** What a process holds in memory; the networks' processes are others. */
async function residentMegabytes(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024;
}
