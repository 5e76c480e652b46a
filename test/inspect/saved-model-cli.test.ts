// The text equals the real saved_model_cli's, byte for byte, after one normalisation on both sides: the set of ops
// (printed in Python's hash order, which changes from run to run) is sorted.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chooseMetaGraph, chooseSignature, inspect } from '../../src/inspect/inspect.ts';
import { showAll, showOps, showSignature, showSignatureKeys } from '../../src/inspect/text.ts';
import { locateEnvironment } from '../../src/runtime/environment.ts';
import { tk } from '../support/cli.ts';
import { hasShared, repoRoot, sharedData } from '../support/shared.ts';

const scratch = mkdtempSync(join(tmpdir(), 'tk-inspect-'));

/** Made by models.py; what each has is said there. */
const MADE = [
  ...['bare', 'control_flow', 'control_flow_text', 'custom_op', 'dictionaries', 'foreign_type', 'keras'],
  ...['lost_function', 'options', 'options_text', 'second_graph', 'signatures', 'signatures_text', 'simple'],
  ...['specs', 'specs_text', 'structures', 'tensorflow1', 'tensorflow1_text'],
];
const FIXTURES = ['inputs_logits', 'saved_models/options', 'saved_models/tensorflow1'];
const COLLECTED = hasShared
  ? readdirSync(sharedData('savedmodels'), { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && !entry.name.startsWith('_'))
      .map((entry) => entry.name)
  : [];

const directories = new Map([
  ...MADE.map((name): [string, string] => [`made ${name}`, join(scratch, name)]),
  ...FIXTURES.map((name): [string, string] => [`fixture ${name}`, join(repoRoot, 'fixtures', name)]),
  ...COLLECTED.map((name): [string, string] => [`collected ${name}`, sharedData('savedmodels', name)]),
]);

const several = join(scratch, 'tensorflow1');
/** Narrower forms of `show`, on a model with two MetaGraphs. */
const FORMS: Record<string, string[]> = {
  keys: ['--dir', several, '--tag_set', "it's,serve"],
  signature: ['--dir', several, '--tag_set', "serve,it's", '--signature_def', 'predict'],
  ops: ['--dir', several, '--tag_set', 'eval', '--list_ops'],
  'ops and signature': ['--dir', several, '--tag_set', "serve,it's", '--list_ops', '--signature_def', 'z'],
};

let printed: Record<string, string>;

beforeAll(() => {
  const calls = [
    ...[...directories].map(([id, dir]) => ({ id, args: ['--dir', dir, '--all'] })),
    ...Object.entries(FORMS).map(([id, args]) => ({ id, args })),
  ];
  const text = execFileSync(locateEnvironment().python, [join(repoRoot, 'test/inspect/oracle.py')], {
    input: JSON.stringify({ make: scratch, calls }),
    encoding: 'utf8',
    stdio: ['pipe', 'pipe', 'ignore'],
    env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1' },
    maxBuffer: 2 ** 28,
  });
  printed = JSON.parse(text) as Record<string, string>;
});

afterAll(() => rmSync(scratch, { recursive: true, force: true }));

/** The one normalisation. */
function withSortedOps(text: string): Buffer {
  const sorted = text.replace(
    /(contains the following ops: )\{(.*)\}/g,
    (_, before: string, ops: string) => `${before}{${ops.split(', ').sort().join(', ')}}`,
  );
  return Buffer.from(sorted, 'utf8');
}

describe('saved_model_cli show --all', () => {
  it('was asked about every model that was made', () => {
    expect(printed.make).toBe('made');
    expect(readdirSync(scratch).sort()).toEqual([...MADE].sort());
  });

  it.each([...directories.keys()])('%s', async (id) => {
    const theirs = printed[id] as string;
    expect(theirs).not.toMatch(/^!/);
    const ours = showAll(await inspect(directories.get(id) as string, { strict: true }));
    if (!withSortedOps(ours).equals(withSortedOps(theirs))) {
      expect(withSortedOps(ours).toString()).toBe(withSortedOps(theirs).toString());
      expect.unreachable('the bytes differ where the text does not');
    }
  });

  it('is what the command prints, to the last byte', async () => {
    const { exitCode, stdout, stderr } = await tk([
      'inspect',
      '--dir',
      join(repoRoot, 'fixtures/inputs_logits'),
    ]);
    expect(stderr).toBe('');
    expect(exitCode).toBe(0);
    expect(withSortedOps(stdout)).toEqual(withSortedOps(printed['fixture inputs_logits'] as string));
  });

  it.skipIf(!hasShared)('covers the 41 collected models (needs shared/data)', () => {
    expect(COLLECTED).toHaveLength(41);
  });
});

describe('the narrower forms of show', () => {
  it('the keys of a MetaGraph, its tags in any order', async () => {
    const metaGraph = chooseMetaGraph(await inspect(several), "serve,it's");
    expect(showSignatureKeys(metaGraph)).toBe(printed.keys);
  });

  it('one signature', async () => {
    const metaGraph = chooseMetaGraph(await inspect(several), "serve,it's");
    expect(showSignature(chooseSignature(metaGraph, 'predict'))).toBe(printed.signature);
    const { stdout } = await tk(['inspect', ...(FORMS.signature as string[])]);
    expect(stdout).toBe(printed.signature);
  });

  it('the ops of a MetaGraph, before its keys', async () => {
    const metaGraph = chooseMetaGraph(await inspect(several), 'eval');
    expect(withSortedOps(showOps(metaGraph) + showSignatureKeys(metaGraph))).toEqual(
      withSortedOps(printed.ops as string),
    );
    const both = await tk(['inspect', ...(FORMS['ops and signature'] as string[])]);
    expect(withSortedOps(both.stdout)).toEqual(withSortedOps(printed['ops and signature'] as string));
  });
});
