// The package as `npm pack` makes it, installed in an empty directory, with nothing set up yet.
import { mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { repoRoot } from '../support/shared.ts';

const folder = mkdtempSync(join(tmpdir(), 'tk-installed-'));
const home = join(folder, 'home');
const fixture = join(repoRoot, 'fixtures', 'inputs_logits');

const tiny = { onnx: join(repoRoot, 'fixtures/tiny_face/model.onnx'), savedModel: fixture };
const photo = join(folder, 'photo.jpg');

const recognition = ['onnxruntime-node', 'sharp', '@vladmandic/face-api', 'python packages', 'tensorflow'];

/** What `tk doctor` must find missing where set-up has not run. */
const MISSING_EVERYTHING = {
  convert: ['onnxruntime-node', 'python packages', 'tensorflow'],
  inspect: [],
  show: [],
  scan: [],
  run: ['tensorflow'],
  verify: ['onnxruntime-node', 'tensorflow'],
  recognize: recognition,
  gallery: [...recognition, '@electric-sql/pglite'],
  serve: [...recognition, '@electric-sql/pglite'],
  calibrate: recognition,
  setup: [],
  doctor: [],
  completion: [],
};

beforeAll(async () => {
  await execa('npm', ['pack', '--pack-destination', folder], { cwd: repoRoot });
  const tarball = readdirSync(folder).find((name) => name.endsWith('.tgz'))!;
  writeFileSync(photo, 'not looked at: the environment comes first');
  writeFileSync(join(folder, 'package.json'), '{ "name": "user", "private": true, "type": "module" }');
  await execa('npm', ['install', `./${tarball}`, '--offline', '--ignore-scripts'], { cwd: folder });
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the installed package', () => {
  it('brings no other package', () => {
    const packages = readdirSync(join(folder, 'node_modules')).filter((name) => !name.startsWith('.'));
    expect(packages).toEqual(['@modelkit']);
  });

  it('inspects at once, with no native module and no Python', async () => {
    const { stdout, exitCode } = await installed(['inspect', '--dir', fixture]);
    expect(exitCode).toBe(0);
    expect(stdout).toContain("inputs['inputs_input'] tensor_info:");
    expect(stdout).toContain('name: serving_default_inputs_input:0');
  });

  it('doctor says as JSON what each command lacks, and exits with 3', async () => {
    const { stdout, exitCode } = await installed(['doctor', '--json']);
    expect(exitCode).toBe(3);
    const report = JSON.parse(stdout);
    expect(report.environment).toEqual({ kind: 'user', root: join(home, report.version) });
    const missing = report.commands.map((verdict: { command: string; missing: string[] }) => {
      return [verdict.command, verdict.missing];
    });
    expect(Object.fromEntries(missing)).toEqual(MISSING_EVERYTHING);
    const fixes = report.checks.map(({ name, fix }: { name: string; fix: string | null }) => [name, fix]);
    expect(Object.fromEntries(fixes)).toMatchObject({
      node: null,
      sharp: 'tk setup',
      'python packages': 'tk setup',
    });
  });

  it('doctor judges every command that tk --help lists, in its order', async () => {
    const [help, doctor] = await Promise.all([installed(['--help']), installed(['doctor', '--json'])]);
    const listed = [...help.stdout.split('\nOptions:')[0]!.matchAll(/^ {2}tk (\w+)/gm)].map(
      (match) => match[1],
    );
    const { commands } = JSON.parse(doctor.stdout) as { commands: { command: string }[] };
    expect(commands.map(({ command }) => command)).toEqual(listed);
  });

  it('doctor says the same as tables within 80 columns, and names the one command that mends it', async () => {
    const { stdout, exitCode } = await installed(['doctor']);
    expect(exitCode).toBe(3);
    const lines = stdout.trimEnd().split('\n');
    const tables = lines.filter((line) => /^[┌├│└]/.test(line));
    expect(Math.max(...tables.map((line) => line.length))).toBeLessThanOrEqual(80);
    expect(stdout).toMatch(/│ onnxruntime-node +│ missing │ +│ not installed +│/);
    expect(stdout).toMatch(/│ inspect +│ yes +│ needs nothing more +│/);
    expect(stdout).toMatch(/│ verify +│ no +│ missing: onnxruntime-node, tensorflow +│/);
    expect(lines.at(-1)).toBe('To mend it: tk setup');
  });

  it('doctor without any Python says which command comes first', async () => {
    const { stdout, exitCode } = await installed(['doctor'], { TK_PYTHON: '/bin/false' });
    expect(exitCode).toBe(3);
    expect(stdout).toMatch(/│ setup +│ no +│ missing: python +│/);
    expect(stdout.trimEnd().split('\n').at(-1)).toBe('To mend it: install Python 3.11, then: tk setup');
  });

  it('setup with a Python that is none fails at once with exit code 3, and makes nothing', async () => {
    const { stdout, exitCode } = await installed(['setup', '--json'], { TK_PYTHON: '/bin/false' });
    expect(exitCode).toBe(3);
    expect(JSON.parse(stdout).error).toMatchObject({
      code: 'python-not-found',
      message: expect.stringContaining('TK_PYTHON=/bin/false is no usable Python 3.10, 3.11 or 3.12'),
    });
    expect(readdirSync(folder)).not.toContain('home');
  });

  it.each([
    ['convert', 'mtcnn-rnet', '--out', 'output'],
    ['verify', '--onnx', tiny.onnx, '--saved-model', tiny.savedModel],
    ['recognize', photo, '--gallery', '.'],
  ])('%s says in one line what it lacks, and exits with 3', async (...args) => {
    const { stderr, exitCode } = await installed(args);
    expect(exitCode).toBe(3);
    expect(stderr.trimEnd().split('\n')).toEqual([
      expect.stringMatching(/^tk: .*(not there|not installed)/),
      expect.stringMatching(/^ {4}run: tk (setup|doctor)$/),
    ]);
    expect(readdirSync(folder)).not.toContain('output');
  });

  it('has declarations for TypeScript', async () => {
    writeFileSync(
      join(folder, 'use.ts'),
      "import { convert, EXIT } from '@modelkit/tk';\nexport const ok: 0 = EXIT.ok;\nexport const no: string = convert;\n",
    );
    expect(await typeErrors('use.ts')).toEqual([
      expect.stringMatching(/^use\.ts\(3,14\): error TS2322: Type '\(options: ConvertOptions/),
    ]);
  });

  it('has declarations of what is in a manifest, where zod is beside it', async () => {
    symlinkSync(join(repoRoot, 'node_modules/zod'), join(folder, 'node_modules/zod'));
    writeFileSync(
      join(folder, 'manifest.ts'),
      "import { convert } from '@modelkit/tk';\nconst { manifest } = await convert({ source: 'mtcnn-rnet', out: 'o' });\nexport const no: number = manifest.engine.name;\n",
    );
    expect(await typeErrors('manifest.ts')).toEqual([
      "manifest.ts(3,14): error TS2322: Type 'string' is not assignable to type 'number'.",
    ]);
  });
});

/** What the compiler says of a file beside the installed package. */
async function typeErrors(file: string): Promise<string[]> {
  const flags = ['--noEmit', '--strict', '--module', 'nodenext', '--skipLibCheck', '--types', 'node'];
  const types = ['--typeRoots', join(repoRoot, 'node_modules/@types')];
  const tsc = join(repoRoot, 'node_modules/typescript/bin/tsc');
  const run = await execa(process.execPath, [tsc, ...flags, ...types, file], { cwd: folder, reject: false });
  return run.stdout.split('\n').filter((line) => line.includes('error TS'));
}

async function installed(args: string[], env: Record<string, string> = {}) {
  const bin = join(folder, 'node_modules', '.bin', 'tk');
  return await execa(bin, args, {
    cwd: folder,
    reject: false,
    env: { TK_HOME: home, TK_CACHE: join(folder, 'cache'), ...env },
  });
}
