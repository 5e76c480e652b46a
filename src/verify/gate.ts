// The parity gate: an output directory may be used only with a passed record that is still true of its bytes.

import { readFileSync } from 'node:fs';
import { checkFailed, type TkError } from '../errors.ts';
import { sha256 } from '../formats/hash.ts';
import { recover } from '../formats/output/journal.ts';
import { outputPaths } from '../formats/output/layout.ts';
import { type Manifest, readManifest } from '../formats/output/manifest.ts';
import { type ParityRecord, readParity } from '../formats/output/parity.ts';
import { onnxruntimeVersion, onnxVersion, tensorflowVersion } from '../runtime/versions.ts';
import { shellWord } from '../terminal/shell.ts';
import { VERSION } from '../version.ts';
import { differences } from './bound-files.ts';
import { DEFAULT_TOLERANCES } from './tolerances.ts';

/** What the gate lets through. */
export interface VerifiedOutput {
  manifest: Manifest;
  record: ParityRecord;
}

/**
 * Reads manifest and parity record of an output directory and checks that every byte is the one that was verified.
 *
 * @param root the directory that `tk convert` wrote
 * @throws TkError exit 1: `no-parity-record`, `bad-parity-record`, `parity-failed`, `parity-void` with what changed;
 *   exit 2 (`no-manifest`, `bad-manifest`, `manifest-version`) where it is not an output directory
 */
export async function requireParity(root: string): Promise<VerifiedOutput> {
  await recover(root);
  const manifest = readManifest(root);
  const record = passedRecord(root);
  checkManifestHash(root, record);
  checkTools(root, record);
  checkRule(root, manifest, record);
  checkCoverage(root, manifest, record);
  await checkFiles(root, manifest);
  return { manifest, record };
}

function passedRecord(root: string): ParityRecord {
  const reading = readParity(root);
  const verify = `run: tk verify ${shellWord(root)}`;
  if ('problem' in reading) {
    if (reading.problem === 'absent') {
      throw checkFailed('no-parity-record', `${root} was never verified: it has no parity.json`, verify);
    }
    const age = reading.problem === 'other-version' ? 'was written by another tk' : 'cannot be read';
    throw checkFailed('bad-parity-record', `${outputPaths(root).parity} ${age}: ${reading.detail}`, verify);
  }
  const { record } = reading;
  const failed = record.comparisons.flatMap(({ outputs }) => outputs).find(({ passed }) => !passed);
  if (record.verdict === 'passed' && !failed) return record;
  throw checkFailed(
    'parity-failed',
    `${root} did not pass verification: ${failed?.reason ? `${failed.name}: ${failed.reason}` : 'the verdict is failed'}`,
    `see what differs: tk verify ${shellWord(root)}`,
  );
}

function checkManifestHash(root: string, record: ParityRecord): void {
  if (record.manifestSha256 === sha256(readFileSync(outputPaths(root).manifest))) return;
  throw voidRecord(root, 'manifest.json has changed');
}

/** What computed must be what is installed: another version may compute otherwise. */
function checkTools(root: string, { tool, runners }: ParityRecord): void {
  if (tool.version !== VERSION) throw voidRecord(root, `tk was ${tool.version}, now it is ${VERSION}`);
  for (const { name, runner, version } of runners) {
    const installed = installedVersion(name, runner);
    if (installed !== null && installed !== version)
      throw voidRecord(root, `${name} was ${version}, now it is ${installed}`);
  }
}

/** The version that is installed of what a runner ran in; null where it is not known, or nothing is. */
function installedVersion(name: string, runner: string): string | null {
  if (runner === 'tf' || runner === 'tf-python') return tensorflowVersion();
  if (name.startsWith('onnxruntime-node')) return onnxruntimeVersion();
  return name.startsWith('onnx-reference') ? onnxVersion() : null;
}

/** What was allowed must be no more than the conversion allows. */
function checkRule(root: string, manifest: Manifest, { tolerances, rules }: ParityRecord): void {
  const allowed = manifest.tolerances ?? DEFAULT_TOLERANCES;
  for (const key of ['atol', 'rtol'] as const) {
    const used = Math.max(tolerances[key], ...rules.map((rule) => rule[key] ?? 0));
    if (used <= allowed[key]) continue;
    throw voidRecord(
      root,
      `it was verified with ${key} ${used}, and its conversion allows ${allowed[key]} (tk convert --${key})`,
    );
  }
}

/** The record must speak of both models as the manifest lists them, and of at least one comparison. */
function checkCoverage(root: string, manifest: Manifest, record: ParityRecord): void {
  if (!record.comparisons.some(({ outputs }) => outputs.length > 0)) {
    throw checkFailed(
      'bad-parity-record',
      `${root}: its parity.json compared nothing`,
      `run: tk verify ${shellWord(root)}`,
    );
  }
  for (const [path, listed] of Object.entries(manifest.files)) {
    const verified = record.files[path];
    const isModel = path === 'model.onnx' || path.startsWith('keras/');
    if (isModel ? verified?.sha256 !== listed.sha256 : verified && verified.sha256 !== listed.sha256) {
      throw voidRecord(root, `${path} was not the file that was verified`);
    }
  }
}

/** Every listed file unchanged, and no other file there. */
async function checkFiles(root: string, manifest: Manifest): Promise<void> {
  const [difference] = await differences(root, manifest);
  if (difference) throw voidRecord(root, difference);
}

function voidRecord(root: string, why: string): TkError {
  return checkFailed(
    'parity-void',
    `the parity record of ${root} is void: ${why}`,
    `see what differs with tk verify ${shellWord(root)}, or convert it again with tk convert --force`,
  );
}
