// Galleries in and out: the seed's .npy pair, exports, and imports that are cut off.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readNpy, writeNpy } from '../../../src/formats/npy/npy.ts';
import type { Database } from '../../../src/recognize/database/database.ts';
import { exportEmbeddings, exportLines } from '../../../src/recognize/database/export.ts';
import { addFaces } from '../../../src/recognize/database/faces.ts';
import {
  ensureDetector,
  ensureModel,
  findModel,
  labelledIdentity,
} from '../../../src/recognize/database/identity.ts';
import { importEmbeddings, importExport } from '../../../src/recognize/database/import.ts';
import { exportHeader, exportLine, readExport } from '../../../src/recognize/database/json-lines.ts';
import { personName } from '../../../src/recognize/database/names.ts';
import { listGallery, listPhotos, removePeople } from '../../../src/recognize/database/people.ts';
import { matchInDatabase } from '../../../src/recognize/database/search.ts';
import { EMBEDDER_PROFILES } from '../../../src/recognize/embed/profiles.ts';
import { type EmbeddingSources, readEmbeddingsGallery } from '../../../src/recognize/gallery/embeddings.ts';
import { tk } from '../../support/cli.ts';
import { clusters } from '../../support/clusters.ts';
import { hasPostgres, startPostgres } from '../../support/postgres.ts';
import { hasShared, repoRoot, sharedData } from '../../support/shared.ts';
import { face, open, STORES, type Store } from './support.ts';

const model = labelledIdentity('test-model');
const options = { tenant: 'default', withQuality: false };
let work: string;
beforeAll(() => {
  work = mkdtempSync(join(tmpdir(), 'tk-transfer-'));
});
afterAll(() => rmSync(work, { recursive: true, force: true }));

/** A .npy of cluster rows, and its list of names. */
function pair(people: number, width = 32): { embeddings: string; filenames: string } {
  const rows = [...clusters({ people, photosEach: 1, width, seed: 3 })];
  const embeddings = join(work, `${people}.npy`);
  const filenames = join(work, `${people}-names.npy`);
  const data = Float32Array.from(rows.flatMap(({ embedding }) => [...embedding]));
  writeFileSync(embeddings, writeNpy({ dtype: 'float32', shape: [people, width], data }));
  const files = rows.map(({ name }, index) => `/photos/${name}/${index}.jpg`);
  writeFileSync(filenames, writeNpy({ dtype: 'string', shape: [people], data: files }));
  return { embeddings, filenames };
}

async function importRows(
  database: Database,
  sources: EmbeddingSources,
  importOptions: Parameters<typeof importEmbeddings>[3] = options,
) {
  const { entries } = await readEmbeddingsGallery(sources);
  return importEmbeddings(database, entries, model, importOptions);
}

const countOf = async (database: Database) =>
  (await database.query<{ rows: number }>('select count(*)::int as rows from tk_gallery.face'))[0]!.rows;

