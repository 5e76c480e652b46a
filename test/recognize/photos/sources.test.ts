// Which photos are meant: files, folders, globs, and lists that arrive line by line.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { listPhotos, photosOfList } from '../../../src/recognize/photos/sources.ts';

let root: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'tk-sources-'));
  await mkdir(join(root, 'trip', 'day 1'), { recursive: true });
  await mkdir(join(root, 'empty'));
  for (const file of [
    'trip/b.jpg',
    'trip/a.PNG',
    'trip/notes.txt',
    'trip/day 1/c.webp',
    'odd[1].jpg',
    'x.raw',
  ]) {
    await writeFile(join(root, file), '');
  }
});

afterEach(() => rm(root, { recursive: true }));

const named = async (...given: string[]) => {
  const photos = await listPhotos(given.map((path) => join(root, path)));
  return photos.map((path) => path.slice(root.length + 1));
};

describe('listPhotos', () => {
  it('takes files as they are, in the order given', async () => {
    expect(await named('x.raw', 'trip/b.jpg', 'missing.jpg')).toEqual(['x.raw', 'trip/b.jpg', 'missing.jpg']);
  });

  it('takes all photos below a folder, in lexical order, and nothing else', async () => {
    expect(await named('trip')).toEqual(['trip/a.PNG', 'trip/b.jpg', 'trip/day 1/c.webp']);
  });

  it('takes a glob as it says; without an extension it means photos', async () => {
    expect(await named('trip/*.{jpg,txt}')).toEqual(['trip/b.jpg', 'trip/notes.txt']);
    expect(await named('trip/**')).toEqual(['trip/a.PNG', 'trip/b.jpg', 'trip/day 1/c.webp']);
  });

  it('takes a file whose name looks like a glob', async () => {
    expect(await named('odd[1].jpg')).toEqual(['odd[1].jpg']);
  });

  it.each([
    ['empty', /^folder .*empty has no photo$/],
    ['trip/*.gif', /^no photo matches .*\*\.gif$/],
  ])('refuses %s, where there is no photo', async (path, message) => {
    await expect(named(path)).rejects.toMatchObject({ code: 'no-photos', exitCode: 2, message });
  });
});

describe('photosOfList', () => {
  it('gives a path as soon as its line is there, folders as their photos', async () => {
    const input = new PassThrough();
    const paths = photosOfList(input);
    input.write(`${root}/odd[1].jpg\r\n\n${root}/trip`);
    expect((await paths.next()).value).toBe(`${root}/odd[1].jpg`);
    input.end('\n');
    const rest: string[] = [];
    for await (const path of paths) rest.push(path.slice(root.length + 1));
    expect(rest).toEqual(['trip/a.PNG', 'trip/b.jpg', 'trip/day 1/c.webp']);
  });

  const listOf = async (...chunks: (string | Buffer)[]) => {
    const input = new PassThrough();
    for (const chunk of chunks) input.write(chunk);
    input.end();
    const paths: string[] = [];
    for await (const path of photosOfList(input)) paths.push(path);
    return paths;
  };

  it('takes a list parted by NUL, with names that hold line breaks (find -print0)', async () => {
    expect(await listOf('a\nb.jpg\0c', '.jpg\0\0d.jpg')).toEqual(['a\nb.jpg', 'c.jpg', 'd.jpg']);
  });

  it('puts a character together that two pieces share', async () => {
    const name = Buffer.from('é.jpg\n');
    expect(await listOf(name.subarray(0, 1), name.subarray(1))).toEqual(['é.jpg']);
  });

  it('leaves a folder without photos to its own report, and goes on', async () => {
    expect(await listOf(`${root}/empty\n${root}/x.raw\n`)).toEqual([`${root}/empty`, `${root}/x.raw`]);
  });

  it('refuses a list that is none: no path is that long', async () => {
    await expect(listOf('x'.repeat(65_537))).rejects.toMatchObject({ code: 'bad-list', exitCode: 2 });
  });
});
