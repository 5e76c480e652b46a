// action.yml: its shell steps, run as a GitHub runner runs them, with files for the summary and the outputs.
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { paritySchema } from '../../../src/formats/output/parity.ts';
import { locateEnvironment } from '../../../src/runtime/environment.ts';
import { repoRoot } from '../../support/shared.ts';
import { makeOutput } from '../support.ts';

interface Action {
  inputs: Record<string, { default?: string; required?: boolean }>;
  outputs: Record<string, { value: string }>;
  runs: {
    using: string;
    steps: { name: string; id?: string; shell: string; env: Record<string, string>; run: string }[];
  };
}

let action: Action;
let work: string;

beforeAll(() => {
  work = mkdtempSync(join(tmpdir(), 'tk-action-'));
  const code = 'import json, sys, yaml; print(json.dumps(yaml.safe_load(open(sys.argv[1]))))';
  const text = execFileSync(locateEnvironment().python, ['-c', code, join(repoRoot, 'action.yml')], {
    encoding: 'utf8',
  });
  action = JSON.parse(text) as Action;
});
afterAll(() => rmSync(work, { recursive: true, force: true }));

/** Runs a step as the runner does: expressions in `env` filled in, bash with its usual flags. */
async function runStep(name: string, values: Record<string, string>, path: string) {
  const step = action.runs.steps.find((each) => each.name === name)!;
  expect(step.run).not.toContain('${{');
  const env = Object.fromEntries(
    Object.entries(step.env).map(([key, text]) => [
      key,
      text.replace(/\$\{\{ (\S+) \}\}/, (_, of: string) => values[of]!),
    ]),
  );
  const files = Object.fromEntries(
    ['GITHUB_OUTPUT', 'GITHUB_STEP_SUMMARY', 'GITHUB_PATH'].map((key) => [key, join(work, `${name} ${key}`)]),
  );
  for (const file of Object.values(files)) writeFileSync(file, '');
  const { exitCode, stderr } = await execa(
    'bash',
    ['--noprofile', '--norc', '-eo', 'pipefail', '-c', step.run],
    {
      ...{ cwd: work, reject: false },
      env: { ...env, ...files, PATH: `${path}${delimiter}${process.env.PATH}` },
    },
  );
  const read = (key: string) => readFileSync(files[key]!, 'utf8');
  const outputs = Object.fromEntries(
    read('GITHUB_OUTPUT')
      .trim()
      .split('\n')
      .map((line) => line.split('=')),
  );
  return { exitCode, stderr, outputs, summary: read('GITHUB_STEP_SUMMARY'), path: read('GITHUB_PATH') };
}

const verify = (models: string, more: string, reports: string) =>
  runStep(
    'tk verify',
    { 'inputs.models': models, 'inputs.arguments': more, 'inputs.reports': reports },
    join(repoRoot, 'bin'),
  );

describe('action.yml', () => {
  it('is a composite action whose outputs are those of its step', () => {
    expect(action.runs.using).toBe('composite');
    expect(Object.keys(action.inputs)).toEqual(['models', 'arguments', 'reports', 'setup']);
    expect(Object.values(action.outputs).map(({ value }) => value)).toEqual(
      Object.keys(action.outputs).map((name) => `\${{ steps.verify.outputs.${name} }}`),
    );
    expect(action.runs.steps.find(({ id }) => id === 'verify')?.name).toBe('tk verify');
  });

  it('passes where the models agree, with the summary and the four reports', async () => {
    const output = await makeOutput('good');
    const result = await verify(output, '--seed 7', 'reports');
    expect(result.stderr).toBe('record written to reports/parity.json');
    expect(result).toMatchObject({
      exitCode: 0,
      outputs: { verdict: 'passed', 'exit-code': '0', reports: 'reports' },
      summary: expect.stringMatching(/^## tk verify: passed\n/),
    });
    const record = paritySchema.parse(JSON.parse(readFileSync(join(work, 'reports/parity.json'), 'utf8')));
    expect(record.seed).toBe(7);
    expect(readFileSync(join(work, 'reports/junit.xml'), 'utf8')).toContain('failures="0"');
    expect(readFileSync(join(work, 'reports/report.html'), 'utf8')).toContain('<!doctype html>');
  });

  it('fails with 1 where they do not, after summary and outputs; quotes keep an argument whole', async () => {
    const folder = join(work, 'two words');
    mkdirSync(folder);
    const output = await makeOutput('bias-dropped');
    const result = await verify(`"${output}"`, '--bisect --bisect-dir "two words/op"', 'failed reports');
    expect(result.exitCode).toBe(1);
    expect(result.outputs).toEqual({ verdict: 'failed', 'exit-code': '1', reports: 'failed reports' });
    expect(result.summary).toMatch(/^## tk verify: failed\n/);
  });

  it('fails where the verification did not end, and runs nothing that a name spells', async () => {
    const result = await verify('$(>broken)', '', 'reports');
    expect(result.exitCode).toBe(2);
    expect(result.outputs).toMatchObject({ verdict: 'error', 'exit-code': '2' });
    expect(result.summary).toMatch(/^## tk verify did not finish\n/);
    expect(() => readFileSync(join(work, 'broken'))).toThrow();
    const quote = await verify('"unfinished', '', 'reports');
    expect(quote.exitCode).not.toBe(0);
  });

  it('installs in its own folder and puts tk on the path', async () => {
    const bin = join(work, 'stub');
    mkdirSync(bin);
    writeFileSync(join(bin, 'npm'), `#!/bin/sh\necho "$PWD: npm $*" >> "${join(work, 'npm.log')}"\n`);
    chmodSync(join(bin, 'npm'), 0o755);
    const { exitCode, path } = await runStep(
      'Install tk',
      { 'github.action_path': repoRoot.replace(/\/$/, '') },
      bin,
    );
    expect(exitCode).toBe(0);
    const root = repoRoot.replace(/\/$/, '');
    expect(path).toBe(`${join(root, 'bin')}\n`);
    expect(readFileSync(join(work, 'npm.log'), 'utf8')).toBe(`${root}: npm run setup\n`);
  });
});

describe('the recipes of docs/ci.md', () => {
  it('name only flags that tk verify has', async () => {
    const text = readFileSync(join(repoRoot, 'docs/ci.md'), 'utf8');
    const { stdout: help } = await execa(join(repoRoot, 'bin/tk'), ['verify', '--help']);
    const blocks = [...text.matchAll(/```(?:yaml|groovy|sh)\n([\s\S]*?)```/g)].map(([, block]) => block!);
    const flags = blocks.flatMap((block) => [...block.matchAll(/ (--[a-z-]+)/g)].map(([, flag]) => flag!));
    expect(flags.length).toBeGreaterThan(10);
    // npm's and apt-get's.
    const own = flags.filter((flag) => !['--global', '--yes'].includes(flag));
    for (const flag of own) expect(help).toContain(flag);
  });
});
