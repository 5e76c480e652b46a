// Who may talk to the server: no page of another site, and nobody who came by a name that is not ours (DNS rebinding).
import { isIP } from 'node:net';
import { hostname } from 'node:os';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { TkError } from '../../errors.ts';

/** What the page may load and do: its own script and style, pictures of its own, and requests to this server. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' blob: data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** The security headers of every answer. */
export const HEADERS: Record<string, string> = {
  'content-security-policy': POLICY,
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
  'permissions-policy': 'camera=(), microphone=(), geolocation=()',
  'cache-control': 'no-store',
};

/**
 * Refuses requests of other origins with 403 and puts the security headers on every answer.
 *
 * @param allowedHosts further names under which the server is reached, e.g. behind a proxy
 */
export function guard(app: FastifyInstance, allowedHosts: readonly string[]): void {
  app.addHook('onRequest', async (request, reply) => {
    reply.headers(HEADERS);
    const host = request.headers.host ?? '';
    if (!isOwnHost(host, allowedHosts)) {
      throw new TkError('foreign-host', 2, 'this server does not go by that name', {
        hint: '--allow-host NAME',
      });
    }
    if (!isSameOrigin(request, host))
      throw new TkError('foreign-origin', 2, 'requests of other sites are refused');
  });
}

/**
 * Addresses, `localhost`, the machine's own name and what was allowed. A site that points its name at this address
 * (DNS rebinding) sends its own name here.
 */
export function isOwnHost(host: string, allowedHosts: readonly string[]): boolean {
  const name = host.replace(/:\d+$/, '').toLowerCase();
  if (isIP(name.replace(/^\[(.*)\]$/, '$1')) !== 0) return true;
  return ['localhost', hostname().toLowerCase(), ...allowedHosts.map((own) => own.toLowerCase())].includes(
    name,
  );
}

/** Programs send no such headers, browsers do: the page's own requests, and somebody typing the address. */
function isSameOrigin({ headers }: FastifyRequest, host: string): boolean {
  const site = headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin' && site !== 'none') return false;
  const { origin } = headers;
  return origin === undefined || origin === `http://${host}` || origin === `https://${host}`;
}
