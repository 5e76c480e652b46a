// A gallery database, the same on PGlite and on a server: what is kept, for whom, and what is left after a removal.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Database } from '../../../src/recognize/database/database.ts';
import { addFaces, knownFaces } from '../../../src/recognize/database/faces.ts';
import { ensureModel, labelledIdentity, type StoredModel } from '../../../src/recognize/database/identity.ts';
import { MIGRATIONS, migrate, schemaVersion } from '../../../src/recognize/database/migrations.ts';
import { listGallery, listPhotos, removePeople } from '../../../src/recognize/database/people.ts';
import { nearestFaces } from '../../../src/recognize/database/search.ts';
import { remarksOnShared } from '../../../src/recognize/database/shared-photos.ts';
import { chooseModel, modelWithFaces } from '../../../src/recognize/database/source.ts';
import { EMBEDDER_PROFILES } from '../../../src/recognize/embed/profiles.ts';
import { face, open, STORES, type Store } from './support.ts';

const vector = (...values: number[]) => Float32Array.from(values);
const ann = face('Ann', vector(1, 0, 0.1));
const bob = face('Bob', vector(0, 1, 0.1));

for (const { kind, available, start } of STORES) {
  describe.skipIf(!available)(`a gallery database ${kind}`, () => {
    let store: Store;
    let place: string;
    let database: Database;
    let model: StoredModel;
    const set = (tenant = 'default', of = model) => ({ tenant, model: of, detectorId: null });
    const names = async (tenant = 'default') =>
      (await listGallery(database, tenant)).people.map(({ name }) => name);

    beforeAll(async () => {
      store = await start();
      place = await store.place();
      database = await open(place);
    });
    afterAll(async () => {
      await database?.close();
      await store?.end();
    });
    beforeEach(async () => {
      await database.query('truncate tk_gallery.person, tk_gallery.photo, tk_gallery.face, tk_gallery.model');
      model = await ensureModel(database, labelledIdentity('test-model'), 3);
    });

    it('keeps faces between two openings, to the last bit', async () => {
      const embedding = Float32Array.from([0.1, -1 / 3, 1.17549435e-38]);
      await addFaces(database, set(), [face('Ann', embedding)]);
      await database.close();
      database = await open(place, false);
      const target = { tenant: 'default', model, profile: EMBEDDER_PROFILES['dlib-face']! };
      const [found] = await nearestFaces(database, target, embedding);
      expect(found).toMatchObject({ name: 'Ann', file: 'photo.jpg', score: 0 });
      expect([...found!.embedding]).toEqual([...embedding]);
    });

    it.each([
      { values: 512, where: 'in its row, where a scan meets it', beside: false },
      { values: 4000, where: 'beside the table, since no page holds it', beside: true },
    ])('keeps an embedding of $values values $where', async ({ values, beside }) => {
      const embedding = Float32Array.from({ length: values }, (_, index) => Math.sin(index * index));
      const wide = await open(await store.place());
      const stored = await ensureModel(wide, labelledIdentity('wide'), values);
      await addFaces(wide, { tenant: 'default', model: stored, detectorId: null }, [face('Ann', embedding)]);
      const [toast] = await wide.query<{ bytes: number }>(
        "select pg_relation_size(reltoastrelid)::int as bytes from pg_class where oid = 'tk_gallery.face'::regclass",
      );
      expect(toast!.bytes > 0).toBe(beside);
      const target = { tenant: 'default', model: stored, profile: EMBEDDER_PROFILES['dlib-face']! };
      expect((await nearestFaces(wide, target, embedding))[0]!.embedding).toEqual(embedding);
      await wide.close();
    });

    it('takes the same photo once, however often and from however many at a time', async () => {
      const adding = Array.from({ length: 4 }, () => addFaces(database, set(), [ann, bob, ann]));
      const added = await Promise.all(adding);
      expect(added.reduce((sum, count) => sum + count, 0)).toBe(2);
      expect(await addFaces(database, set(), [ann])).toBe(0);
      expect(await knownFaces(database, set(), [ann, { name: 'Ann', content: bob.content }])).toEqual(
        new Set([`${ann.content} Ann`]),
      );
      expect((await listGallery(database, 'default')).people).toMatchObject([
        { name: 'Ann', photos: 1 },
        { name: 'Bob', photos: 1 },
      ]);
    });

    it('keeps all of a batch or nothing', async () => {
      const broken = { ...face('Eve', vector(1, 1, 1)), embedding: vector(Number.NaN, 1, 1) };
      await expect(addFaces(database, set(), [ann, broken])).rejects.toMatchObject({
        code: 'db-failed',
        exitCode: 3,
      });
      expect(await names()).toEqual([]);
    });

    it('never shows one tenant the people of another', async () => {
      await addFaces(database, set('school'), [ann]);
      await addFaces(database, set('museum'), [bob, ann]);
      expect([await names('school'), await names('museum'), await names()]).toEqual([
        ['Ann'],
        ['Ann', 'Bob'],
        [],
      ]);
      const target = { tenant: 'school', model, profile: EMBEDDER_PROFILES.mobilefacenet! };
      expect((await nearestFaces(database, target, bob.embedding)).map(({ name }) => name)).toEqual(['Ann']);
      await removePeople(database, 'school', ['Ann']);
      expect(await names('museum')).toEqual(['Ann', 'Bob']);
    });

    it('never mixes the embeddings of two models, of whatever width', async () => {
      const other = await ensureModel(database, labelledIdentity('other-model'), 3);
      const wide = await ensureModel(database, labelledIdentity('wide-model'), 4);
      await addFaces(database, set(), [ann]);
      await addFaces(database, set('default', other), [{ ...bob, embedding: ann.embedding }]);
      await addFaces(database, set('default', wide), [{ ...ann, embedding: vector(1, 2, 3, 4) }]);
      const target = { tenant: 'default', model, profile: EMBEDDER_PROFILES.mobilefacenet! };
      expect((await nearestFaces(database, target, ann.embedding)).map(({ name }) => name)).toEqual(['Ann']);
      await expect(ensureModel(database, labelledIdentity('test-model'), 4)).rejects.toMatchObject({
        code: 'other-model',
        exitCode: 2,
      });
      await expect(modelWithFaces(database, 'default', labelledIdentity('nowhere'))).rejects.toMatchObject({
        code: 'other-model',
        message: expect.stringMatching(/holds test-model \(3 values, 1 faces\), other-model .*, wide-model/),
      });
      await expect(chooseModel(database, 'default', undefined)).rejects.toMatchObject({
        code: 'which-model',
      });
      expect(await chooseModel(database, 'default', 'wide-model')).toMatchObject({ width: 4 });
    });

    it('takes any name as text, SQL in it included', async () => {
      const odd = ["Robert'); drop table tk_gallery.face;--", '$1', 'Zoë ﬁ 陳大文 🙂', '{a,b}', '"', 'NULL'];
      await addFaces(
        database,
        set(),
        odd.map((name) => face(name, vector(1, 2, 3))),
      );
      expect(new Set(await names())).toEqual(new Set(odd));
      for (const name of odd) {
        expect(await listPhotos(database, 'default', name)).toHaveLength(1);
        await removePeople(database, 'default', [name]);
      }
      expect(await names()).toEqual([]);
    });

    it('leaves nothing of a removed person, and removes all of several or none', async () => {
      const thumbnail = Uint8Array.from([1, 2, 3]);
      await addFaces(database, set(), [{ ...ann, thumbnail }, face('Ann', vector(0, 0, 1), '2.jpg'), bob]);
      await expect(removePeople(database, 'default', ['Ann', 'Nobody'])).rejects.toMatchObject({
        code: 'no-person',
        exitCode: 2,
      });
      expect(await names()).toEqual(['Ann', 'Bob']);
      expect(await removePeople(database, 'default', ['Ann'])).toEqual([
        { name: 'Ann', photos: 2, cached: 0 },
      ]);
      const count = async (table: string) =>
        (await database.query<{ rows: number }>(`select count(*)::int as rows from tk_gallery.${table}`))[0]!
          .rows;
      expect([await count('person'), await count('photo'), await count('face')]).toEqual([1, 1, 1]);
    });

    it('removes single photos, and the person with the last one', async () => {
      const second = face('Ann', vector(0, 0, 1), '2.jpg');
      await addFaces(database, set(), [ann, second]);
      await expect(removePeople(database, 'default', ['Ann'], ['0'.repeat(64)])).rejects.toMatchObject({
        code: 'no-photo',
      });
      await removePeople(database, 'default', ['Ann'], [ann.content]);
      expect((await listPhotos(database, 'default', 'Ann')).map(({ content }) => content)).toEqual([
        second.content,
      ]);
      await removePeople(database, 'default', ['Ann'], [second.content]);
      expect(await names()).toEqual([]);
    });

    it('tells once of a photo that others of the tenant have too, whatever the order', async () => {
      const photo = { content: 'a'.repeat(64), file: '1.jpg' };
      const eve = { ...face('Eve', vector(1, 1, 1)), ...photo };
      await addFaces(database, set(), [eve, { ...eve, name: 'Zoë' }, ann]);
      await addFaces(database, set('museum'), [{ ...eve, name: 'Bob' }, bob]);
      const reason = (names: string) =>
        `is also kept as ${names}; if one is wrong: tk gallery remove NAME --photo ${photo.content}`;
      const both = [
        { file: 'ann.jpg', name: 'Ann', content: ann.content },
        { file: 'zoë.jpg', name: 'Zoë', content: photo.content },
        { file: 'eve.jpg', name: 'Eve', content: photo.content },
      ];
      expect(await remarksOnShared(database, 'default', both)).toEqual([
        { file: 'zoë.jpg', reason: reason('Eve') },
      ]);
      expect(await remarksOnShared(database, 'museum', both.slice(0, 1))).toEqual([]);
      await addFaces(database, set(), [{ ...eve, name: 'Ann' }]);
      const told = new Set<string>();
      expect(await remarksOnShared(database, 'default', both.slice(1), told)).toEqual([
        { file: 'zoë.jpg', reason: reason('Eve, Ann') },
      ]);
      expect(await remarksOnShared(database, 'default', both, told)).toEqual([]);
    });

    it('says nothing of two people who each have a face of their own on one photo', async () => {
      const group = { content: 'b'.repeat(64), file: 'group.jpg' };
      const at = (name: string, box: number[] | null) => ({ ...face(name, vector(1, 2, 3)), ...group, box });
      const remarks = async (name: string) =>
        (await remarksOnShared(database, 'default', [{ ...group, name }])).map(({ reason }) =>
          reason.slice(0, reason.indexOf(';')),
        );
      await addFaces(database, set(), [at('Ann', [0, 0, 100, 100]), at('Bob', [200, 0, 300, 100])]);
      expect(await remarks('Bob')).toEqual([]);
      // 100 × 60 of 100 × 140 are both: 0.43 of the union; 100 × 70 of 100 × 130: 0.54.
      await addFaces(database, set(), [at('Near', [200, 40, 300, 140]), at('Same', [200, 30, 300, 130])]);
      expect(await remarks('Bob')).toEqual(['is also kept as Same']);
      await addFaces(database, set(), [at('Anywhere', null)]);
      expect(await remarks('Ann')).toEqual(['is also kept as Anywhere']);
    });

    it('of the first schema is brought to this one, with what it holds', async () => {
      const own = await store.place();
      const old = await open(own);
      await old.query('drop index tk_gallery.photo_of_content');
      await old.query('delete from tk_gallery.schema_version where version > 1');
      const stored = await ensureModel(old, labelledIdentity('test-model'), 3);
      await addFaces(old, { tenant: 'default', model: stored, detectorId: null }, [ann]);
      await old.close();
      const mine = await open(own, false);
      expect(await schemaVersion(mine)).toBe(2);
      expect(await mine.query("select to_regclass('tk_gallery.photo_of_content')::text as index")).toEqual([
        { index: 'tk_gallery.photo_of_content' },
      ]);
      expect((await listGallery(mine, 'default')).people).toMatchObject([{ name: 'Ann', photos: 1 }]);
      await mine.close();
    });

    it('is brought up to date by a newer tk, and refused by an older one', async () => {
      const own = await store.place();
      const mine = await open(own);
      const newest = MIGRATIONS.at(-1)!.version;
      const next = {
        version: newest + 1,
        statements: ['alter table tk_gallery.person add column note text'],
      };
      const broken = {
        version: newest + 2,
        statements: ['create table tk_gallery.half (id int)', 'select no_such_function()'],
      };
      await expect(migrate(mine, [...MIGRATIONS, next, broken])).rejects.toThrow();
      expect(await schemaVersion(mine)).toBe(newest);
      await migrate(mine, [...MIGRATIONS, next]);
      expect(await schemaVersion(mine)).toBe(newest + 1);
      expect(await mine.query('select note from tk_gallery.person')).toEqual([]);
      await mine.close();
      await expect(open(own)).rejects.toMatchObject({
        code: 'gallery-newer',
        exitCode: 2,
        message: expect.stringContaining(`schema version ${newest + 1}; this tk`),
      });
    });

    it('is not made by a command that only reads', async () => {
      const nowhere = kind.includes('server') ? await store.place() : `${place}-nowhere`;
      await expect(open(nowhere, false)).rejects.toMatchObject({ code: 'no-gallery', exitCode: 2 });
    });
  });
}
