// `tk serve`: gallery and models opened once, then the server until somebody ends it.
import { createServer } from 'node:net';
import { badInput, environmentError, type TkError } from '../../errors.ts';
import type { GalleryChoice } from '../database/actions.ts';
import { databaseLocation } from '../database/location.ts';
import { tenantName } from '../database/names.ts';
import { openDatabase } from '../database/open.ts';
import type { ModelDependencies } from '../models.ts';
import { type PipelineChoice, type PipelineOptions, pipelineOptions, verifyPipeline } from '../pipeline.ts';
import { createApp } from './app.ts';
import { SERVER_LIMITS, type ServerLimits } from './limits.ts';
import { createService } from './service.ts';

export interface ServeOptions extends GalleryChoice, PipelineChoice {
  /** Default 127.0.0.1: this machine alone. */
  host?: string | undefined;
  /** 0 takes a free one. */
  port?: number | undefined;
  /** Names under which the server may be reached, beside addresses, localhost and the machine's own. */
  allowHost?: readonly string[] | undefined;
  limits?: Partial<ServerLimits> | undefined;
  onEvent?: PipelineOptions['onEvent'];
}

export interface RunningServer {
  url: string;
  /** The gallery, without a password. */
  database: string;
  /** Cuts off what is in work, then closes models and gallery; what was answered as kept is kept. */
  close: () => Promise<void>;
}

/**
 * Starts the server.
 *
 * @throws TkError `port-in-use`, `bad-address` (exit 3, 2); what opening the gallery and the models throws
 */
export async function serve(options: ServeOptions, dependencies: ModelDependencies): Promise<RunningServer> {
  const tenant = tenantName(options.tenant);
  const [host, port] = [options.host ?? '127.0.0.1', options.port ?? 0];
  await requireFreeAddress(host, port);
  const choice = await pipelineOptions(options);
  const verified = await verifyPipeline(choice, dependencies);
  const database = await openDatabase(databaseLocation(options.db), { create: true });
  const closing: (() => Promise<unknown>)[] = [() => database.close()];
  const close = async () => {
    for (const step of closing.splice(0).reverse()) await step();
  };
  try {
    const opened = await verified.open();
    closing.push(opened.close);
    const limits = { ...SERVER_LIMITS, ...options.limits };
    const app = await createApp(createService(database, tenant, opened), limits, options.allowHost ?? []);
    closing.push(() => app.close());
    const url = await listen(app, host, port);
    return { url, database: database.shown, close };
  } catch (error) {
    await close();
    options.signal?.throwIfAborted();
    throw error;
  }
}

/** Tries the address before models are loaded for nothing; the server takes it in earnest afterwards. */
async function requireFreeAddress(host: string, port: number): Promise<void> {
  const probe = createServer();
  try {
    await new Promise<void>((resolve, reject) => {
      probe.once('error', reject);
      probe.listen({ host, port }, resolve);
    });
  } catch (error) {
    throw addressFailure(error, host, port);
  }
  await new Promise((resolve) => probe.close(resolve));
}

async function listen(
  app: Awaited<ReturnType<typeof createApp>>,
  host: string,
  port: number,
): Promise<string> {
  try {
    return await app.listen({ host, port });
  } catch (error) {
    throw addressFailure(error, host, port);
  }
}

function addressFailure(error: unknown, host: string, port: number): TkError {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'EADDRINUSE') {
    const hint = 'choose another: --port N, or 0 for a free one';
    return environmentError('port-in-use', `port ${port} of ${host} is in use`, hint, error);
  }
  if (code === 'EACCES') {
    const message = `port ${port} may not be taken by this user`;
    return environmentError('port-in-use', message, 'choose one above 1023', error);
  }
  const message = `${host} is no address of this machine (${code})`;
  return badInput('bad-address', message, '--host 127.0.0.1, or 0.0.0.0 for every network', error);
}
