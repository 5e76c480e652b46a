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
  ...[
    'lost_function',
    'options',
    'options_text',
    'second_graph',
    'side_effects',
    'signatures',
    'signatures_text',
  ],
  ...['simple', 'specs', 'specs_text', 'structures', 'tensorflow1', 'tensorflow1_text'],
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

const effects = join(scratch, 'side_effects');
const text = join(scratch, 'tensorflow1_text');
/** Calls of `tk show` and `tk scan` whose output is the tool's. */
const CALLS: string[][] = [
  ...[several, text, effects].map((dir) => ['show', '--dir', dir]),
  ['show', '--dir', several, '--list_ops'],
  ['show', '--dir', several, '--signature_def', 'predict'],
  ['show', '--dir', several, '--tag_set', "it's,serve"],
  ['show', `--dir=${several}`, '--tag_set=eval', '--list_ops'],
  ['show', '--dir', text, '--tag_set', "serve,it's", '--list_ops', '--signature_def', 'predict'],
  ['show', '--dir', join(scratch, 'signatures'), '--tag_set', 'serve'],
  ['show', '--dir', join(scratch, 'signatures'), '--tag_set', 'serve', '--signature_def', 'serving_default'],
  ['show', '--dir', effects, '--all', '--tag_set', 'nothing', '--list_ops'],
  ...[several, text, effects, join(scratch, 'second_graph')].map((dir) => ['scan', '--dir', dir]),
  ['scan', '--dir', effects, '--tag_set', 'serve'],
  ['scan', '--dir', effects, '--tag_set', 'serve', '--op_denylist', 'PrintV2,,Const,Nothing'],
  ['scan', '--dir', several, '--tag_set', '', '--op_denylist', 'Placeholder'],
  ['scan', '--dir', several, '--op_denylist', ''],
  ['scan', '--dir', several, '--op_denylist', ','],
];

/** What the tool passes over in silence. */
const UNUSED = /^warning: --\w+ is not used .*\n/gm;

let printed: Record<string, string>;

beforeAll(() => {
  const calls = [
    ...[...directories].map(([id, dir]) => ({ id, args: ['--dir', dir, '--all'] })),
    ...Object.entries(FORMS).map(([id, args]) => ({ id, args })),
    ...CALLS.map(([verb, ...args]) => ({ id: [verb, ...args].join(' '), verb, args })),
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
    /((?:contains the following|denylisted) ops: )\{(.*)\}/g,
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

describe('tk show and tk scan', () => {
  it.each(CALLS.map((args) => [args.join(' ').replaceAll(scratch, 'MADE'), args] as const))(
    '%s',
    async (_, args) => {
      const { exitCode, stdout, stderr } = await tk(args);
      expect([exitCode, stderr.replaceAll(UNUSED, '')]).toEqual([0, '']);
      expect(withSortedOps(stdout)).toEqual(withSortedOps(printed[args.join(' ')] as string));
    },
  );

  it('scan --exit-code is 1 where a denylisted op is found, 0 elsewhere', async () => {
    expect((await tk(['scan', '--dir', effects, '--exit-code'])).exitCode).toBe(1);
    expect((await tk(['scan', '--dir', several, '--exit-code'])).exitCode).toBe(0);
  });

  it('scan names the nodes and their functions', async () => {
    const { stdout } = await tk(['scan', '--dir', effects, '--json']);
    const [metaGraph] = JSON.parse(stdout).metaGraphs;
    expect(metaGraph.found).toEqual([
      {
        op: 'PrintV2',
        nodes: [{ name: 'PrintV2', function: expect.stringMatching(/^__inference_read_\d+$/) }],
      },
      {
        op: 'ReadFile',
        nodes: [{ name: 'ReadFile', function: expect.stringMatching(/^__inference_read_\d+$/) }],
      },
    ]);
    const { stderr } = await tk(['scan', '--dir', effects, '--verbose']);
    expect(stderr).toMatch(/^\['serve'\] PrintV2: node PrintV2 of the function __inference_read_\d+\n/);
  });

  it.each([
    [['show'], 'tk: tk show needs --dir\n    see: tk show --help\n'],
    [['scan', '--dir', ''], 'tk: --dir is empty\n    run: tk scan --help\n'],
    [
      ['show', '--dir', 'fixtures/inputs_logits', '--tag_set', 'gpu'],
      'tk: no tag-set "gpu" in fixtures/inputs_logits/saved_model.pb; choose from: serve\n',
    ],
    [
      ['scan', '--dir', 'fixtures/inputs_logits', '--tag_set', 'gpu'],
      'tk: no tag-set "gpu" in fixtures/inputs_logits/saved_model.pb; choose from: serve\n',
    ],
    [
      ['show', '--dir', 'fixtures/inputs_logits', '--tag_set', 'serve', '--signature_def', 'x'],
      'tk: no signature "x" under the tag-set serve; choose from: __saved_model_init_op, serving_default\n',
    ],
  ])('refuses %j', async (args, message) => {
    expect(await tk(args, { cwd: repoRoot })).toEqual({ exitCode: 2, stdout: '', stderr: message });
  });
});
