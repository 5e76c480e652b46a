// What recognition refuses or abandons, through the command itself, with real models.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  closeSync,
  cpSync,
  mkdtempSync,
  openSync,
  readdirSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { writeNpy } from '../../src/formats/npy/npy.ts';
import { tk } from '../support/cli.ts';
import { hasShared, repoRoot, sharedData } from '../support/shared.ts';
import { closePipeline, openPipeline, testCache } from './support.ts';

describe.skipIf(!hasShared)('the command (needs shared/data)', () => {
  const photo = sharedData('faces', 'colin_powell', '2.jpg');
  let work: string;
  let gallery: string;

  beforeAll(async () => {
    // Makes the models where they are missing.
    await closePipeline(await openPipeline('tf'));
    work = mkdtempSync(join(tmpdir(), 'tk-refusal-'));
    gallery = join(work, 'gallery');
    cpSync(sharedData('faces', 'colin_powell', '1.jpg'), join(gallery, 'colin_powell', '1.jpg'));
  });
  afterAll(() => rmSync(work, { recursive: true, force: true }));

  it.each([
    ['mtcnn-onet', 'keras/variables/variables.data-00000-of-00001'],
    ['dlib-face', 'model.onnx'],
  ])(
    'refuses where a byte of %s/%s has changed since it was verified, and says how to mend it',
    async (model, file) => {
      const cache = join(work, model);
      cpSync(join(testCache, 'models'), join(cache, 'models'), { recursive: true });
      const [version] = readdirSync(join(cache, 'models'));
      const folder = join(cache, 'models', version!, model);
      flipByte(join(folder, file));
      const { exitCode, stdout, stderr } = await tk(['recognize', photo, '--gallery', gallery], {
        env: { TK_CACHE: cache },
      });
      expect(exitCode).toBe(1);
      expect(stdout).toBe('');
      expect(stderr).toContain(`tk: the parity record of ${folder} is void: ${file} has changed\n`);
      expect(stderr).toMatch(
        /\n {4}see what differs with tk verify .*, or convert it again with tk convert --force\n$/,
      );
    },
  );

  it('refuses embeddings without a row', async () => {
    const empty = join(work, 'empty.npy');
    writeFileSync(empty, writeNpy({ dtype: 'float32', shape: [0, 128], data: new Float32Array(0) }));
    const { exitCode, stderr } = await tk(['recognize', photo, '--embeddings', empty], {
      env: { TK_CACHE: testCache },
    });
    expect(exitCode).toBe(2);
    expect(stderr).toContain('empty.npy has no row');
  });

  it('refuses embeddings whose header claims more rows than the file has', async () => {
    const path = join(work, 'lies.npy');
    const honest = writeNpy({ dtype: 'float32', shape: [1000, 128], data: new Float32Array(128_000) });
    writeFileSync(path, honest.subarray(0, 128 + 4 * 128));
    const { exitCode, stdout, stderr } = await tk(['recognize', photo, '--embeddings', path], {
      env: { TK_CACHE: testCache },
    });
    expect([exitCode, stdout]).toEqual([2, '']);
    expect(stderr).toContain('lies.npy');
    expect(stderr.trimEnd().split('\n').length).toBeLessThanOrEqual(2);
  });

  it('ends at Ctrl-C with exit 130, and leaves no process', async () => {
    const photos = readdirSync(sharedData('faces', '_groups')).map((name) =>
      sharedData('faces', '_groups', name),
    );
    const child = spawn(
      process.execPath,
      [join(repoRoot, 'bin/tk'), 'recognize', ...photos, ...photos, '--gallery', gallery],
      { env: { ...process.env, TK_CACHE: testCache }, stdio: ['ignore', 'pipe', 'pipe'], detached: true },
    );
    child.stdout.resume();
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
    const ended = once(child, 'close');
    // tk itself and the processes that its networks share.
    const processes = 1 + Math.min(2, availableParallelism());
    await vi.waitUntil(() => groupOf(child.pid!).length === processes, { timeout: 60_000 });
    process.kill(-child.pid!, 'SIGINT');
    const [code] = await ended;
    expect(code).toBe(130);
    expect(said.trimEnd().split('\n').at(-1)).toBe('tk: interrupted');
    expect(groupOf(child.pid!)).toEqual([]);
  });
});

/** The living processes of a process group: tk and one host a model. */
function groupOf(group: number): string[] {
  const lines = execFileSync('ps', ['-eo', 'pgid=,stat=,pid='], { encoding: 'utf8' }).split('\n');
  return lines.filter((line) => {
    const [pgid, stat] = line.trim().split(/\s+/);
    return Number(pgid) === group && !stat?.startsWith('Z');
  });
}

function flipByte(path: string): void {
  const file = openSync(path, 'r+');
  writeSync(file, Buffer.from([0x5a]), 0, 1, 1000);
  closeSync(file);
}