for (const { kind, available, start } of STORES) {
  describe.skipIf(!available)(`a gallery ${kind}`, () => {
    let store: Store;
    const using = async <T>(work: (database: Database) => Promise<T>): Promise<T> => {
      const database = await open(await store.place());
      return work(database).finally(() => database.close());
    };
    beforeAll(async () => {
      store = await start();
    });
    afterAll(() => store?.end());

    it.skipIf(!hasShared)(
      "gives the seed's embeddings back as they came, bit by bit (needs shared/data)",
      () =>
        using(async (database) => {
          const source = sharedData('gofacerec', 'reg_embeddings.npy');
          await importRows(database, { embeddings: source }, { ...options, withQuality: true });
          const out = join(work, `seed ${kind}`);
          const stored = (await findModel(database, model.identity))!;
          await exportEmbeddings(database, 'default', stored, out);
          expect(readFileSync(join(out, 'reg_embeddings.npy')).equals(readFileSync(source))).toBe(true);
          expect(readNpy(readFileSync(join(out, 'reg_filenames.npy')), 'names').data).toHaveLength(35);
          const again = {
            embeddings: join(out, 'reg_embeddings.npy'),
            filenames: join(out, 'reg_filenames.npy'),
          };
          expect(await importRows(database, again, options)).toMatchObject({
            added: 0,
            present: 35,
          });
        }),
    );

    it('takes a person whose folder was named on macOS and on Linux for one, to the end', () =>
      using(async (database) => {
        const [embeddings, filenames] = [join(work, `nfd ${kind}.npy`), join(work, `nfd names ${kind}.npy`)];
        const data = Float32Array.from([1, 2, 3, 4]);
        writeFileSync(embeddings, writeNpy({ dtype: 'float32', shape: [2, 2], data }));
        const files = ['reg/Zoe\u0308/u\u0308.jpg', 'reg/Zo\u00eb/\u00fc.jpg'];
        writeFileSync(filenames, writeNpy({ dtype: 'string', shape: [2], data: files }));
        await importRows(database, { embeddings, filenames }, options);
        const { people } = await listGallery(database, 'default');
        expect(people).toMatchObject([{ name: 'Zo\u00eb', photos: 2 }]);
        const lines = join(work, `nfd ${kind}.jsonl`);
        await exportLines(database, 'default', [(await findModel(database, model.identity))!], lines);
        writeFileSync(lines, readFileSync(lines, 'utf8').normalize('NFD'));
        expect(await importExport(database, lines, options)).toMatchObject({ added: 0, present: 2 });
        const photos = await listPhotos(database, 'default', personName('Zoe\u0308'));
        expect(photos.map(({ file }) => file)).toEqual(['\u00fc.jpg', '\u00fc.jpg']);
        const found = await matchInDatabase(
          database,
          {
            tenant: 'default',
            model: (await findModel(database, model.identity))!,
            profile: EMBEDDER_PROFILES['dlib-face']!,
          },
          data.slice(0, 2),
        );
        expect(found.best).toMatchObject({ name: 'Zo\u00eb', file: 'Zo\u00eb/\u00fc.jpg' });
        expect(await removePeople(database, 'default', [personName('Zoe\u0308')])).toMatchObject([
          { photos: 2 },
        ]);
      }));

    it('moves to another database with all that it keeps', () =>
      using(async (database) => {
        const stored = await ensureModel(database, model, 3);
        const other = await ensureModel(database, labelledIdentity('wide'), 4);
        const full = {
          ...face('Zoë 陳', Float32Array.from([0.1, 2, -3])),
          quality: 24.5,
          box: [1.5, 2, 30, 40.25],
          thumbnail: Uint8Array.from([1, 2, 3]),
          addedAt: '2019-05-04T03:02:01.123456Z',
        };
        const detector = { identity: 'd'.repeat(64), description: { profile: { network: 'mtcnn' } } };
        const detectorId = await ensureDetector(database, detector);
        await addFaces(database, { tenant: 'default', model: stored, detectorId }, [full]);
        await addFaces(database, { tenant: 'default', model: other, detectorId: null }, [
          { ...full, embedding: Float32Array.from([1, 2, 3, 4]) },
        ]);
        const [first, second] = [join(work, `1 ${kind}.jsonl`), join(work, `2 ${kind}.jsonl`)];
        await exportLines(database, 'default', [stored, other], first);
        await using(async (target) => {
          expect(await importExport(target, first, options)).toMatchObject({ added: 2, present: 0 });
          expect(await importExport(target, first, options)).toMatchObject({ added: 0, present: 2 });
          const models = [
            (await findModel(target, model.identity))!,
            (await findModel(target, other.identity))!,
          ];
          await exportLines(target, 'default', models, second);
        });
        expect(readFileSync(second, 'utf8')).toBe(readFileSync(first, 'utf8'));
        const [, line, otherLine] = readFileSync(second, 'utf8').split('\n');
        expect(JSON.parse(line!)).toMatchObject({ detector, addedAt: full.addedAt });
        expect(JSON.parse(otherLine!)).toMatchObject({ detector: null, addedAt: full.addedAt });
      }));

    it('tells of photos of an export that others have, of rows without a photo nothing', () =>
      using(async (database) => {
        const file = join(work, `shared ${kind}.jsonl`);
        const line = (name: string, content: string) =>
          exportLine({ ...face(name, Float32Array.from([1, 2])), content }, model, null);
        const [photo, row] = ['c'.repeat(64), `row:${'d'.repeat(64)}`];
        const lines = [line('Ann', photo), line('Bob', photo), line('Ann', row), line('Bob', row)];
        writeFileSync(file, exportHeader() + lines.join(''));
        const notes = [
          {
            file: 'Ann/photo.jpg',
            reason: `is also kept as Bob; if one is wrong: tk gallery remove NAME --photo ${photo}`,
          },
        ];
        expect(await importExport(database, file, options)).toMatchObject({ added: 4, present: 0, notes });
        expect(await importExport(database, file, options)).toMatchObject({ added: 0, present: 4, notes });
      }));

    it('takes an export of version 1, which had neither detector nor date', () =>
      using(async (database) => {
        const file = join(work, `v1 ${kind}.jsonl`);
        const line = {
          name: 'Ann',
          content: 'a'.repeat(64),
          file: '1.jpg',
          model: { identity: model.identity, name: model.name, profile: {} },
          embedding: Buffer.from(Float32Array.from([1, 2]).buffer).toString('base64'),
          quality: null,
          box: null,
          thumbnail: null,
        };
        writeFileSync(file, `{"format":"tk-gallery-export","version":1}\n${JSON.stringify(line)}\n`);
        expect(await importExport(database, file, options)).toMatchObject({ added: 1, present: 0 });
      }));

    it('goes on behind the rows that an interrupted import kept', () =>
      using(async (database) => {
        const controller = new AbortController();
        const rows = pair(2500);
        const importing = importRows(database, rows, {
          ...options,
          signal: controller.signal,
          onRows: () => controller.abort(new Error('stopped')),
        });
        await expect(importing).rejects.toThrow('stopped');
        expect(await countOf(database)).toBe(1000);
        expect(await importRows(database, rows, options)).toMatchObject({
          added: 1500,
          present: 1000,
        });
        expect((await listGallery(database, 'default')).people).toHaveLength(2500);
      }));
  });
}

