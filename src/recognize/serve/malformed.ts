// Requests that reach no route, since their address or their HTTP is broken: answered as every other failure.

import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { ConnectionError, FastifyError, FastifyReply } from 'fastify';
import { HEADERS } from './guard.ts';

/** An address that cannot be decoded, or with a part that is longer than any name. */
export function refuseAddress({ code }: FastifyError, reply: FastifyReply): void {
  const error =
    code === 'FST_ERR_MAX_PARAM_LENGTH'
      ? { code: 'bad-name', message: 'a name in the address is too long', hint: '1 to 200 characters' }
      : {
          code: 'bad-request',
          message: 'the address is not percent-encoded UTF-8',
          hint: 'a name is written so: Ann%20Lee',
        };
  void reply.code(400).headers(HEADERS).send({ error });
}

const BROKEN: Record<string, [status: number, code: string, message: string]> = {
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'bad-upload', 'the request took too long to arrive'],
  HPE_HEADER_OVERFLOW: [431, 'bad-request', 'the headers or the address are too long'],
};

/** What is no HTTP, or did not arrive in time. */
export function refuseConnection(failure: ConnectionError, socket: Socket): void {
  if (failure.code === 'ECONNRESET' || socket.destroyed) return;
  const [status, code, message] = BROKEN[failure.code] ?? [
    400,
    'bad-request',
    'the request is no proper HTTP',
  ];
  const body = JSON.stringify({ error: { code, message } });
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    `content-length: ${Buffer.byteLength(body)}`,
    'content-type: application/json; charset=utf-8',
    'connection: close',
  ];
  if (socket.writable) socket.write(`${head.join('\r\n')}\r\n\r\n${body}`);
  socket.destroy(failure);
}
