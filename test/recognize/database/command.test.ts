// `tk gallery` and `tk recognize` on a gallery database, with the real models and real photos.
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tk } from '../../support/cli.ts';
import { hasShared, sharedData } from '../../support/shared.ts';
import { closePipeline, openPipeline, testCache } from '../support.ts';

describe.skipIf(!hasShared)('tk gallery (needs shared/data)', () => {
  let work: string;
  let db: string;
  const photo = (name: string, file: string) => sharedData('faces', name, file);
  const run = (...args: string[]) => tk(args, { env: { TK_CACHE: testCache, TK_GALLERY: db } });
  const json = async (...args: string[]) => JSON.parse((await run(...args, '--json')).stdout) as never;

  beforeAll(async () => {
    await closePipeline(await openPipeline('onnx'));
    work = mkdtempSync(join(tmpdir(), 'tk-gallery-command-'));
    db = join(work, 'db');
    mkdirSync(join(work, 'known', 'tony_blair'), { recursive: true });
    cpSync(photo('tony_blair', '1.jpg'), join(work, 'known', 'tony_blair', '1.jpg'));
    writeFileSync(join(work, 'known', 'tony_blair', 'bad.jpg'), 'no photo');
    mkdirSync(join(work, 'known', 'unknown'));
    cpSync(photo('tony_blair', '3.jpg'), join(work, 'known', 'unknown', '3.jpg'));
  });
  afterAll(() => rmSync(work, { recursive: true, force: true }));

  it('adds a folder and single photos, reports what it skips, and does nothing twice', async () => {
    const first = await run('gallery', 'add', join(work, 'known'), '--runtime', 'onnx', '--thumbnails');
    expect(first.stdout).toMatch(
      /^1 added, 0 there before, 2 skipped: dlib-face \([0-9a-f]{12}\) in .*db\n$/,
    );
    expect(first.stderr).toContain('bad.jpg skipped: the file is not an image that tk reads');
    expect(first.stderr).toContain(
      'unknown/3.jpg skipped: stands in no person’s folder: the name "unknown" means nobody\n',
    );
    expect(first.exitCode).toBe(0);
    const nobody = await run('gallery', 'add', join(work, 'known', 'unknown'), '--name', 'unknown');
    expect(nobody).toMatchObject({
      exitCode: 2,
      stderr: expect.stringMatching(/^tk: the name "unknown" means nobody/),
    });
    const powell = [
      'gallery',
      'add',
      photo('colin_powell', '1.jpg'),
      '--name',
      'Colin Powell',
      '--runtime',
      'onnx',
    ];
    expect(await json(...powell)).toMatchObject({ added: 1, present: 0 });
    expect(await json(...powell)).toMatchObject({ added: 0, present: 1 });
  });

  it('keeps a photo under a second name too, and says who has it', async () => {
    const again = [
      'gallery',
      'add',
      photo('colin_powell', '1.jpg'),
      '--name',
      'Someone',
      '--runtime',
      'onnx',
    ];
    const { exitCode, stdout, stderr } = await run(...again);
    expect(stderr).toMatch(
      /colin_powell\/1\.jpg: is also kept as Colin Powell; if one is wrong: tk gallery remove NAME --photo [0-9a-f]{64}\n$/,
    );
    expect(stdout).toMatch(/^1 added, /);
    expect(exitCode).toBe(0);
    const [, hash] = /--photo (\w+)/.exec(stderr)!;
    expect((await run('gallery', 'remove', 'Someone', '--photo', hash!)).stdout).toBe(
      'removed Someone: 1 photo\n',
    );
  });

  it('says of a folder of photos which stands under two names', async () => {
    const folder = join(work, 'twice');
    for (const name of ['ann', 'bob']) {
      mkdirSync(join(folder, name), { recursive: true });
      cpSync(photo('tony_blair', '1.jpg'), join(folder, name, '1.jpg'));
    }
    const same = [photo('tony_blair', '3.jpg'), '--gallery', folder, '--runtime', 'onnx'];
    const reason = 'is also kept as ann (ann/1.jpg); remove the one that is wrong';
    expect((await run('recognize', ...same)).stderr).toContain(`gallery: bob/1.jpg: ${reason}\n`);
    expect(await json('recognize', ...same)).toMatchObject({
      gallery: { entries: 2, notes: [{ file: 'bob/1.jpg', reason }] },
    });
  });

  it('says of what is not there that it is not, and of a photo without --name that it asks whose it is', async () => {
    const missing = await run('gallery', 'add', join(work, 'nowhere'));
    expect(missing).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('no such file or directory'),
    });
    const nameless = await run('gallery', 'add', photo('colin_powell', '1.jpg'));
    expect(nameless).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('add --name NAME') });
  });

  it('recognises by a folder with the same people in it: one called unknown is nobody there too', async () => {
    const same = [photo('tony_blair', '3.jpg'), '--gallery', join(work, 'known'), '--runtime', 'onnx'];
    const { gallery, photos } = (await json('recognize', ...same)) as {
      gallery: { people: number; skipped: object[] };
      photos: { faces: object[] }[];
    };
    expect(gallery).toMatchObject({ people: 1, entries: 1 });
    expect(gallery.skipped).toContainEqual({
      file: 'unknown/3.jpg',
      reason: 'stands in no person’s folder: the name "unknown" means nobody',
    });
    expect(photos[0]!.faces[0]).toMatchObject({ name: 'tony_blair', known: true });
  });

  it('lists people and photos', async () => {
    expect((await run('gallery', 'list')).stdout).toBe('Colin Powell: 1 photo\ntony_blair: 1 photo\n');
    expect(await json('gallery', 'list', 'tony_blair')).toMatchObject({
      photos: [{ file: '1.jpg', thumbnail: true, content: expect.stringMatching(/^[0-9a-f]{64}$/) }],
    });
  });

  it('is a gallery of tk recognize, told by its content', async () => {
    const report = await json(
      'recognize',
      photo('colin_powell', '5.jpg'),
      '--gallery',
      db,
      '--runtime',
      'onnx',
    );
    expect(report).toMatchObject({
      gallery: { entries: 2, people: 2 },
      photos: [{ faces: [{ name: 'Colin Powell', best: { file: 'Colin Powell/1.jpg' } }] }],
    });
  });

  it('searches photos', async () => {
    const { stdout } = await run(
      'gallery',
      'search',
      photo('tony_blair', '3.jpg'),
      '--runtime',
      'onnx',
      '--top',
      '1',
    );
    expect(stdout).toMatch(/3\.jpg, face at \d+,\d+:\n {2}tony_blair, distance 0\.\d{3}, 1\.jpg\n$/);
  });

  it('refuses another model’s embeddings by width and by name', async () => {
    const npy = sharedData('gofacerec', 'reg_embeddings.npy');
    expect(await run('gallery', 'import', npy, '--tenant', 'seed')).toMatchObject({
      exitCode: 2,
      stdout: '',
      stderr: expect.stringContaining(`tk: ${npy} has 512 values a row, embeddings of dlib-face have 128\n`),
    });
    const refused = await run('gallery', 'import', npy, '--model', 'theirs', '--tenant', 'seed');
    expect(refused).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('35 added') });
    const search = [
      'gallery',
      'search',
      photo('tony_blair', '3.jpg'),
      '--runtime',
      'onnx',
      '--tenant',
      'seed',
    ];
    const { exitCode, stderr } = await run(...search);
    expect(stderr).toContain('holds no face of this dlib-face; it holds theirs (512 values, 35 faces)');
    expect(exitCode).toBe(2);
  });

  it('forgets a person', async () => {
    expect((await run('gallery', 'remove', 'Colin Powell')).stdout).toBe('removed Colin Powell: 1 photo\n');
    const again = await run('gallery', 'remove', 'Colin Powell');
    expect(again).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('"Colin Powell" is not in') });
    expect((await run('gallery', 'list')).stdout).toBe('tony_blair: 1 photo\n');
  });
});
