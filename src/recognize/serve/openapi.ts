// The API in OpenAPI's words: served at /api/openapi.json, described in docs/serve.md.
import { VERSION } from '../../version.ts';
import type { ServerLimits } from './limits.ts';

const name = {
  name: 'name',
  in: 'path',
  required: true,
  schema: { type: 'string' },
  description: 'A person’s name.',
};
const content = {
  name: 'content',
  in: 'path',
  required: true,
  schema: { type: 'string', pattern: '^(row:)?[0-9a-f]{64}$' },
  description: 'SHA-256 of the photo.',
};
const photoBody = {
  required: true,
  description: 'The bytes of a JPEG, PNG, WebP, GIF, TIFF or AVIF.',
  content: { 'image/*': { schema: { type: 'string', format: 'binary' } } },
};
const text = { type: 'string' };
const number = { type: 'number' };
const integer = { type: 'integer' };
const boolean = { type: 'boolean' };
const nullable = (schema: object) => ({ oneOf: [schema, { type: 'null' }] });
const list = (items: object) => ({ type: 'array', items });
const ref = (schema: string) => ({ $ref: `#/components/schemas/${schema}` });
const object = (properties: Record<string, object>) => ({
  type: 'object',
  properties,
  required: Object.keys(properties),
});

const schemas = {
  Error: object({
    error: {
      type: 'object',
      properties: { code: text, message: text, hint: text },
      required: ['code', 'message'],
    },
  }),
  Candidate: object({ name: text, file: text, score: number }),
  Near: object({ name: text, file: text, content: text, score: number, thumbnail: boolean }),
  Face: object({
    box: list(number),
    landmarks: list(list(number)),
    detectionScore: number,
    name: text,
    known: boolean,
    score: nullable(number),
    quality: nullable(number),
    best: nullable(ref('Candidate')),
    runnersUp: list(ref('Candidate')),
    aligned: { ...text, description: 'The face at the embedder’s size: WebP as a data URL.' },
    near: list(ref('Near')),
  }),
  Recognised: object({ width: integer, height: integer, faces: list(ref('Face')), ms: integer }),
  Enrolled: object({ name: text, added: boolean, content: text, box: list(number) }),
  People: object({ people: list(object({ name: text, photos: integer, addedAt: text })) }),
  Photos: object({
    photos: list(
      object({
        content: text,
        file: text,
        addedAt: text,
        models: list(text),
        quality: nullable(number),
        thumbnail: boolean,
      }),
    ),
  }),
  Status: object({
    version: text,
    runtime: object({ name: text, version: text, fallbackReason: nullable(text) }),
    models: list(
      object({
        role: text,
        name: text,
        sha256: text,
        parity: object({ verdict: text, finishedAt: text, manifestSha256: nullable(text) }),
      }),
    ),
    embedder: object({ name: text, score: text, threshold: number, lowerIsBetter: boolean }),
    gallery: object({ database: text, tenant: text, people: integer, faces: integer }),
  }),
};

const answer = (description: string, schema: string) => ({
  description,
  content: { 'application/json': { schema: ref(schema) } },
});
const failures = (...statuses: [number, string][]) => ({
  ...Object.fromEntries(
    [
      ...statuses,
      [403, 'Another site, or a name that is not this server’s.'],
      [429, 'Too many requests.'],
      [500, 'A fault of the server’s own, which its output explains.'],
    ].map(([status, description]) => [status, answer(String(description), 'Error')]),
  ),
  405: { $ref: '#/components/responses/WrongMethod' },
});
const noPhoto: [number, string][] = [
  [400, 'No photo, a damaged one, no face where one is needed, or a bad name or box.'],
  [413, 'Too many bytes or pixels.'],
  [415, 'Not an image that is read.'],
  [503, 'Too many photos are waiting, or the database is gone.'],
];
const badName: [number, string] = [400, 'A name or hash that none can be.'];
const noDatabase: [number, string] = [503, 'The database is gone.'];
const tooSlow = {
  408: { description: 'The upload took too long: without a body, and the connection ends.' },
};

const allow = { description: 'The methods that the address takes.', schema: text };
const responses = {
  WrongMethod: {
    ...answer('Another method than those of this address.', 'Error'),
    headers: { Allow: allow },
  },
};
const withOptions = (path: object) => ({
  ...path,
  options: {
    summary: 'The methods that this address takes',
    responses: { 204: { description: 'In `Allow`.', headers: { Allow: allow } } },
  },
});

const paths = {
  '/api/status': {
    get: {
      summary: 'Models with their parity verdict, runtime, gallery',
      responses: { 200: answer('Now.', 'Status'), ...failures(noDatabase) },
    },
  },
  '/api/recognize': {
    post: {
      summary: 'Find and name the faces of a photo; nothing is kept',
      requestBody: photoBody,
      responses: {
        200: answer('The faces, best detection first.', 'Recognised'),
        ...failures(...noPhoto),
        ...tooSlow,
      },
    },
  },
  '/api/people': {
    get: { summary: 'Everybody', responses: { 200: answer('By name.', 'People'), ...failures(noDatabase) } },
  },
  '/api/people/{name}': {
    delete: {
      summary: 'Forget a person, with everything',
      parameters: [name],
      responses: {
        204: { description: 'Done.' },
        ...failures(badName, [404, 'Nobody of that name.'], noDatabase),
      },
    },
  },
  '/api/people/{name}/photos': {
    get: {
      summary: 'A person’s photos',
      parameters: [name],
      responses: {
        200: answer('In order of adding.', 'Photos'),
        ...failures(badName, [404, 'Nobody of that name.'], noDatabase),
      },
    },
    post: {
      summary: 'Enrol a face under a name; the photo itself is not kept',
      parameters: [
        name,
        { name: 'file', in: 'query', schema: text, description: 'What to call the photo.' },
        {
          name: 'thumbnail',
          in: 'query',
          schema: boolean,
          description: 'Keep a small picture of the face; default no.',
        },
        {
          name: 'box',
          in: 'query',
          schema: text,
          description: 'Which face: left,top,right,bottom; default the main one.',
        },
      ],
      requestBody: photoBody,
      responses: {
        200: answer('It was there before.', 'Enrolled'),
        201: answer('Added.', 'Enrolled'),
        ...failures(...noPhoto),
        ...tooSlow,
      },
    },
  },
  '/api/people/{name}/photos/{content}': {
    delete: {
      summary: 'Forget one photo',
      parameters: [name, content],
      responses: { 204: { description: 'Done.' }, ...failures(badName, [404, 'No such photo.'], noDatabase) },
    },
  },
  '/api/people/{name}/photos/{content}/thumbnail': {
    get: {
      summary: 'The picture that was kept of a face',
      parameters: [name, content],
      responses: {
        200: { description: 'The picture.', content: { 'image/webp': {} } },
        ...failures(badName, [404, 'None was kept.'], noDatabase),
      },
    },
  },
  '/api/openapi.json': {
    get: { summary: 'This document', responses: { 200: { description: 'OpenAPI 3.1.' }, ...failures() } },
  },
};

/** The document, with this server's limits. */
export function openApi(limits: ServerLimits): object {
  return {
    openapi: '3.1.0',
    info: {
      title: 'tk serve',
      version: VERSION,
      description: `Photos up to ${limits.maxUpload} bytes, ${limits.requestsPerMinute} requests a minute and address, ${limits.atOnce} photos in work and ${limits.waiting} waiting.`,
    },
    paths: Object.fromEntries(Object.entries(paths).map(([path, own]) => [path, withOptions(own)])),
    components: { schemas, responses },
  };
}
