// A real PostgreSQL server with pgvector for tests: the binaries of PyPI's pgserver, on a socket in a folder of its own.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { repoRoot } from './shared.ts';

const installation = findInstallation();

/** True where the server's binaries are; use as `describe.skipIf(!hasPostgres)` with a title that says "needs pgserver". */
export const hasPostgres: boolean = installation !== null;

export interface TestServer {
  /** URL of a new, empty database. */
  newDatabase: () => Promise<string>;
  /** URL of the same database for another user. */
  as: (url: string, user: string, password?: string) => string;
  /** Runs statements as the superuser. */
  run: (url: string, ...statements: string[]) => Promise<Record<string, unknown>[]>;
  /** Ends the server at once, as a crash or a broken cable would. */
  kill: () => Promise<void>;
  start: () => Promise<void>;
  stop: () => Promise<void>;
}

/**
 * Starts a server. Users named `secret…` need a password, all others none. It may not run as root: then it runs as nobody.
 *
 * @param options.withoutPgvector leave the extension out of the installation
 * @param options.settings of postgresql.conf, by name
 */
export async function startPostgres(
  options: { withoutPgvector?: boolean; settings?: Record<string, string> } = {},
): Promise<TestServer> {
  const root = mkdtempSync(join(tmpdir(), 'tk-postgres-'));
  const owner = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};
  chmodSync(root, 0o755);
  const home = options.withoutPgvector
    ? installationWithoutPgvector(join(root, 'installation'))
    : installation!;
  const folder = join(root, 'server');
  mkdirSync(folder);
  if (owner.uid !== undefined) chownSync(folder, owner.uid, owner.gid);
  const data = join(folder, 'data');
  execFileSync(
    join(installation!, 'bin', 'initdb'),
    ['-D', data, '-U', 'postgres', '--auth=trust', '--no-sync', '-E', 'UTF8'],
    {
      ...owner,
      cwd: folder,
      stdio: ['ignore', 'ignore', 'pipe'],
    },
  );
  writeFileSync(join(data, 'pg_hba.conf'), 'local all /^secret scram-sha-256\nlocal all all trust\n');
  let server: ChildProcess;
  let databases = 0;
  const urlOf = (database: string, user = 'postgres', password?: string) =>
    `postgres://${user}${password === undefined ? '' : `:${password}`}@localhost/${database}?host=${encodeURIComponent(folder)}`;
  const run: TestServer['run'] = async (url, ...statements) => {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    try {
      let rows: Record<string, unknown>[] = [];
      for (const statement of statements) rows = (await client.query(statement)).rows;
      return rows;
    } finally {
      await client.end();
    }
  };
  const start = async () => {
    const settings = { listen_addresses: '', fsync: 'off', ...options.settings };
    const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
    flags.unshift('-D', data, '-k', folder);
    server = spawn(join(home, 'bin', 'postgres'), flags, { ...owner, cwd: folder, stdio: 'ignore' });
    for (let tries = 0; ; tries++) {
      try {
        await run(urlOf('postgres'), 'select 1');
        return;
      } catch (error) {
        if (tries > 300) throw error;
        await sleep(100);
      }
    }
  };
  const end = async (signal: NodeJS.Signals) => {
    if (server.exitCode !== null || server.signalCode !== null) return;
    const gone = new Promise((resolve) => server.once('exit', resolve));
    server.kill(signal);
    await gone;
  };
  await start();
  return {
    newDatabase: async () => {
      databases += 1;
      await run(urlOf('postgres'), `create database gallery_${databases}`);
      return urlOf(`gallery_${databases}`);
    },
    as: (url, user, password) => urlOf(new URL(url).pathname.slice(1), user, password),
    run,
    kill: () => end('SIGQUIT'),
    start,
    stop: async () => {
      await end('SIGQUIT');
      rmSync(root, { recursive: true, force: true });
    },
  };
}

function findInstallation(): string | null {
  const lib = join(repoRoot, '.venv', 'lib');
  if (!existsSync(lib)) return null;
  const homes = readdirSync(lib).map((python) => join(lib, python, 'site-packages', 'pgserver', 'pginstall'));
  return homes.find((home) => existsSync(join(home, 'bin', 'postgres'))) ?? null;
}

/** The server finds its extensions beside its own file: a copy of that, and links to all the rest. */
function installationWithoutPgvector(home: string): string {
  const linkAll = (folder: string, but: (name: string) => boolean) => {
    mkdirSync(join(home, folder), { recursive: true });
    for (const name of readdirSync(join(installation!, folder)).filter((entry) => !but(entry))) {
      symlinkSync(join(installation!, folder, name), join(home, folder, name));
    }
  };
  const extensions = join('share', 'postgresql', 'extension');
  linkAll(extensions, (name) => name.startsWith('vector'));
  linkAll(dirname(extensions), (name) => name === 'extension');
  symlinkSync(join(installation!, 'lib'), join(home, 'lib'));
  mkdirSync(join(home, 'bin'));
  copyFileSync(join(installation!, 'bin', 'postgres'), join(home, 'bin', 'postgres'));
  return home;
}
