// What docs/gallery.md says of large tenants, done on a real server: its SQL, and then the same commands as before.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '../../../src/recognize/database/database.ts';
import { listGallery, removePeople } from '../../../src/recognize/database/people.ts';
import { nearestFaces } from '../../../src/recognize/database/search.ts';
import { buildIndex } from '../../../src/recognize/database/vector-index.ts';
import { EMBEDDER_PROFILES } from '../../../src/recognize/embed/profiles.ts';
import { clusterPhoto } from '../../support/clusters.ts';
import { hasPostgres, startPostgres, type TestServer } from '../../support/postgres.ts';
import { repoRoot } from '../../support/shared.ts';
import { fill, open } from './support.ts';

describe.skipIf(!hasPostgres)('a gallery partitioned by tenant (needs pgserver)', () => {
  let server: TestServer;
  let url: string;
  let database: Database;
  const clusters = { people: 40, photosEach: 3, width: 16, seed: 5 };

  beforeAll(async () => {
    server = await startPostgres();
    url = await server.newDatabase();
    database = await open(url);
    const [, sql] = /```sql\n([\s\S]*?)```/.exec(readFileSync(join(repoRoot, 'docs', 'gallery.md'), 'utf8'))!;
    await server.run(url, sql!);
  });
  afterAll(async () => {
    await database?.close();
    await server?.stop();
  });

  it('keeps each tenant in its own partition, indexes them, searches and forgets', async () => {
    const model = await fill(database, { ...clusters, tenant: 'museum' });
    await fill(database, { ...clusters, tenant: 'school', people: 10 });
    const [rows] = await server.run(
      url,
      `select (select count(*)::int from tk_gallery.face_museum) as museum,
         (select count(*)::int from tk_gallery.face_others) as others`,
    );
    expect(rows).toEqual({ museum: 120, others: 30 });
    const profile = EMBEDDER_PROFILES['magface-iresnet100']!;
    await buildIndex(database, model, profile.metric);
    const probe = clusterPhoto(clusters, 30, 99);
    const best = async (tenant: string) =>
      (await nearestFaces(database, { tenant, model, profile }, probe))[0]!.name;
    expect(await best('museum')).toBe('person 30');
    await removePeople(database, 'museum', ['person 30']);
    expect(await best('museum')).not.toBe('person 30');
    expect((await listGallery(database, 'school')).people).toHaveLength(10);
  });
});
