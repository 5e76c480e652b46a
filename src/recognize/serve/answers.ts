// Failures as HTTP answers: `{"error": {code, message, hint}}`, as `--json` prints them, with a fitting status.
import type { FastifyError, FastifyInstance } from 'fastify';
import { EXIT, TkError } from '../../errors.ts';
import { visible } from '../../report/escape.ts';
import { note } from '../../terminal/output.ts';

const STATUS: Record<string, number> = {
  'foreign-host': 403,
  'foreign-origin': 403,
  'no-person': 404,
  'no-photo': 404,
  'no-thumbnail': 404,
  'wrong-method': 405,
  'image-too-large': 413,
  'image-format': 415,
  busy: 503,
};

export function answerFailures(app: FastifyInstance): void {
  app.setNotFoundHandler(async (request, reply) => {
    const message = `there is no ${request.method} ${request.url.slice(0, 100)}`;
    return reply.code(404).send({ error: { code: 'not-found', message, hint: 'see /api/openapi.json' } });
  });
  app.setErrorHandler(async (error: FastifyError | TkError, request, reply) => {
    if (error instanceof TkError) {
      const { code, message, hint } = error;
      if (code === 'busy') reply.header('retry-after', '2');
      return reply.code(statusOf(error)).send({ error: { code, message, ...(hint && { hint }) } });
    }
    const status = error.statusCode ?? 500;
    const known = status < 500;
    // The route, not the address: that has people's names in it.
    if (!known) note(`tk: ${request.method} ${request.routeOptions.url} failed: ${visible(error.message)}`);
    if (!known) {
      const message = 'the server failed; its own output says why';
      return reply.code(status).send({ error: { code: 'internal-error', message } });
    }
    return reply.code(status).send({ error: { code: codeOf(error, status), ...explained(error, status) } });
  });
}

function statusOf({ code, exitCode }: TkError): number {
  return STATUS[code] ?? (exitCode === EXIT.badInput ? 400 : exitCode === EXIT.environment ? 503 : 500);
}

/** fastify's words, or better ones where its own do not say what to do. */
function explained(error: FastifyError, status: number): { message: string; hint?: string } {
  if (status === 429) {
    return {
      message: 'there were more requests in a minute than this server takes',
      hint: 'wait a minute, or raise --rate of tk serve',
    };
  }
  if (error.validation) return invalid(error.validation);
  if (status === 415) {
    return {
      message: 'the request does not say that its body is an image',
      hint: 'send the photo itself, with its type, e.g. content-type: image/jpeg',
    };
  }
  if (status !== 413) return { message: error.message };
  return {
    message: 'the photo has more bytes than this server takes',
    hint: 'send a smaller copy, or raise --max-upload of tk serve',
  };
}

function invalid([first]: readonly { instancePath: string; params: Record<string, unknown> }[]): {
  message: string;
  hint?: string;
} {
  const parameter = first?.instancePath.slice(1);
  if (parameter === 'box')
    return { message: 'the box is not four numbers of pixels', hint: 'box=left,top,right,bottom' };
  if (parameter === 'name') return { message: 'the name is empty or too long', hint: '1 to 200 characters' };
  if (parameter === 'content')
    return { message: 'the photo is not named by its hash', hint: 'its "content" in the list of photos' };
  const surplus = first?.params.additionalProperty;
  if (typeof surplus === 'string')
    return { message: `there is no parameter "${visible(surplus)}" here`, hint: 'see /api/openapi.json' };
  return { message: `the parameter ${parameter} is not of its kind`, hint: 'see /api/openapi.json' };
}

function codeOf(error: FastifyError, status: number): string {
  if (status === 413) return 'image-too-large';
  if (status === 415) return 'image-format';
  if (status === 429) return 'too-many-requests';
  return error.validation ? 'bad-request' : 'bad-upload';
}
