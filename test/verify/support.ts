// Models for the verification tests, made once for a version of their script, and output directories around them.
import { execFileSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hashFile, sha256 } from '../../src/formats/hash.ts';
import type { Manifest } from '../../src/formats/output/manifest.ts';
import { locateEnvironment } from '../../src/runtime/environment.ts';
import { listFiles } from '../../src/verify/bound-files.ts';
import { repoRoot } from '../support/shared.ts';

/** Folder with what models.py makes: `net.onnx` and `good`, the spoilt ones, a model a type, and oddities. */
export function verificationModels(): string {
  const script = join(repoRoot, 'test/verify/models.py');
  const cache = join(repoRoot, 'node_modules/.cache/tk-verification-models');
  const folder = join(cache, sha256(readFileSync(script)).slice(0, 16));
  if (existsSync(folder)) return folder;
  mkdirSync(cache, { recursive: true });
  const draft = mkdtempSync(join(cache, 'draft-'));
  execFileSync(locateEnvironment().python, [script, draft], { stdio: ['ignore', 'ignore', 'pipe'] });
  try {
    renameSync(draft, folder);
  } catch {
    // Another test file was first.
    rmSync(draft, { recursive: true, force: true });
  }
  return folder;
}

/** An output directory as `tk convert` publishes it, of the small network and one of its SavedModels. */
export async function makeOutput(savedModel: string): Promise<string> {
  const models = verificationModels();
  const root = join(mkdtempSync(join(tmpdir(), 'tk-verify-')), 'output');
  mkdirSync(root);
  cpSync(join(models, 'net.onnx'), join(root, 'model.onnx'));
  cpSync(join(models, 'reference.npz'), join(root, 'reference.npz'));
  cpSync(join(models, savedModel), join(root, 'keras'), { recursive: true });
  await writeManifest(root);
  return root;
}

/** Writes the manifest of what stands in a directory. */
export async function writeManifest(root: string): Promise<void> {
  const { files } = await listFiles(root);
  const listed: Manifest['files'] = {};
  for (const path of files) {
    if (path !== 'manifest.json' && path !== 'parity.json') listed[path] = await hashFile(join(root, path));
  }
  const manifest: Manifest = {
    schemaVersion: 1,
    tool: { name: 'tk', version: '0.1.0' },
    createdAt: '2026-01-01T00:00:00.000Z',
    source: { kind: 'factory', name: 'models.py:Net', sha256: null, weights: null, dropped: [], missing: [] },
    imports: [],
    checkedBy: 'onnx.checker',
    cacheKey: 'none',
    engine: { name: 'native', requested: 'auto', reason: null },
    options: {},
    opset: 17,
    versions: { torch: '2.13.0' },
    inputs: [
      {
        onnxName: 'image',
        signatureKey: 'image',
        tensorName: 'serving_default_image:0',
        dtype: 'float32',
        shape: ['N', 3, 16, 16],
      },
    ],
    outputs: [
      {
        onnxName: 'feat',
        signatureKey: 'feat',
        tensorName: 'StatefulPartitionedCall:0',
        dtype: 'float32',
        shape: ['N', 12],
      },
    ],
    nameMapping: [],
    folded: [],
    unzipped: [],
    random: null,
    profile: null,
    tolerances: null,
    files: listed,
    timings: {},
  };
  writeFileSync(join(root, 'manifest.json'), JSON.stringify(manifest));
}
