// Databases that cannot be used: each is one clear line, and no line shows a password.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addFaces } from '../../../src/recognize/database/faces.ts';
import { databaseFailure, withProgress } from '../../../src/recognize/database/failures.ts';
import { ensureModel, labelledIdentity } from '../../../src/recognize/database/identity.ts';
import { databaseLocation, isDatabase } from '../../../src/recognize/database/location.ts';
import { personName } from '../../../src/recognize/database/names.ts';
import { listGallery, removePeople } from '../../../src/recognize/database/people.ts';
import { tk } from '../../support/cli.ts';
import { hasPostgres, startPostgres, type TestServer } from '../../support/postgres.ts';
import { repoRoot } from '../../support/shared.ts';
import { face, open, STORES, type Store } from './support.ts';

/** It is looked for, and never read. */
const photoOfNobody = join(repoRoot, 'package.json');
const ann = face('Ann Traceable', Float32Array.from([1, 2, 3]));

describe('a gallery folder', () => {
  let store: Store;
  beforeAll(async () => {
    store = await STORES[0]!.start();
  });
  afterAll(() => store?.end());

  it('is told from a folder of photos by its content', async () => {
    const place = await store.place();
    expect([isDatabase(place), isDatabase(join(place, 'pg')), isDatabase('postgres://h/d')]).toEqual([
      true,
      false,
      true,
    ]);
  });

  it('has one user at a time: the next is told which process to wait for', async () => {
    const place = await store.place();
    const database = await open(place);
    const { exitCode, stderr } = await tk(['gallery', 'list', '--db', place]);
    expect(stderr).toContain(`${place} is in use by another tk (pid ${process.pid} on`);
    expect(exitCode).toBe(3);
    await database.close();
    expect((await tk(['gallery', 'list', '--db', place])).exitCode).toBe(0);
  });

  it('is never made among other files, and a damaged or newer one is left as it is', async () => {
    const place = await store.place();
    const other = `${place}-photos`;
    mkdirSync(other);
    writeFileSync(join(other, 'photo.jpg'), '');
    await expect(open(other)).rejects.toMatchObject({ code: 'not-a-gallery', exitCode: 2 });
    expect(await readdir(other)).toEqual(['photo.jpg']);
    writeFileSync(join(place, 'gallery.json'), '{"format":"tk-gallery","layout":2}');
    await expect(open(place)).rejects.toMatchObject({ code: 'gallery-newer', exitCode: 2 });
    writeFileSync(join(place, 'gallery.json'), '{"format":"tk-gallery","layout":1}');
    writeFileSync(join(place, 'pg', 'PG_VERSION'), '12\n');
    await expect(open(place)).rejects.toMatchObject({ code: 'gallery-unreadable', exitCode: 3 });
  });

  it('holds no byte of a removed person, not even in deleted rows and logs', async () => {
    const place = await store.place();
    const database = await open(place);
    const model = await ensureModel(database, labelledIdentity('m'), 3);
    await addFaces(database, { tenant: 'default', model, detectorId: null }, [ann]);
    await database.query('checkpoint');
    const traces = async () => {
      const files = await readdir(place, { recursive: true, withFileTypes: true });
      const paths = files
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name));
      return paths.filter((path) => readFileSync(path).includes('Ann Traceable'));
    };
    expect(await traces()).not.toEqual([]);
    await removePeople(database, 'default', ['Ann Traceable']);
    await database.close();
    expect(await traces()).toEqual([]);
  });
});

