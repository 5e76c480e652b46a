// The HTTP server: the page, and the API that it uses.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import rateLimit from '@fastify/rate-limit';
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { badInput } from '../../errors.ts';
import { packageRoot } from '../../runtime/environment.ts';
import { answerFailures } from './answers.ts';
import { guard } from './guard.ts';
import type { ServerLimits } from './limits.ts';
import { refuseAddress, refuseConnection } from './malformed.ts';
import { withOtherMethods } from './methods.ts';
import { openApi } from './openapi.ts';
import { createQueue } from './queue.ts';
import type { Service } from './service.ts';

const MAX_CONNECTIONS = 100;
const HASH = { type: 'string', pattern: '^(row:)?[0-9a-f]{64}$' };
const NAME = { type: 'string', minLength: 1, maxLength: 800 };

/** The page's files, as the build made them. No other file is ever read for a request. */
const PAGE_FILES = [
  ['/', 'index.html', 'text/html; charset=utf-8'],
  ['/page.js', 'page.js', 'text/javascript; charset=utf-8'],
  ['/page.css', 'page.css', 'text/css; charset=utf-8'],
] as const;

/** @param allowedHosts names under which the server may be reached, beside addresses, localhost and the machine's own */
export async function createApp(
  service: Service,
  limits: ServerLimits,
  allowedHosts: readonly string[],
): Promise<FastifyInstance> {
  const app = fastify({
    bodyLimit: limits.maxUpload,
    requestTimeout: limits.uploadMs,
    // Node takes the longer of the two times for the request: where that for headers is longer, it would be meant.
    http: { connectionsCheckingInterval: limits.uploadMs / 4, headersTimeout: limits.uploadMs },
    routerOptions: { maxParamLength: 4000 },
    // A parameter that is misspelt is refused, not ignored.
    ajv: { customOptions: { removeAdditional: false } },
    frameworkErrors: (error, _request, reply) => refuseAddress(error, reply),
    clientErrorHandler: refuseConnection,
    forceCloseConnections: true,
  });
  app.server.maxConnections = MAX_CONNECTIONS;
  guard(app, allowedHosts);
  answerFailures(app);
  await app.register(rateLimit, { max: limits.requestsPerMinute, timeWindow: 60_000 });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(
    /^(image\/.*|application\/octet-stream)$/,
    { parseAs: 'buffer' },
    (_request, body, done) => done(null, body),
  );
  await withOtherMethods(app, async () => {
    await servePage(app);
    serveApi(app, service, limits);
  });
  return app;
}

async function servePage(app: FastifyInstance): Promise<void> {
  for (const [url, file, type] of PAGE_FILES) {
    const contents = await readFile(join(packageRoot, 'dist', 'page', file));
    app.get(url, async (_request, reply) => reply.type(type).send(contents));
  }
}

function serveApi(app: FastifyInstance, service: Service, limits: ServerLimits): void {
  const queue = createQueue(limits);
  const places = new WeakMap<FastifyRequest, () => void>();
  const gone = new WeakMap<FastifyRequest, AbortSignal>();
  const upload = {
    // Before the photo is read: a full house costs no memory, and slow senders hold no more of it than there are places.
    onRequest: async (request: FastifyRequest, reply: FastifyReply) => {
      const giveUp = queue.admit();
      places.set(request, giveUp);
      const leaving = new AbortController();
      gone.set(request, leaving.signal);
      reply.raw.once('finish', giveUp);
      reply.raw.once('close', () => {
        giveUp();
        if (!reply.raw.writableFinished) leaving.abort();
      });
    },
    preHandler: async (request: FastifyRequest) => places.get(request)?.(),
  };

  app.get('/api/openapi.json', async () => openApi(limits));
  app.get('/api/status', async () => service.status());

  app.post('/api/recognize', upload, async (request) =>
    queue.run(gone.get(request)!, () => service.recognise(photoOf(request.body))),
  );

  app.get('/api/people', async () => ({ people: await service.people() }));

  app.post<{ Params: { name: string }; Querystring: { file?: string; thumbnail?: boolean; box?: string } }>(
    '/api/people/:name/photos',
    {
      ...upload,
      schema: {
        params: { type: 'object', properties: { name: NAME } },
        querystring: {
          type: 'object',
          additionalProperties: false,
          properties: {
            file: { type: 'string', maxLength: 1000 },
            thumbnail: { type: 'boolean' },
            box: { type: 'string', pattern: '^-?\\d{1,6}(\\.\\d{1,20})?(,-?\\d{1,6}(\\.\\d{1,20})?){3}$' },
          },
        },
      },
    },
    async (request, reply) => {
      const { file, thumbnail, box } = request.query;
      const photo = photoOf(request.body);
      const enrolled = await queue.run(gone.get(request)!, () =>
        service.enrol(request.params.name, photo, { file, thumbnail, box: box?.split(',').map(Number) }),
      );
      return reply.code(enrolled.added ? 201 : 200).send(enrolled);
    },
  );

  const personParams = { type: 'object', properties: { name: NAME } };
  app.get<{ Params: { name: string } }>(
    '/api/people/:name/photos',
    { schema: { params: personParams } },
    async (request) => ({ photos: await service.photos(request.params.name) }),
  );
  app.delete<{ Params: { name: string } }>(
    '/api/people/:name',
    { schema: { params: personParams } },
    async (request, reply) => {
      await service.forget(request.params.name);
      return reply.code(204).send();
    },
  );

  const photoParams = { type: 'object', properties: { name: NAME, content: HASH } };
  app.delete<{ Params: { name: string; content: string } }>(
    '/api/people/:name/photos/:content',
    { schema: { params: photoParams } },
    async (request, reply) => {
      await service.forget(request.params.name, request.params.content);
      return reply.code(204).send();
    },
  );
  app.get<{ Params: { name: string; content: string } }>(
    '/api/people/:name/photos/:content/thumbnail',
    { schema: { params: photoParams } },
    async (request, reply) => {
      const picture = await service.thumbnail(request.params.name, request.params.content);
      return reply.type('image/webp').send(Buffer.from(picture));
    },
  );
}

function photoOf(body: unknown): Buffer {
  if (Buffer.isBuffer(body) && body.length > 0) return body;
  throw badInput(
    'image-empty',
    'the request carries no photo',
    'send its bytes with its type, e.g. image/jpeg',
  );
}