describe('a file that is no export', () => {
  it.each([
    ['', 'is empty'],
    ['{"format":"other"}\n', 'is no export of tk gallery'],
    ['{"format":"tk-gallery-export","version":9}\n', 'was written by a newer tk'],
    ['{"format":"tk-gallery-export","version":1}\n{"name":', 'line 2 is not JSON'],
    ['{"format":"tk-gallery-export","version":1}\n{"name":"Ann"}\n', 'line 2 content'],
    [`{"format":"tk-gallery-export","version":1}\n${'x'.repeat(5 << 20)}`, 'has a line of more than'],
  ])('is refused, line by line: %#', async (text, fault) => {
    const file = join(work, 'bad.jsonl');
    writeFileSync(file, text);
    const reading = (async () => {
      for await (const batch of readExport(file, 10)) expect(batch).toBeUndefined();
    })();
    await expect(reading).rejects.toMatchObject({ exitCode: 2, message: expect.stringContaining(fault) });
  });
});

describe('tk gallery import', () => {
  it.each([
    [['nowhere.jsonl'], 'nowhere.jsonl cannot be read (ENOENT)'],
    [['nowhere.npy'], 'nowhere.npy does not exist'],
    [['package.json'], 'package.json is not a .npy file of numpy'],
  ])('makes no gallery for what it cannot read: %j', async (args, message) => {
    const db = join(work, 'never-made');
    const { exitCode, stderr } = await tk(['gallery', 'import', ...args, '--db', db], { cwd: repoRoot });
    expect(stderr).toContain(`tk: ${message}`);
    expect(exitCode).toBe(2);
    expect(existsSync(db)).toBe(false);
  });
});

describe('an import that loses its database', () => {
  it.skipIf(!hasPostgres)(
    'says how far it came, and goes on when the server is back (needs pgserver)',
    async () => {
      const server = await startPostgres();
      const rows = pair(3000);
      const url = await server.newDatabase();
      const database = await open(url);
      try {
        const importing = importRows(database, rows, {
          ...options,
          onRows: (done) => void (done === 1000 && server.kill()),
        });
        await expect(importing).rejects.toMatchObject({
          exitCode: 3,
          message: expect.stringMatching(
            /^postgres:\/\/postgres@localhost\/gallery_1: .*[12]000 of 3000 rows are in$/,
          ),
          hint: expect.stringContaining('run the same command again'),
        });
        await database.close();
        await server.start();
        const back = await open(url);
        const report = await importRows(back, rows, options);
        expect(report.added + report.present).toBe(3000);
        expect(report.present).toBeGreaterThanOrEqual(1000);
        expect(await countOf(back)).toBe(3000);
        await back.close();
      } finally {
        await server.stop();
      }
    },
  );

  it.each([
    ['killed', 'SIGKILL', null],
    ['interrupted by Ctrl-C', 'SIGINT', 130],
  ] as const)('loses no finished batch when the process is %s', async (_, signal, code) => {
    const store = await STORES[0]!.start();
    const place = await store.place();
    const { embeddings, filenames } = pair(5_000, 64);
    const size = () =>
      readdirSync(join(place, 'pg', 'base'), { recursive: true, encoding: 'utf8' })
        .map((file) => statSync(join(place, 'pg', 'base', file), { throwIfNoEntry: false })?.size ?? 0)
        .reduce((sum, bytes) => sum + bytes, 0);
    const before = size();
    const args = [
      'gallery',
      'import',
      embeddings,
      '--filenames',
      filenames,
      '--model',
      'test-model',
      '--db',
      place,
    ];
    const child = spawn(process.execPath, [join(repoRoot, 'bin/tk'), ...args], { stdio: 'ignore' });
    const ended = new Promise((resolve) => child.once('exit', resolve));
    while (child.exitCode === null && size() < before + 500_000) await sleep(10);
    child.kill(signal);
    expect(await ended).toBe(code);
    const database = await open(place);
    const kept = await countOf(database);
    expect(kept % 1000).toBe(0);
    expect(kept).toBeLessThan(5_000);
    const report = await importRows(database, { embeddings, filenames }, options);
    expect(report).toMatchObject({ added: 5_000 - kept, present: kept });
    await database.close();
    await store.end();
  });
});