describe('tk gallery search', () => {
  const photo = photoOfNobody;
  const rows = '/no/rows.npy';

  it.each([
    [[photo, '--min-face', '5'], '--min-face 5: the smallest face is 12 pixels or more'],
    [[photo, '--thresholds', '1,2'], '--thresholds 1,2: three numbers between 0 and 1, e.g. 0.6,0.7,0.7'],
    [[photo, '--profile', 'nothing'], 'there is no profile nothing'],
    [[photo, '--top', '0'], '--top takes a number from 1'],
    [[photo, '--weights', '/no/w.pth'], 'there is no file /no/w.pth'],
    [[photo, '--embedder', '/no/model'], '/no/model is no output directory of tk convert'],
    [[photo, '--detector-models', '/no'], '/no/mtcnn-pnet is no output directory of tk convert'],
    [[photo, '--detector-weights', 'w.pth'], '--detector-weights is for a detector of one network'],
    [[photo, '--model', 'mine'], '--model is for .npy files'],
    [[rows, '--weights', photo], '--weights and --embedder are for photos'],
    [[rows, '--profile', '/no/p.json'], 'profile /no/p.json cannot be read'],
    [['/no/photo.jpg'], '/no/photo.jpg: no such file or directory'],
  ])('refuses %j before it looks for a gallery', async (args, message) => {
    const { exitCode, stderr } = await tk(['gallery', 'search', ...args, '--db', '/no/gallery']);
    expect(stderr).toContain(`tk: ${message}\n`);
    expect(exitCode).toBe(2);
  });

  it('looks for the gallery where the options are right', async () => {
    const { exitCode, stderr } = await tk(['gallery', 'search', photo, '--db', '/no/gallery']);
    expect(stderr).toContain('tk: /no/gallery holds no gallery\n');
    expect(exitCode).toBe(2);
  });
});

describe.each([['recognize', photoOfNobody, '--gallery'], ['calibrate']])('tk %s', (...command) => {
  it.each([
    ['/no/faces', /^tk: gallery \/no\/faces does not exist\n/],
    [join(repoRoot, 'src', 'recognize', 'score'), /^tk: there is no photo in .*score\n/],
  ])('refuses a gallery without photos before any model is made: %s', async (folder, message) => {
    const cache = join(tmpdir(), `tk-no-cache-${process.pid}`);
    const { exitCode, stderr } = await tk([...command, folder], { env: { TK_CACHE: cache } });
    expect(stderr).toMatch(message);
    expect(exitCode).toBe(2);
    expect(existsSync(cache)).toBe(false);
  });
});

describe('a name', () => {
  it('is one person in either Unicode form, without blanks around it', () => {
    expect(personName(' Zoe\u0308 ')).toBe('Zo\u00eb');
  });

  it.each([
    ['', 'is empty'],
    [' ', 'is empty'],
    ['a/b', 'looks like a path'],
    ['..', 'looks like a path'],
    ['a\\b', 'looks like a path'],
    ['a\u0000b', 'no text'],
    ['a\nb', 'no text'],
    ['\ud800', 'no text'],
    ['unknown', 'means nobody'],
    ['x'.repeat(201), 'is too long'],
    ['x'.repeat(10 << 20), 'is too long'],
  ])('is refused: %#', (name, fault) => {
    expect(() => personName(name)).toThrow(fault);
    expect(() => personName(name)).toThrow(/^.{0,100}$/);
  });
});

describe('a server’s URL', () => {
  it.each([
    ['postgres://ann:secret@db.example:5432/faces?sslmode=require', 'postgres://ann@db.example:5432/faces'],
    ['postgresql://ann:se:cr@et/x@db.example/faces', 'postgresql://ann@db.example/faces'],
    ['postgres://db.example/faces?password=secret', 'postgres://db.example/faces'],
    ['POSTGRES://ann@/faces?host=/run/postgresql', 'POSTGRES://ann@/faces'],
  ])('is shown without its password: %s', (url, shown) => {
    expect(databaseLocation(url)).toEqual({ kind: 'server', url, shown });
  });

  it.each([
    ['postgres://ann:topsecret@127.0.0.1:1/faces', 3, 'no database answers (ECONNREFUSED)'],
    ['postgres://ann:topsecret@no-such-host.invalid/faces', 3, 'no database answers'],
    ['postgres://ann:top@secret:w/d@127.0.0.1:1/faces', 2, 'is no PostgreSQL URL'],
  ])('that is of no use is one line: %s', async (url, code, text) => {
    const { exitCode, stderr, stdout } = await tk(['gallery', 'list', '--db', url, '--verbose', '--json']);
    expect(JSON.parse(stdout)).toMatchObject({ error: { message: expect.stringContaining(text) } });
    expect(stdout + stderr).not.toMatch(/secret/);
    expect(exitCode).toBe(code);
  });
});

