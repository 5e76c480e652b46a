// The HTTP server around a service that is not there: who is let in, what is refused, and what the API document says.
import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import type { AddressInfo } from 'node:net';
import { connect, type Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { badInput } from '../../../src/errors.ts';
import { createApp } from '../../../src/recognize/serve/app.ts';
import { isOwnHost } from '../../../src/recognize/serve/guard.ts';
import { SERVER_LIMITS } from '../../../src/recognize/serve/limits.ts';
import { openApi } from '../../../src/recognize/serve/openapi.ts';
import type { EnrolRequest, Service } from '../../../src/recognize/serve/service.ts';

const jpeg = { 'content-type': 'image/jpeg' };
const hash = 'a'.repeat(64);
let calls: unknown[][];
let release: () => void;
let app: FastifyInstance;

/** A photo whose headers are sent, and what the server answers until it hangs up. */
async function sending(length: string): Promise<{ socket: Socket; answer: Promise<string> }> {
  if (!app.server.listening) await app.listen({ port: 0, host: '127.0.0.1' });
  const socket = connect((app.server.address() as AddressInfo).port, '127.0.0.1');
  socket.on('error', () => undefined);
  socket.write(
    `POST /api/recognize HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-type: image/jpeg\r\n${length}\r\n\r\n`,
  );
  const answer = new Promise<string>((resolve) => {
    let text = '';
    socket.on('data', (chunk) => {
      text += String(chunk);
    });
    socket.once('close', () => resolve(text));
  });
  return { socket, answer };
}

/** Writes down what it is asked; a photo `slow` waits for `release`. */
function spy(): Service {
  calls = [];
  const gate = new Promise<void>((resolve) => {
    release = resolve;
  });
  const record =
    <T>(result: T) =>
    (...args: unknown[]) => {
      calls.push(args);
      return Promise.resolve(result);
    };
  return {
    status: record({ version: '0' } as never),
    people: record([]),
    photos: record([]),
    thumbnail: record(new Uint8Array([1])),
    forget: async (name) => {
      calls.push([name]);
      if (name === 'Nobody') throw badInput('no-person', '"Nobody" is not in the gallery');
    },
    enrol: async (name: string, photo: Buffer, options: EnrolRequest) => {
      calls.push([name, photo.toString(), options]);
      return { name, added: true, content: hash, box: [] };
    },
    recognise: async (photo) => {
      calls.push([photo.toString()]);
      if (photo.toString() === 'slow') await gate;
      if (photo.toString() === 'bomb') throw badInput('image-too-large', 'too many pixels');
      if (photo.toString() === 'crash') throw new Error('secret detail');
      return { width: 1, height: 1, faces: [], ms: 1 };
    },
  };
}

/** What the tests read of the API document. */
interface Document {
  paths: Record<string, Record<string, { responses: Record<string, DocumentedResponse> }>>;
  components: { responses: Record<string, DocumentedResponse> };
}
interface DocumentedResponse {
  $ref?: string;
  headers?: object;
}

const limits = { maxUpload: 1000, requestsPerMinute: 30, atOnce: 1, waiting: 2, uploadMs: 60_000 };

beforeEach(async () => {
  app = await createApp(spy(), limits, ['faces.example']);
});
afterEach(() => app.close());

const recognise = (payload: string, headers: Record<string, string> = jpeg) =>
  app.inject({ method: 'POST', url: '/api/recognize', headers, payload });

describe('who is let in', () => {
  it.each([
    ['localhost:8300', true],
    ['127.0.0.1:8300', true],
    ['192.168.1.7:8300', true],
    ['[::1]:8300', true],
    ['FACES.example', true],
    ['evil.example', false],
    ['127.0.0.1.evil.example', false],
    ['localhost.evil.example:8300', false],
    ['', false],
  ])('by the name %s: %s', (host, own) => expect(isOwnHost(host, ['faces.example'])).toBe(own));

  it.each([
    ['a name that was pointed here (DNS rebinding)', { host: 'evil.example' }, 403],
    ['another site’s script', { host: 'localhost', origin: 'http://evil.example' }, 403],
    ['another site’s picture or form', { host: 'localhost', 'sec-fetch-site': 'cross-site' }, 403],
    ['another port of this machine', { host: 'localhost:1', origin: 'http://localhost:2' }, 403],
    ['a sandboxed frame', { host: 'localhost', origin: 'null' }, 403],
    [
      'the page itself',
      { host: 'localhost:1', origin: 'http://localhost:1', 'sec-fetch-site': 'same-origin' },
      200,
    ],
    ['a program', { host: 'localhost' }, 200],
  ])('%s', async (_who, headers, status) => {
    const { statusCode } = await recognise('x', { ...jpeg, ...(headers as Record<string, string>) });
    expect(statusCode).toBe(status);
    expect(calls).toHaveLength(status === 200 ? 1 : 0);
  });

  it('every answer carries the policy, refusals too', async () => {
    for (const headers of [{ host: 'localhost' }, { host: 'evil.example' }]) {
      const answer = await app.inject({ url: '/', headers });
      expect(answer.headers['content-security-policy']).toMatch(/^default-src 'none'; script-src 'self';/);
      expect(answer.headers).toMatchObject({
        'x-content-type-options': 'nosniff',
        'cache-control': 'no-store',
      });
    }
  });
});

describe('what is refused', () => {
  it.each([
    ['no photo', '', jpeg, 400, 'image-empty'],
    ['a form', 'a=b', { 'content-type': 'application/x-www-form-urlencoded' }, 415, 'image-format'],
    ['JSON', '{}', { 'content-type': 'application/json' }, 415, 'image-format'],
    ['text', 'x', { 'content-type': 'text/plain' }, 415, 'image-format'],
    ['a form of parts', 'x', { 'content-type': 'multipart/form-data; boundary=x' }, 415, 'image-format'],
    ['a type with a line break', 'x', { 'content-type': 'image/jpeg\r\nx: y' }, 415, 'image-format'],
    ['too many bytes', 'x'.repeat(1001), jpeg, 413, 'image-too-large'],
    ['too many pixels', 'bomb', jpeg, 413, 'image-too-large'],
  ])('%s', async (_what, payload, headers, status, code) => {
    const answer = await recognise(payload, headers as Record<string, string>);
    expect([answer.statusCode, answer.json().error.code]).toEqual([status, code]);
  });

  it('a body that is no image by its type, with how to send one', async () => {
    const answer = await recognise('x', { 'content-type': 'text/plain' });
    expect(answer.json().error).toMatchObject({
      message: 'the request does not say that its body is an image',
      hint: expect.stringContaining('content-type: image/jpeg'),
    });
  });

  it.each([
    ['GET', '/api/recognize', 'OPTIONS, POST'],
    ['PUT', '/api/people', 'GET, HEAD, OPTIONS'],
    ['PATCH', '/api/people/Ann', 'DELETE, OPTIONS'],
    ['TRACE', '/api/people/Ann/photos', 'GET, HEAD, OPTIONS, POST'],
    ['POST', '/', 'GET, HEAD, OPTIONS'],
  ] as const)('a method that the address does not take: %s %s', async (method, url, allow) => {
    const payload = method === 'PUT' || method === 'PATCH' ? '{}' : undefined;
    const headers = payload === undefined ? {} : { 'content-type': 'application/json' };
    const answer = await app.inject({ method: method as 'GET', url, headers, payload });
    expect([answer.statusCode, answer.headers.allow, answer.json().error.code]).toEqual([
      405,
      allow,
      'wrong-method',
    ]);
    expect(calls).toEqual([]);
  });

  it('nothing to HEAD where GET is answered: its headers, without the body', async () => {
    const [head, get] = [
      await app.inject({ method: 'HEAD', url: '/api/people' }),
      await app.inject({ url: '/api/people' }),
    ];
    expect([head.statusCode, head.body]).toEqual([200, '']);
    expect(head.headers['content-length']).toBe(get.headers['content-length']);
    expect((await app.inject({ method: 'GET', url: '/api/none' })).statusCode).toBe(404);
  });

  it('too many bytes, with what can be done', async () => {
    expect((await recognise('x'.repeat(1001))).json().error).toEqual({
      code: 'image-too-large',
      message: 'the photo has more bytes than this server takes',
      hint: 'send a smaller copy, or raise --max-upload of tk serve',
    });
  });

  it('a fault of ours says nothing of the inside to the sender, and what it was to the one who runs the server', async () => {
    const stderr = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    const answer = await recognise('crash');
    const said = stderr.mock.calls.map(([text]) => text);
    stderr.mockRestore();
    expect(answer.statusCode).toBe(500);
    expect(answer.body).not.toContain('secret detail');
    expect(said).toEqual(['tk: POST /api/recognize failed: secret detail\n']);
  });

  it('an upload without an end: in pieces of unknown number, at the size that is allowed', async () => {
    const sender = await sending('transfer-encoding: chunked');
    for (let i = 0; i < 3; i++) sender.socket.write(`190\r\n${'x'.repeat(400)}\r\n`);
    expect(await sender.answer).toMatch(/^HTTP\/1\.1 413 /);
    expect(calls).toEqual([]);
  });

  it('an upload that takes too long', async () => {
    await app.close();
    app = await createApp(spy(), { ...limits, uploadMs: 200 }, []);
    const sender = await sending('content-length: 500');
    sender.socket.write('half');
    expect(await sender.answer).toMatch(/^HTTP\/1\.1 408 /);
    expect(calls).toEqual([]);
  });

  it('more slow senders than there are places; one that leaves makes room', async () => {
    const senders = [];
    for (let i = 0; i < 3; i++) senders.push(await sending('content-length: 500'));
    await expect.poll(async () => (await recognise('quick')).statusCode).toBe(503);
    senders[0]!.socket.destroy();
    await expect.poll(async () => (await recognise('quick')).statusCode).toBe(200);
    for (const { socket } of senders) socket.destroy();
  });

  it.each([
    '/../package.json',
    '/%2e%2e/package.json',
    '/page/index.html',
    '/api/people/..%2f..%2fetc/photos/passwd/thumbnail',
  ])('no path leads to the disk: %s', async (url) => {
    const { statusCode } = await app.inject({ url });
    expect([400, 404]).toContain(statusCode);
    expect(calls).toEqual([]);
  });

  it('more photos than may wait, before they are read; the others get their turn', async () => {
    const waiting = [recognise('slow'), recognise('slow'), recognise('slow')];
    await expect.poll(() => calls.length).toBe(1);
    await expect.poll(async () => (await recognise('one more')).statusCode).toBe(503);
    const refused = await recognise('one more');
    expect(refused.json().error.code).toBe('busy');
    expect(refused.headers['retry-after']).toBe('2');
    release();
    expect((await Promise.all(waiting)).map(({ statusCode }) => statusCode)).toEqual([200, 200, 200]);
  });

  it('a photo whose sender left while it waited: its place is free, and it is not looked at', async () => {
    const slow = recognise('slow');
    await expect.poll(() => calls.length).toBe(1);
    const closed: Promise<unknown>[] = [];
    app.server.on('request', (_request, response) => closed.push(once(response, 'close')));
    const leaving = [await sending('content-length: 4'), await sending('content-length: 4')];
    for (const { socket } of leaving) socket.write('gone');
    await expect.poll(() => closed.length).toBe(2);
    expect((await recognise('one more')).statusCode).toBe(503);
    for (const { socket } of leaving) socket.destroy();
    await Promise.all(closed);
    const last = recognise('last');
    release();
    expect((await last).statusCode).toBe(200);
    expect((await slow).statusCode).toBe(200);
    expect(calls).not.toContainEqual(['gone']);
  });

  it.each([
    ['no hexadecimal', '%ZZ', 'bad-request', 'the address is not percent-encoded UTF-8'],
    ['no UTF-8', '%FF', 'bad-request', 'the address is not percent-encoded UTF-8'],
    ['4 KiB', 'a'.repeat(4096), 'bad-name', 'a name in the address is too long'],
    ['900 letters', 'a'.repeat(900), 'bad-request', 'the name is empty or too long'],
  ])('an address that holds no name, as every other failure: %s', async (_title, name, code, message) => {
    const answer = await app.inject({ url: `/api/people/${name}/photos` });
    expect([answer.statusCode, answer.json().error]).toMatchObject([400, { code, message }]);
    expect(answer.headers['content-security-policy']).toMatch(/^default-src 'none'/);
    expect(answer.headers['content-type']).toBe('application/json; charset=utf-8');
  });

  it('a parameter that is misspelt', async () => {
    const url = '/api/people/Ann/photos?thumbnial=true';
    const answer = await app.inject({ method: 'POST', url, headers: jpeg, payload: 'x' });
    expect([answer.statusCode, answer.json().error.message]).toEqual([
      400,
      'there is no parameter "thumbnial" here',
    ]);
    expect(calls).toEqual([]);
  });

  it('what is no HTTP, in the form of every other failure', async () => {
    const { socket, answer } = await sending('broken header');
    socket.end();
    expect(await answer).toMatch(
      /^HTTP\/1\.1 400 [\s\S]*\{"error":\{"code":"bad-request","message":"the request is no proper HTTP"\}\}$/,
    );
  });

  it('more requests a minute than allowed', async () => {
    const codes: number[] = [];
    for (let i = 0; i < 31; i++) codes.push((await app.inject({ url: '/api/people' })).statusCode);
    expect(codes.slice(-2)).toEqual([200, 429]);
  });

  it('an upload that breaks off: nothing is done with it, and the server goes on', async () => {
    await app.listen({ port: 0, host: '127.0.0.1' });
    const { port } = app.server.address() as AddressInfo;
    const socket = connect(port, '127.0.0.1');
    socket.write(
      'POST /api/recognize HTTP/1.1\r\nhost: localhost\r\ncontent-type: image/jpeg\r\ncontent-length: 500\r\n\r\nhalf',
    );
    await new Promise((resolve) => setTimeout(resolve, 50));
    socket.destroy();
    const status = await new Promise((resolve, reject) => {
      httpRequest({ port, path: '/api/status' }, ({ statusCode }) => resolve(statusCode))
        .on('error', reject)
        .end();
    });
    expect(status).toBe(200);
    expect(calls).toEqual([[]]);
  });

  it('a name of megabytes', async () => {
    await app.listen({ port: 0, host: '127.0.0.1' });
    const { port } = app.server.address() as AddressInfo;
    const status = await new Promise((resolve) => {
      const sending = httpRequest(
        { port, method: 'DELETE', path: `/api/people/${'x'.repeat(10 << 20)}` },
        ({ statusCode }) => resolve(statusCode),
      );
      sending.on('error', () => resolve('closed'));
      sending.end();
    });
    expect([431, 414, 'closed']).toContain(status);
    expect(calls).toEqual([]);
  });
});

describe('what the service is asked', () => {
  it('names arrive as they were meant, whatever they hold', async () => {
    for (const name of ["Robert'); drop table", '陳大文 🙂', 'a/b', '../x', '%', 'Zoë?x#y']) {
      await app.inject({ method: 'DELETE', url: `/api/people/${encodeURIComponent(name)}` });
      expect(calls.at(-1)).toEqual([name]);
    }
    const missing = await app.inject({ method: 'DELETE', url: '/api/people/Nobody' });
    expect([missing.statusCode, missing.json().error.code]).toEqual([404, 'no-person']);
  });

  it('enrols the face and keeps a picture only if asked', async () => {
    const post = (query: string) =>
      app.inject({ method: 'POST', url: `/api/people/Ann/photos${query}`, headers: jpeg, payload: 'photo' });
    expect((await post('?box=1,2,30.5,40&thumbnail=true&file=a.jpg')).statusCode).toBe(201);
    expect(calls.at(-1)).toEqual(['Ann', 'photo', { file: 'a.jpg', thumbnail: true, box: [1, 2, 30.5, 40] }]);
    await post('');
    expect(calls.at(-1)).toEqual(['Ann', 'photo', { file: undefined, thumbnail: undefined, box: undefined }]);
    for (const query of ['?box=1,2,3', '?box=a,b,c,d', '?thumbnail=perhaps']) {
      expect((await post(query)).statusCode).toBe(400);
    }
    expect((await post('?box=1,2,3')).json().error).toMatchObject({
      message: 'the box is not four numbers of pixels',
      hint: 'box=left,top,right,bottom',
    });
  });

  it('is all in the API document, and nothing else', async () => {
    const documented = Object.entries(
      (openApi(SERVER_LIMITS) as { paths: Record<string, { options?: object }> }).paths,
    ).flatMap(([path, { options, ...own }]) => {
      expect(options, path).toHaveProperty('responses.204.headers.Allow');
      return Object.keys(own).map((method) => `${method.toUpperCase()} ${path}`);
    });
    for (const route of documented) {
      const [method, path] = route.split(' ') as ['GET', string];
      expect(app.hasRoute({ method, url: path.replace(/\{(\w+)\}/g, ':$1') }), route).toBe(true);
    }
    const routes = app.printRoutes({ commonPrefix: false }).match(/\([^)]*\)/g)!;
    const addresses = new Set(documented.map((route) => route.split(' ')[1]));
    // The page's three files are no API. An address is printed with its own methods, and with those that it refuses.
    const printed = routes.filter((text) => text.includes('OPTIONS'));
    expect(printed).toHaveLength(addresses.size + 3);
    for (const address of addresses) {
      const url = address!.replace('{content}', hash).replace('{name}', 'Ann');
      const own = documented
        .filter((route) => route.endsWith(` ${address}`))
        .map((route) => route.split(' ')[0]!);
      const allow = [...own, ...(own.includes('GET') ? ['HEAD'] : []), 'OPTIONS'].sort().join(', ');
      const { statusCode, headers, body } = await app.inject({ method: 'OPTIONS', url });
      expect([url, statusCode, headers.allow, body]).toEqual([url, 204, allow, '']);
    }
    expect((await app.inject({ url: '/api/openapi.json' })).json()).toMatchObject({ openapi: '3.1.0' });
  });

  it.each([
    ['405, with Allow', 'GET', '/api/recognize', '/api/recognize', 'post', 405],
    ['400', 'DELETE', '/api/people/%E0', '/api/people/{name}', 'delete', 400],
    ['404', 'DELETE', '/api/people/Nobody', '/api/people/{name}', 'delete', 404],
    ['413', 'POST', '/api/recognize', '/api/recognize', 'post', 413],
    ['500', 'POST', '/api/recognize', '/api/recognize', 'post', 500],
  ] as const)(
    'a failure that is answered stands in the document: %s',
    async (_what, method, url, path, operation, status) => {
      const payload = status === 413 ? 'bomb' : status === 500 ? 'crash' : undefined;
      const stderr = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
      const answer = await app.inject({ method, url, headers: payload ? jpeg : {}, payload });
      stderr.mockRestore();
      expect(answer.statusCode).toBe(status);
      const { paths, components } = openApi(SERVER_LIMITS) as Document;
      const described = paths[path]![operation]!.responses[status]!;
      const response = described.$ref
        ? components.responses[described.$ref.replace('#/components/responses/', '')]!
        : described;
      expect(response).toHaveProperty(
        ['content', 'application/json', 'schema', '$ref'],
        '#/components/schemas/Error',
      );
      expect(Object.keys(response.headers ?? {})).toEqual(answer.headers.allow ? ['Allow'] : []);
    },
  );
});
