// `tk serve`: flags, and what it prints.
import { defineCommand, type GlobalOptions } from '../command.ts';
import { badInput } from '../errors.ts';
import { interruptSignal } from '../interrupt.ts';
import { note, print, printJson } from '../terminal/output.ts';
import { createProgress } from '../terminal/progress.ts';
import { type DatabaseFlags, OWN_GALLERY, withDatabaseFlags } from './gallery-flags.ts';
import {
  type ModelFlags,
  type RecognizeDependencies,
  showConversion,
  withNamingFlags,
} from './model-flags.ts';

interface ServeFlags extends GlobalOptions, ModelFlags, DatabaseFlags {
  host: string;
  port: number;
  allowHost?: string[];
  maxUpload: number;
  rate: number;
}

export function serveCommand({ convert }: RecognizeDependencies) {
  return defineCommand<ServeFlags>({
    command: 'serve',
    describe: 'a local page and HTTP API to try recognition: drop a photo, see who is in it, enrol people',
    builder: (yargs) =>
      withNamingFlags(
        withDatabaseFlags(yargs, OWN_GALLERY)
          .option('host', {
            type: 'string',
            default: '127.0.0.1',
            describe: 'address to listen on; any but a loopback one lets others in',
          })
          .option('port', { type: 'number', default: 8300, describe: 'port; 0 takes a free one' })
          .option('allow-host', {
            type: 'string',
            array: true,
            nargs: 1,
            describe: 'a name under which the server may be reached, e.g. behind a proxy',
          })
          .option('max-upload', { type: 'number', default: 25, describe: 'largest photo, in MiB' })
          .option('rate', {
            type: 'number',
            default: 600,
            describe: 'requests a minute and address',
          }) as never,
      )
        .example('$0 serve', 'http://127.0.0.1:8300, for this machine alone')
        .example(
          '$0 serve --db postgres://host/faces --port 0',
          'on a shared gallery, at a free port',
        ) as never,
    run: async (flags) => {
      checkFlags(flags);
      const progress = createProgress({ silent: flags.json });
      const { serve } = await import('./serve/serve.ts');
      const { defaultDependencies } = await import('./dependencies.ts');
      const ended = new Promise<void>((resolve) =>
        interruptSignal.addEventListener('abort', () => resolve(), { once: true }),
      );
      const server = await serve(
        {
          ...flags,
          limits: { maxUpload: flags.maxUpload * 1024 * 1024, requestsPerMinute: flags.rate },
          signal: interruptSignal,
          onConvert: (source, event) => showConversion(source, event, progress),
          onEvent: ({ models }) => progress.start(`models verified: ${models.join(', ')}`),
        },
        defaultDependencies(convert),
      ).finally(() => progress.stop());
      if (flags.json) printJson({ schemaVersion: 1, url: server.url, database: server.database });
      else {
        print(server.url);
        note(`gallery: ${server.database}`);
        if (!isLoopback(flags.host)) {
          note('anybody who reaches this address can see, change and erase the gallery (docs/serve.md)');
        }
        note('Ctrl-C ends it');
      }
      await ended;
      await server.close();
      return undefined;
    },
  });
}

function checkFlags({ port, maxUpload, rate }: ServeFlags): void {
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw badInput(
      'usage',
      `--port takes a number from 0 to 65535, ${Number.isNaN(port) ? 'and what was given is none' : `not ${port}`}`,
    );
  }
  if (!(maxUpload > 0 && maxUpload <= 256)) throw badInput('usage', '--max-upload takes MiB, up to 256');
  if (!(Number.isInteger(rate) && rate > 0)) throw badInput('usage', '--rate takes a number from 1');
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d+){3}$/.test(host);
}
