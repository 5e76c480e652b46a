// Galleries: the walk, the embeddings of the seed's pair, and the cache of enrolments.
import { mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { writeNpy } from '../../src/formats/npy/npy.ts';
import type { Tensor } from '../../src/formats/tensor.ts';
import { enrolmentCache, forgetEnrolments } from '../../src/recognize/gallery/cache.ts';
import { readEmbeddingsGallery } from '../../src/recognize/gallery/embeddings.ts';
import { walkGallery } from '../../src/recognize/gallery/folder.ts';
import { nameOfFile } from '../../src/recognize/gallery/gallery.ts';

let folder: string;
const cacheBefore = process.env.TK_CACHE;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tk-gallery-'));
  process.env.TK_CACHE = join(folder, 'cache');
});

afterEach(async () => {
  if (cacheBefore === undefined) delete process.env.TK_CACHE;
  else process.env.TK_CACHE = cacheBefore;
  await rm(folder, { recursive: true });
});

async function photos(...paths: string[]): Promise<string> {
  const root = join(folder, 'known');
  for (const path of paths) {
    await mkdir(join(root, path, '..'), { recursive: true });
    await writeFile(join(root, path), '');
  }
  return root;
}

async function npy(name: string, tensor: Parameters<typeof writeNpy>[0]): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, writeNpy(tensor));
  return path;
}

const matrix = (rows: number) =>
  npy('e.npy', {
    dtype: 'float32',
    shape: [rows, 2],
    data: Float32Array.from({ length: rows * 2 }, (_, i) => i),
  });

describe('walkGallery', () => {
  it('takes photos in byte order, folders where they stand, hidden and other files left out', async () => {
    const root = await photos(
      'b/2.jpg',
      'b/10.jpg',
      'B/1.PNG',
      'a.jpg',
      'a/x.webp',
      'a/notes.txt',
      '.git/y.jpg',
    );
    expect(await walkGallery(root)).toEqual(['B/1.PNG', 'a/x.webp', 'a.jpg', 'b/10.jpg', 'b/2.jpg']);
  });

  it('takes photos that are not read, to be reported, but not as rows of embeddings that exist', async () => {
    const root = await photos('ann/IMG_1.HEIC', 'ann/1.jpg', 'bob/2.bmp');
    expect(await walkGallery(root)).toEqual(['ann/1.jpg', 'ann/IMG_1.HEIC', 'bob/2.bmp']);
    const gallery = await readEmbeddingsGallery({ embeddings: await matrix(1), gallery: root });
    expect(gallery.entries.map(({ file }) => file)).toEqual(['ann/1.jpg']);
  });

  it('refuses what is no folder', async () => {
    await expect(walkGallery(join(folder, 'none'))).rejects.toMatchObject({
      code: 'no-gallery',
      exitCode: 2,
    });
  });
});