it('a server that ends a statement by its own time limit is not taken for one that does not answer', () => {
  const said = Object.assign(new Error('canceling statement due to statement timeout'), { code: '57014' });
  expect(databaseFailure(said, 'postgres://h/d')).toMatchObject({
    code: 'db-failed',
    exitCode: 3,
    message: 'postgres://h/d: canceling statement due to statement timeout',
  });
  // As pg says it, without a code, where nothing answers in time.
  const unheard = new Error('timeout exceeded when trying to connect');
  expect(databaseFailure(unheard, 'postgres://h/d')).toMatchObject({ code: 'db-unreachable' });
});

it('a run that is cut off says how far it came, and what to mend where running it again would not help', () => {
  const cutOff = (code: string) => {
    const said = Object.assign(new Error('permission denied for table face'), { code });
    return withProgress(databaseFailure(said, 'postgres://h/d'), '2 of 3 rows are in');
  };
  expect(cutOff('42501')).toMatchObject({
    code: 'db-rights',
    message: 'postgres://h/d: this user lacks a right (permission denied for table face); 2 of 3 rows are in',
    hint: 'see docs/gallery.md: rights',
  });
  expect(cutOff('57P01')).toMatchObject({
    message: 'postgres://h/d: the database went away; 2 of 3 rows are in',
    hint: 'nothing is lost: run the same command again, it goes on where it stopped',
  });
});

describe.skipIf(!hasPostgres)('a server (needs pgserver)', () => {
  let server: TestServer;
  let url: string;
  beforeAll(async () => {
    server = await startPostgres();
    url = await server.newDatabase();
    await server.run(
      url,
      'create role reader login',
      "create role secretive login password 'hush-hush'",
      'revoke connect on database gallery_1 from public',
      'grant connect on database gallery_1 to reader, secretive',
    );
  });
  afterAll(() => server?.stop());

  it('that gives no right to make a schema', async () => {
    await expect(open(server.as(url, 'reader'))).rejects.toMatchObject({ code: 'db-rights', exitCode: 3 });
  });

  it('that refuses the password, which nobody gets to see', async () => {
    const { exitCode, stderr } = await tk([
      'gallery',
      'list',
      '--db',
      server.as(url, 'secretive', 'wrong-word'),
      '--verbose',
    ]);
    expect(stderr).toContain('the server refuses this user or password');
    expect(stderr).not.toContain('wrong-word');
    expect(exitCode).toBe(3);
  });

  it('that has no such database', async () => {
    const missing = url.replace('gallery_1', 'nowhere');
    await expect(open(missing)).rejects.toMatchObject({ code: 'db-none', exitCode: 3 });
  });

  it('lets a user read who may only read', async () => {
    const owner = await open(url);
    const model = await ensureModel(owner, labelledIdentity('m'), 3);
    await addFaces(owner, { tenant: 'default', model, detectorId: null }, [ann]);
    await server.run(
      url,
      'grant usage on schema tk_gallery to reader',
      'grant select on all tables in schema tk_gallery to reader',
    );
    const reader = await open(server.as(url, 'reader'), false);
    expect((await listGallery(reader, 'default')).people).toHaveLength(1);
    await expect(removePeople(reader, 'default', ['Ann Traceable'])).rejects.toMatchObject({
      code: 'db-rights',
    });
    expect((await listGallery(owner, 'default')).people).toHaveLength(1);
    await Promise.all([owner.close(), reader.close()]);
  });

  it('with an older schema, of a user who may not change it', async () => {
    await server.run(
      url,
      'drop index tk_gallery.photo_of_content',
      'delete from tk_gallery.schema_version where version > 1',
    );
    await expect(open(server.as(url, 'reader'), false)).rejects.toMatchObject({
      code: 'db-rights',
      exitCode: 3,
      message: expect.stringMatching(/has schema version 1, and this user may not bring it to 2$/),
      hint: 'once, as the owner of its tables: tk gallery list --db DB',
    });
    await (await open(url, false)).close();
    await (await open(server.as(url, 'reader'), false)).close();
  });

  it('without pgvector', async () => {
    const bare = await startPostgres({ withoutPgvector: true });
    try {
      await expect(open(await bare.newDatabase())).rejects.toMatchObject({
        code: 'db-no-pgvector',
        exitCode: 3,
      });
    } finally {
      await bare.stop();
    }
  });
});
