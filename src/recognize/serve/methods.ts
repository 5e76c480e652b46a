// What a known address answers where the method is not one of its own: 405, and OPTIONS the list of those that are.
import type { FastifyInstance, HTTPMethods } from 'fastify';
import { badInput } from '../../errors.ts';

/** The methods that fastify routes. */
const METHODS = ['DELETE', 'GET', 'HEAD', 'OPTIONS', 'PATCH', 'POST', 'PUT', 'TRACE'] as const;

/**
 * Adds the routes of `addRoutes`, and to each address answers to all other methods: 204 with `Allow` to OPTIONS, and 405 with
 * `Allow` to the rest, before a body is read.
 */
export async function withOtherMethods(
  app: FastifyInstance,
  addRoutes: () => Promise<void> | void,
): Promise<void> {
  const known = new Map<string, Set<HTTPMethods>>();
  let listening = true;
  app.addHook('onRoute', ({ url, method }) => {
    if (!listening) return;
    known.set(url, new Set([...(known.get(url) ?? []), ...[method].flat()]));
  });
  await addRoutes();
  listening = false;
  for (const [url, own] of known) {
    const allow = [...own, 'OPTIONS'].sort().join(', ');
    app.options(url, async (_request, reply) => reply.code(204).header('allow', allow).send());
    app.route({
      url,
      method: METHODS.filter((method) => method !== 'OPTIONS' && !own.has(method)),
      onRequest: async ({ method }, reply) => {
        reply.header('allow', allow);
        throw badInput('wrong-method', `this address takes no ${method}`, `it takes ${allow}`);
      },
      handler: async () => undefined,
    });
  }
}
