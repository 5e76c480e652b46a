// `tk run` prints and saves what the real saved_model_cli does, to the byte.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bytesRepr } from '../../src/formats/npy/text.ts';
import { repr } from '../../src/inspect/python-text.ts';
import { type PythonLiteral, parsePythonLiteral } from '../../src/run/python-literal.ts';
import { locateEnvironment } from '../../src/runtime/environment.ts';
import { tk } from '../support/cli.ts';
import { hasShared, repoRoot, sharedData } from '../support/shared.ts';

const folder = mkdtempSync(join(tmpdir(), 'tk-run-'));
const ours = join(folder, 'ours');

const signature = (key: string, ...args: string[]) => [
  ...['--dir', '../model', '--tag_set', 'serve', '--signature_def', key, ...args],
];

/** Calls with the folder that each writes to. */
const CALLS: Record<string, string[]> = {
  'a .npy, every carried type': signature('common', '--inputs', 'x=../x.npy', '--outdir', 'common'),
  'an array of a .npz, cast': signature('common', '--inputs', 'x=../two.npz[first]', '--outdir', 'npz/deep/'),
  'column-major float64': signature('common', '--inputs', 'x=../fortran.npy'),
  'a literal beside a file': signature(
    ...['common', '--inputs', 'x=../x.npy', '--input_exprs', 'x=[(1, -2.5, True), [None, 1e10, 0.1]]'],
  ),
  texts: signature(
    ...[
      'texts',
      '--input_exprs',
      `s=["", 'a', "b", b'b', b'\\x00\\xfe', "é", "x" "y", ""]`,
      '--outdir',
      'texts',
    ],
  ),
  'one text': signature('texts', '--input_exprs', 's="snow ☃"', '--outdir', 'one-text'),
  'a nest of texts': signature('texts', '--input_exprs', 's=[[["q"]]]', '--outdir', 'nest'),
  'tf.Examples': signature(
    'examples',
    '--input_examples',
    `examples=[{"age": [1.5, 2], "id": [7, -8], "name": ["n", "ü"]},{"age":[0.0,1],"id":[True,9],"name":[b"\\xff",b""]}]`,
    ...['--outdir', 'examples'],
  ),
  'casts to integers and booleans': signature(
    ...['cast', '--inputs', 'i=../one.npz', '--input_exprs', 'b=[0.5, 0]', '--outdir', 'cast'],
  ),
  'types of the worker': signature(
    ...['rare', '--input_exprs', String.raw`x=[1.5, 0.1, 100];s=["a\0", b"\xff\0", ""]`, '--outdir', 'rare'],
  ),
};
if (hasShared) {
  const dir = sharedData('savedmodels', 'tensorflow__half_plus_two');
  CALLS['half_plus_two (needs shared/data)'] = [
    ...['--dir', dir, '--tag_set', 'serve', '--signature_def', 'regress_x_to_y'],
    ...['--input_examples', 'inputs=[{"x":[1.0]},{"x":[3.0]}]', '--outdir', 'half'],
  ];
}

const LITERALS = [
  ...[
    '1',
    '-1',
    '+-1',
    '0x1F',
    '0b1_0',
    '0o17',
    '00',
    '01',
    '1_000',
    '1__0',
    '.5',
    '1.',
    '1e5',
    '1.5E-3',
    '1e400',
  ],
  ...[
    'True',
    'None',
    'nan',
    'np.ones(2)',
    '[]',
    '()',
    '(1)',
    '(1,)',
    '1, 2',
    '[1, (2, 3,), []]',
    '[1 2]',
    '[,]',
  ],
  ...[`"a" 'b'`, `b"a" b'c'`, `"a" b"b"`, `'''x\n"y"'''`, `'a\nb'`, String.raw`"\n\x41\u00e9\101\q\\"`],
  ...[String.raw`r"\n"`, String.raw`b"\xff\0\u"`, String.raw`"\xf"`, 'u"x"', 'f"x"', 'b"é"', '"é"', '"open'],
  ...[
    '{"a": [1], 2: b"c"}',
    '{}',
    '{1}',
    '{"a" 1}',
    '  [1,\n 2] # end',
    '1 if 1 else 2',
    '1j',
    '...',
    '',
    '1;',
  ],
  ...[
    '[[1.0, 2]]',
    '__import__("os")',
    '-True',
    '- 5',
    '-(-5)',
    '-(5)',
    '(((((1)))))',
    '[1,,2]',
    '(,)',
    '1.5.2',
    '12abc',
    "'\\\n'",
  ],
];

let printed: Record<string, string>;
let literals: (string | null)[];

