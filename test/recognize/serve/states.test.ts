// What the page says while its server cannot do what is asked: a database that goes away and comes back, too many requests.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '../../../src/recognize/database/database.ts';
import { listGallery } from '../../../src/recognize/database/people.ts';
import { createApp } from '../../../src/recognize/serve/app.ts';
import { SERVER_LIMITS } from '../../../src/recognize/serve/limits.ts';
import type { Service } from '../../../src/recognize/serve/service.ts';
import { hasBrowser, launchBrowser } from '../../support/browser.ts';
import { hasPostgres, startPostgres, type TestServer } from '../../support/postgres.ts';
import { hasShared, sharedData } from '../../support/shared.ts';
import { open } from '../database/support.ts';

/** Where pictures of the page go, for somebody to look at. */
const pictures = process.env.TK_PICTURES;

describe.skipIf(!hasBrowser || !hasPostgres || !hasShared)(
  'the page of tk serve (needs Chromium, pgserver and shared/data)',
  () => {
    let postgres: TestServer;
    let database: Database;
    let browser: Browser;
    let app: FastifyInstance;
    let page: Page;

    /** A service without models, whose every answer asks the database first. */
    const service = {
      status: async () => {
        const { people } = await listGallery(database, 'default');
        return {
          version: '0',
          runtime: { name: 'none', version: '0', fallbackReason: null },
          models: [],
          embedder: { name: 'dlib-face', score: 'distance', threshold: 0.6, lowerIsBetter: true },
          gallery: { database: database.shown, tenant: 'default', people: people.length, faces: 0 },
        };
      },
      people: async () => (await listGallery(database, 'default')).people,
      recognise: async () => {
        await listGallery(database, 'default');
        return { width: 250, height: 250, faces: [], ms: 1 };
      },
    } as unknown as Service;

    async function visit(requestsPerMinute: number): Promise<void> {
      app = await createApp(service, { ...SERVER_LIMITS, requestsPerMinute }, []);
      const url = await app.listen({ port: 0, host: '127.0.0.1' });
      page = await browser.newPage({ viewport: { width: 390, height: 844 } });
      await page.goto(url);
    }
    const said = async () => [
      await page.getAttribute('#message', 'class'),
      await page.textContent('#message'),
    ];
    const give = () => page.setInputFiles('#file', sharedData('faces', 'tony_blair', '1.jpg'));
    async function picture(name: string): Promise<void> {
      if (!pictures) return;
      mkdirSync(pictures, { recursive: true });
      await page.screenshot({ path: join(pictures, `${name}.png`) });
    }

    beforeAll(async () => {
      postgres = await startPostgres();
      database = await open(await postgres.newDatabase());
      browser = await launchBrowser();
    });
    afterEach(async () => {
      await page?.close();
      await app?.close();
    });
    afterAll(async () => {
      await browser?.close();
      await database?.close();
      await postgres?.stop();
    });

    it('says that the database is gone, and goes on when it is back', async () => {
      await visit(100);
      await expect.poll(() => page.textContent('#gallery')).toMatch(/^0 people, 0 faces in postgres:/);
      await postgres.kill();
      await give();
      await expect
        .poll(said)
        .toEqual([
          'bad',
          expect.stringMatching(/^postgres:.*: (the database went away|no database answers)/),
        ]);
      await picture('database lost');
      await page.reload();
      await expect
        .poll(said)
        .toEqual(['bad', expect.stringMatching(/^postgres:.*: no database answers \(ENOENT\)/)]);
      expect(await page.isVisible('#models-title')).toBe(false);
      await picture('database away at the start');
      await postgres.start();
      await give();
      await expect
        .poll(said, { timeout: 20_000 })
        .toEqual(['', 'No face was found. One that is small, turned or covered may be missed.']);
      expect(await page.textContent('#gallery')).toMatch(/^0 people/);
    });

    it('says that the limit of requests is reached, and what to do', async () => {
      // The page's three files, the status, the people: one photo is left.
      await visit(6);
      await expect.poll(() => page.textContent('#gallery')).toMatch(/^0 people/);
      await expect.poll(() => page.isVisible('#nobody')).toBe(true);
      await give();
      await expect
        .poll(said)
        .toEqual(['', 'No face was found. One that is small, turned or covered may be missed.']);
      await give();
      await expect
        .poll(said)
        .toEqual([
          'bad',
          'there were more requests in a minute than this server takes: wait a minute, or raise --rate of tk serve',
        ]);
      await picture('rate limited');
    });
  },
);