describe('embeddings', () => {
  it('alone name their rows', async () => {
    const { entries } = await readEmbeddingsGallery({ embeddings: await matrix(2) });
    expect(entries.map(({ name }) => name)).toEqual(['row 0', 'row 1']);
    expect([...entries[1]!.embedding]).toEqual([2, 3]);
  });

  it('with a folder are its photos in lexical order', async () => {
    const gallery = await photos('bob/1.jpg', 'ann/1.jpg');
    const { entries } = await readEmbeddingsGallery({ embeddings: await matrix(2), gallery });
    expect(entries.map(({ name, file }) => [name, file])).toEqual([
      ['ann', 'ann/1.jpg'],
      ['bob', 'bob/1.jpg'],
    ]);
  });

  it('with file names are those files, in that order', async () => {
    const filenames = await npy('f.npy', {
      dtype: 'string',
      shape: [2],
      data: ['reg/zoë/9.jpg', 'reg/ann/1.jpg'],
    });
    const { entries } = await readEmbeddingsGallery({ embeddings: await matrix(2), filenames });
    expect(entries.map(({ name }) => name)).toEqual(['zoë', 'ann']);
  });

  it('of somebody called unknown, which means nobody, are refused by their row', async () => {
    const filenames = await npy('f.npy', {
      dtype: 'string',
      shape: [2],
      data: ['ann/1.jpg', 'unknown/1.jpg'],
    });
    await expect(readEmbeddingsGallery({ embeddings: await matrix(2), filenames })).rejects.toMatchObject({
      code: 'bad-name',
      exitCode: 2,
      message: `${filenames}, row 1: the name "unknown" means nobody`,
    });
  });

  it('of another count are refused', async () => {
    const gallery = await photos('ann/1.jpg');
    await expect(readEmbeddingsGallery({ embeddings: await matrix(2), gallery })).rejects.toMatchObject({
      code: 'bad-embeddings',
      exitCode: 2,
      message: expect.stringContaining('has 2 rows'),
    });
  });

  it('as an object array are refused, unread', async () => {
    const header = `${"{'descr': '|O', 'fortran_order': False, 'shape': (1,), }".padEnd(117)}\n`;
    const bytes = Buffer.concat([Buffer.from('\x93NUMPY\x01\x00\x76\x00', 'latin1'), Buffer.from(header)]);
    const path = join(folder, 'o.npy');
    await writeFile(path, Buffer.concat([bytes, Buffer.from('\x80\x04N.', 'latin1')]));
    await expect(readEmbeddingsGallery({ embeddings: path })).rejects.toMatchObject({ exitCode: 2 });
  });

  it.each([
    [
      'float16',
      { dtype: 'float16', shape: [2, 2], data: new Uint16Array(4) },
      'where its values are the embeddings: np.save(path, a.astype(np.float32))',
    ],
    [
      'int32',
      { dtype: 'int32', shape: [2, 2], data: new Int32Array(4) },
      'where its values are the embeddings: np.save(path, a.astype(np.float32))',
    ],
    [
      'float32 of one dimension',
      { dtype: 'float32', shape: [4], data: new Float32Array(4) },
      'one embedding is a row: np.save(path, a.reshape(1, -1).astype(np.float32))',
    ],
    [
      'float64 of three dimensions',
      { dtype: 'float64', shape: [2, 1, 2], data: new Float64Array(4) },
      'one row a photo: np.save(path, a.reshape(len(a), -1).astype(np.float32))',
    ],
    ['strings', { dtype: 'string', shape: [1], data: ['ann/1.jpg'] }, 'name the file of the embeddings'],
  ] as [string, Tensor, string][])(
    'as %s are refused, and how to save them is told',
    async (_, tensor, hint) => {
      const embeddings = await npy('kind.npy', tensor);
      await expect(readEmbeddingsGallery({ embeddings })).rejects.toMatchObject({
        code: 'bad-embeddings',
        exitCode: 2,
        message: `${embeddings} is ${tensor.dtype} [${tensor.shape.join(', ')}]; embeddings are a float32 or float64 matrix, one row a photo`,
        hint,
      });
    },
  );

  it('with a value that is not finite are refused', async () => {
    const data = Float32Array.from([1, 2, Number.NaN, 4]);
    const embeddings = await npy('nan.npy', { dtype: 'float32', shape: [2, 2], data });
    await expect(readEmbeddingsGallery({ embeddings })).rejects.toThrow(
      /row 1 has a value that is not finite/,
    );
  });

  it.each([
    ['a row of zeros', [1, 2, 0, -0], 'row 1 is zero: it has no direction to compare'],
    ['a float64 that float32 cannot hold', [1e300, 2, 3, 4], 'row 0 has a value that is not finite'],
    ['a row that float32 rounds to zero', [1, 2, 1e-300, 0], 'row 1 is zero: it has no direction to compare'],
  ])('with %s are refused', async (_what, values, fault) => {
    const embeddings = await npy('bad.npy', {
      dtype: 'float64',
      shape: [2, 2],
      data: Float64Array.from(values),
    });
    await expect(readEmbeddingsGallery({ embeddings })).rejects.toMatchObject({
      code: 'bad-embeddings',
      exitCode: 2,
      message: `${embeddings}: ${fault}`,
    });
  });
});

describe('the cache of enrolments', () => {
  it('gives back what was put, for that photo and that pipeline only', async () => {
    const embedding = Float32Array.from([0.25, -1e-7]);
    await enrolmentCache('one').put('abc', { embedding, faces: 2 });
    expect(await enrolmentCache('one').get('abc')).toEqual({ embedding, faces: 2 });
    expect(await enrolmentCache('one').get('def')).toBeNull();
    expect(await enrolmentCache('other').get('abc')).toBeNull();
  });

  it.skipIf(process.platform === 'win32')('can be read by its owner alone (needs POSIX modes)', async () => {
    await enrolmentCache('one').put('abc', { embedding: Float32Array.from([1]), faces: 1 });
    const root = join(folder, 'cache', 'gallery');
    const [pipeline] = await readdir(root);
    const modes = [root, join(root, pipeline!), join(root, pipeline!, 'abc.json')].map(
      async (path) => (await stat(path)).mode & 0o777,
    );
    expect(await Promise.all(modes)).toEqual([0o700, 0o700, 0o600]);
  });

  it('forgets a photo in every pipeline, with the drafts of runs that were killed, and no other', async () => {
    const photo = 'a'.repeat(64);
    for (const pipeline of ['one', 'other']) {
      await enrolmentCache(pipeline).put(photo, { embedding: Float32Array.from([1]), faces: 1 });
      await enrolmentCache(pipeline).put('b'.repeat(64), { embedding: null, faces: 0 });
    }
    const root = join(folder, 'cache', 'gallery');
    const [pipeline] = await readdir(root);
    await writeFile(join(root, pipeline!, `${photo}.json.1b9d6bcd.part`), '{}');
    expect(await forgetEnrolments([photo, 'row:c'])).toBe(2);
    for (const each of await readdir(root)) {
      expect(await readdir(join(root, each))).toEqual([`${'b'.repeat(64)}.json`]);
    }
  });

  it('takes a damaged record for none', async () => {
    const cache = enrolmentCache('one');
    await cache.put('abc', { embedding: null, faces: 0 });
    const root = join(folder, 'cache', 'gallery');
    const [pipeline] = await readdir(root);
    await writeFile(join(root, pipeline!, 'abc.json'), '{"schemaVersion":1');
    expect(await cache.get('abc')).toBeNull();
  });
});

it('a file is named by its parent folder', () => {
  expect(nameOfFile('reg/ann/1.jpg')).toBe('ann');
  expect(nameOfFile('1.jpg')).toBeNull();
  // As macOS stores it, and as Linux does.
  expect(nameOfFile('reg/Zoe\u0308/1.jpg')).toBe('Zo\u00eb');
});