beforeAll(() => {
  const calls = Object.entries(CALLS).map(([id, args]) => ({ id, args }));
  const text = execFileSync(locateEnvironment().python, [join(repoRoot, 'test/run/oracle.py')], {
    input: JSON.stringify({ folder, calls, literals: LITERALS }),
    encoding: 'utf8',
    stdio: ['pipe', 'pipe', 'ignore'],
    env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1' },
    maxBuffer: 2 ** 28,
  });
  ({ printed, literals } = JSON.parse(text));
  mkdirSync(ours);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe.concurrent('saved_model_cli run', () => {
  it.each(Object.keys(CALLS))('%s', async (id) => {
    const args = CALLS[id] as string[];
    const theirs = printed[id] as string;
    expect(theirs).not.toMatch(/^!/);
    const { exitCode, stdout, stderr } = await tk(['run', ...args], { cwd: ours });
    expect([exitCode, stderr.replace(/^warning: .*\n/, '')]).toEqual([0, '']);
    expect(stdout).toBe(theirs);
    const outdir = args[args.indexOf('--outdir') + 1] as string;
    if (!args.includes('--outdir')) return;
    const files = readdirSync(join(folder, 'theirs', outdir));
    expect(readdirSync(join(ours, outdir)).sort()).toEqual(files.sort());
    for (const file of files) {
      const [saved, expected] = ['ours', 'theirs'].map((side) =>
        readFileSync(join(folder, side, outdir, file)),
      );
      expect(saved?.toString('latin1'), file).toBe(expected?.toString('latin1'));
    }
  });
});

describe("Python's literals", () => {
  it('are what ast.literal_eval makes of them, or refused', () => {
    const read = LITERALS.map((text) => {
      try {
        return pythonRepr(parsePythonLiteral(text));
      } catch {
        return null;
      }
    });
    const expected = LITERALS.map((text, index) => [text, BEYOND.has(text) ? null : literals[index]]);
    expect(LITERALS.map((text, index) => [text, read[index]])).toEqual(expected);
  });
});

/** Literals of Python that no tensor here takes: sets, complex numbers, Ellipsis. */
const BEYOND: ReadonlySet<string> = new Set(['{1}', '1j', '...']);

function pythonRepr(value: PythonLiteral): string {
  switch (value.type) {
    case 'none':
      return 'None';
    case 'bytes':
      return bytesRepr(value.value);
    case 'int':
      return String(value.value);
    case 'float':
      return repr({ type: 'float', value: Number.isFinite(value.value) ? value.value : 'inf' });
    case 'bool':
    case 'str':
      return repr(value as never);
    case 'list':
      return `[${value.items.map(pythonRepr).join(', ')}]`;
    case 'tuple':
      return `(${value.items.map(pythonRepr).join(', ')}${value.items.length === 1 ? ',' : ''})`;
    case 'dict':
      return `{${value.entries.map(([key, item]) => `${pythonRepr(key)}: ${pythonRepr(item)}`).join(', ')}}`;
  }
}

describe.concurrent('bad input', () => {
  it.each<[string, string[], string]>([
    ['no inputs', signature('cast'), 'tk run needs one of --inputs, --input_exprs, --input_examples'],
    ['no dir', ['--tag_set', 'serve'], 'tk run needs --dir'],
    [
      'a call',
      signature('common', '--input_exprs', 'x=np.ones((1,3))'),
      'Expression "np.ones((1,3))" is not a valid Python literal (at "np.ones((1,3))")',
    ],
    [
      'an unknown key',
      signature('common', '--input_exprs', 'y=1'),
      '"y" is not an input of common; choose from: "x"',
    ],
    [
      'another shape',
      signature('common', '--input_exprs', 'x=[1.0, 2.0]'),
      'input x (float32): a value of shape (2) was given, its shape is (?, 3)',
    ],
    [
      'uneven lists',
      signature('common', '--input_exprs', 'x=[[1, 2, 3], [4]]'),
      'input x (float32): its lists are not all of the same length',
    ],
    [
      'an archive of several arrays',
      signature('common', '--inputs', 'x=../two.npz'),
      '../two.npz does not hold exactly one array; it holds: first, second',
    ],
    [
      'a feature without values',
      signature('examples', '--input_examples', 'examples=[{"age": []}]'),
      'feature "age" is an empty list, which has no type',
    ],
    [
      'an unknown signature',
      signature('nope', '--input_exprs', 'x=1'),
      '../model has no signature nope; it has: cast, common, examples, rare, texts',
    ],
  ])('%s is one line and exit 2', async (_, args, message) => {
    const { exitCode, stdout, stderr } = await tk(['run', ...args], { cwd: ours });
    expect([exitCode, stdout, stderr.split('\n')[0]]).toEqual([2, '', `tk: ${message}`]);
  });

  it('an input that is missing is refused by TensorFlow, in one line', async () => {
    const { exitCode, stderr } = await tk(['run', ...signature('cast', '--input_exprs', 'i=[1]')], {
      cwd: ours,
    });
    expect([exitCode, stderr.split('\n').length]).toEqual([2, 2]);
    expect(stderr).toMatch(/^tk: tfjs-node could not run .*feed a value/);
  });

  it('--overwrite without a folder to write to is told of', async () => {
    const args = signature('cast', '--input_exprs', 'i=[1];b=[1,0]', '--overwrite');
    const { exitCode, stderr } = await tk(['run', ...args], { cwd: ours });
    expect([exitCode, stderr]).toEqual([0, 'warning: --overwrite is not used without --outdir\n']);
  });

  it('files that are there stay, unless --overwrite is given', async () => {
    const args = ['run', ...signature('cast', '--input_exprs', 'i=[1];b=[1,0]', '--outdir', 'kept')];
    expect((await tk(args, { cwd: ours })).exitCode).toBe(0);
    rmSync(join(ours, 'kept/b.npy'));
    const before = readFileSync(join(ours, 'kept/i.npy'));
    const second = [...args];
    second[second.indexOf('i=[1];b=[1,0]')] = 'i=[2];b=[1,0]';
    const refused = await tk(second, { cwd: ours });
    expect([refused.exitCode, refused.stdout]).toEqual([2, '']);
    expect(refused.stderr).toBe(
      'tk: Output file kept/i.npy already exists\n    add --overwrite to replace it\n',
    );
    expect([existsSync(join(ours, 'kept/b.npy')), readFileSync(join(ours, 'kept/i.npy'))]).toEqual([
      false,
      before,
    ]);
    expect((await tk([...second, '--overwrite'], { cwd: ours })).exitCode).toBe(0);
    expect(readFileSync(join(ours, 'kept/i.npy')).readInt32LE(128)).toBe(2);
  });
});
