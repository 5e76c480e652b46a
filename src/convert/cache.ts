// When a second run has nothing to do: the same source, weights, flags, code and imported files, and an intact output.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { TkError } from '../errors.ts';
import { fileMatches, hashFile, sha256 } from '../formats/hash.ts';
import { outputPaths } from '../formats/output/layout.ts';
import { type Manifest, readManifest } from '../formats/output/manifest.ts';
import type { ParityRecord } from '../formats/output/parity.ts';
import { packageFile, packageRoot, userModulePath } from '../runtime/environment.ts';
import { requireParity } from '../verify/gate.ts';
import { VERSION } from '../version.ts';
import { filesBelow } from './output-guard.ts';
import type { ConversionPlan } from './plan.ts';

export interface ImportedFile {
  path: string;
  sha256: string;
}

/** Hash of everything that decides a conversion and is known before it: source, weights, flags, lock files, tk's own code. */
export async function baseKey(plan: ConversionPlan): Promise<string> {
  const { source, weights, options } = plan;
  // Modules are looked up in the folder that a factory is run in and in PYTHONPATH, and it may read files there.
  const place = source.kind === 'factory' ? [process.cwd(), ...userModulePath()] : null;
  return sha256(
    JSON.stringify({
      kind: source.kind,
      source: source.file ? (await hashFile(source.file)).sha256 : source.name,
      factory: source.kind === 'factory' ? source.name : null,
      weights: weights ? (await hashFile(weights)).sha256 : null,
      options,
      place,
      locks: lockHash(),
      code: codeHash(),
    }),
  );
}

/** The key that a manifest records: the base key and every file that the run turned out to read. */
export function cacheKey(base: string, imports: ImportedFile[]): string {
  return sha256(JSON.stringify([base, imports.map(({ path, sha256: hash }) => [path, hash])]));
}

/**
 * The output of an earlier run, when a new one would make the same and nothing in it has changed since. Starts no
 * Python: it hashes files.
 */
export async function findCached(
  plan: ConversionPlan,
  base: string,
): Promise<{ manifest: Manifest; parity: ParityRecord | null } | null> {
  if (!existsSync(outputPaths(plan.out).manifest)) return null;
  let manifest: Manifest;
  try {
    manifest = readManifest(plan.out);
  } catch {
    return null;
  }
  const imports: ImportedFile[] = [];
  for (const { path } of manifest.imports) {
    if (!existsSync(path)) return null;
    imports.push({ path, sha256: (await hashFile(path)).sha256 });
  }
  if (cacheKey(base, imports) !== manifest.cacheKey) return null;
  if (plan.options.verify) return await passed(plan.out);
  for (const [path, record] of Object.entries(manifest.files)) {
    if (!(await fileMatches(join(plan.out, path), record))) return null;
  }
  return { manifest, parity: null };
}

/** The output with its parity record, where the gate lets it through: every byte is the one that was verified. */
async function passed(out: string): Promise<{ manifest: Manifest; parity: ParityRecord } | null> {
  try {
    const { manifest, record } = await requireParity(out);
    return { manifest, parity: record };
  } catch (error) {
    if (error instanceof TkError) return null;
    throw error;
  }
}

/** The Python packages' lock files, and the version of the npm package that carries weights. */
function lockHash(): string {
  const folder = join(packageRoot, 'python');
  const names = existsSync(folder) ? readdirSync(folder) : [];
  const locks = names.filter((name) => /^requirements.*\.(lock|txt)$/.test(name));
  const texts = locks.sort().map((name) => readFileSync(join(folder, name), 'utf8'));
  const faceApi = packageFile('@vladmandic/face-api', 'package.json');
  const version = faceApi ? (JSON.parse(readFileSync(faceApi, 'utf8')) as { version: string }).version : null;
  return sha256(JSON.stringify([texts, version]));
}

/** tk's version, its worker's code, and in a checkout the code of convert and of the file formats. */
function codeHash(): string {
  const hashes = ['python/tk_worker', 'src/convert', 'src/formats'].map((folder) =>
    folderHash(join(packageRoot, folder)),
  );
  return sha256(JSON.stringify([VERSION, ...hashes]));
}

function folderHash(folder: string): string | null {
  if (!existsSync(folder)) return null;
  const code = filesBelow(folder).filter((path) => /\.(ts|js|py)$/.test(path));
  return sha256(
    code
      .sort()
      .map((path) => `${path} ${sha256(readFileSync(join(folder, path)))}`)
      .join('\n'),
  );
}

/** The imported files that are not part of tk itself (those count as its code). */
export function ownImports(files: ImportedFile[]): ImportedFile[] {
  const worker = join(packageRoot, 'python');
  return files.filter(({ path }) => !path.startsWith(`${worker}/`) && !path.startsWith(`${worker}\\`));
}
