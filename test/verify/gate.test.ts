// The gate: a passed record that is still true of every byte, or exit 1 with the exact reason.
import {
  appendFileSync,
  cpSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { TkError } from '../../src/errors.ts';
import { type ParityRecord, sealed } from '../../src/formats/output/parity.ts';
import { requireParity } from '../../src/verify/gate.ts';
import { verify } from '../../src/verify/verify.ts';
import { makeOutput, writeManifest } from './support.ts';

let verified: string;
let root: string;

beforeAll(async () => {
  verified = await makeOutput('good');
  await verify({ output: verified });
});
beforeEach(() => {
  root = join(mkdtempSync(join(tmpdir(), 'tk-gate-')), 'output');
  cpSync(verified, root, { recursive: true });
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const path = (...parts: string[]) => join(root, ...parts);

async function refusal(): Promise<{ code: string; exitCode: number; message: string }> {
  const { code, exitCode, message } = (await requireParity(root).catch((error: unknown) => error)) as TkError;
  return { code, exitCode, message: message.replaceAll(root, 'output') };
}

function editRecord(edit: (record: ParityRecord & Record<string, unknown>) => void): void {
  const record = JSON.parse(readFileSync(path('parity.json'), 'utf8')) as ParityRecord &
    Record<string, unknown>;
  edit(record);
  const { seal: _, ...rest } = record;
  writeFileSync(path('parity.json'), JSON.stringify(sealed(rest as ParityRecord)));
}

describe('the gate', () => {
  it('lets a verified output through, with manifest and record', async () => {
    const { manifest, record } = await requireParity(root);
    expect(manifest.inputs[0]?.onnxName).toBe('image');
    expect(record.verdict).toBe('passed');
  });

  it.each([
    'model.onnx',
    'keras/saved_model.pb',
    'keras/variables/variables.data-00000-of-00001',
    'reference.npz',
  ])('is shut by one changed byte of %s', async (file) => {
    const bytes = readFileSync(path(file));
    bytes[bytes.length >> 1]! ^= 1;
    writeFileSync(path(file), bytes);
    expect(await refusal()).toEqual({
      code: 'parity-void',
      exitCode: 1,
      message: `the parity record of output is void: ${file} has changed`,
    });
  });

  it('is shut by a file that is gone, foreign, longer or a link', async () => {
    renameSync(path('model.onnx'), path('other.onnx'));
    expect((await refusal()).message).toBe('the parity record of output is void: model.onnx is gone');
    renameSync(path('other.onnx'), path('model.onnx'));
    writeFileSync(path('keras', 'saved_model.pbtxt'), '');
    expect((await refusal()).message).toBe(
      'the parity record of output is void: keras/saved_model.pbtxt is not one of its files',
    );
    rmSync(path('keras', 'saved_model.pbtxt'));
    symlinkSync('/etc/hostname', path('link'));
    expect((await refusal()).message).toBe('the parity record of output is void: link is not a regular file');
    rmSync(path('link'));
    appendFileSync(path('reference.npz'), 'x');
    expect((await refusal()).message).toBe('the parity record of output is void: reference.npz has changed');
  });

  it('is shut by a manifest that was written anew, even with the new hashes', async () => {
    writeFileSync(path('manifest.json'), `${readFileSync(path('manifest.json'), 'utf8')}\n`);
    expect((await refusal()).message).toBe('the parity record of output is void: manifest.json has changed');
    await writeManifest(root);
    expect(await requireParity(root)).toBeDefined();
  });

  it('is shut without a record, with a failed one, an unreadable one and one of another schema', async () => {
    editRecord((record) => {
      record.schemaVersion = 1 as 2;
    });
    expect(await refusal()).toEqual({
      code: 'bad-parity-record',
      exitCode: 1,
      message: 'output/parity.json was written by another tk: schemaVersion 1, this tk reads 2',
    });
    writeFileSync(path('parity.json'), '{"schemaVersion": 1, "verd');
    expect((await refusal()).message).toBe('output/parity.json cannot be read: not JSON');
    rmSync(path('parity.json'));
    expect(await refusal()).toMatchObject({
      code: 'no-parity-record',
      message: 'output was never verified: it has no parity.json',
    });
  });

  it('is shut by a verdict of passed over a comparison that failed, or over none', async () => {
    editRecord((record) => {
      Object.assign(record.comparisons[0]!.outputs[0]!, { passed: false, reason: 'spoilt by the test' });
    });
    expect((await refusal()).message).toBe('output did not pass verification: feat: spoilt by the test');
    editRecord((record) => {
      record.comparisons = [];
    });
    expect((await refusal()).message).toBe('output: its parity.json compared nothing');
  });

  it.each<[string, (record: ParityRecord) => void]>([
    ['the verdict', (record) => Object.assign(record, { verdict: 'failed' })],
    ['a figure', (record) => Object.assign(record.comparisons[0]!.outputs[0]!, { maxAbs: 0 })],
    ['a tolerance', (record) => Object.assign(record.tolerances, { atol: 1 })],
    ['a version', (record) => Object.assign(record.runners[0]!, { version: '1.0.0' })],
    ['the hash of a file', (record) => Object.assign(record.files['model.onnx']!, { sha256: '' })],
    ['the hash of an input', (record) => Object.assign(record.cases[0]!, { sha256: '' })],
    ['the seal', (record) => Object.assign(record, { seal: '' })],
  ])('is shut by an edit of %s', async (_what, edit) => {
    const record = JSON.parse(readFileSync(path('parity.json'), 'utf8')) as ParityRecord;
    edit(record);
    writeFileSync(path('parity.json'), JSON.stringify(record));
    expect(await refusal()).toEqual({
      code: 'bad-parity-record',
      exitCode: 1,
      message: 'output/parity.json cannot be read: it was changed after it was written',
    });
  });

  it.each<[string, (record: ParityRecord) => void, string]>([
    ['of tk', ({ tool }) => Object.assign(tool, { version: '0.0.9' }), 'tk was 0.0.9, now it is 0.1.0'],
    [
      'of onnxruntime',
      ({ runners }) => Object.assign(runners[0]!, { version: '1.0.0' }),
      'onnxruntime-node was 1.0.0, now it is 1.30.0',
    ],
    [
      'of TensorFlow',
      ({ runners }) => Object.assign(runners[1]!, { version: '2.0.0' }),
      'tfjs-node was 2.0.0, now it is 2.19.0',
    ],
  ])('is shut by another version %s', async (_what, edit, reason) => {
    editRecord(edit);
    expect(await refusal()).toEqual({
      code: 'parity-void',
      exitCode: 1,
      message: `the parity record of output is void: ${reason}`,
    });
  });

  it('is shut by a record of wider tolerances than the conversion allows, overall or of one output', async () => {
    const reason = 'it was verified with atol 1, and its conversion allows 0.00001 (tk convert --atol)';
    for (const widen of [{ tolerances: { atol: 1, rtol: 1e-3 } }, { rules: [{ match: 'feat', atol: 1 }] }]) {
      editRecord((record) => Object.assign(record, { tolerances: { atol: 1e-5, rtol: 1e-3 }, ...widen }));
      expect((await refusal()).message).toBe(`the parity record of output is void: ${reason}`);
    }
  });

  it('is shut by the record of another output', async () => {
    const other = await makeOutput('bias-dropped');
    writeFileSync(join(other, 'parity.json'), readFileSync(path('parity.json')));
    root = other;
    expect(await refusal()).toMatchObject({ code: 'parity-void', exitCode: 1 });
  });
});

describe('verifying an output whose files are not as converted', () => {
  it('fails, however well the numbers agree, and says which file', async () => {
    appendFileSync(path('keras', 'fingerprint.pb'), '\0');
    const record = await verify({ output: root });
    expect(record.comparisons.every(({ outputs }) => outputs.every(({ passed }) => passed))).toBe(true);
    expect(record).toMatchObject({ verdict: 'failed', changed: ['keras/fingerprint.pb has changed'] });
    expect(await refusal()).toMatchObject({ code: 'parity-failed', exitCode: 1 });
  });
});
