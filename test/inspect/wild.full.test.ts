// Models as they are met in the wild (wild.py): what `tk show` and `tk scan` print of each equals the real saved_model_cli's
// output, byte for byte, but for the order of sets.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { locateEnvironment } from '../../src/runtime/environment.ts';
import { tk } from '../support/cli.ts';
import { repoRoot } from '../support/shared.ts';

const scratch = mkdtempSync(join(tmpdir(), 'tk-wild-'));
/** The makers that wild.py lists. */
const NAMES = [
  ...(
    /MAKERS = \[(.*?)\n\]/s.exec(readFileSync(join(repoRoot, 'test/inspect/wild.py'), 'utf8'))?.[1] ?? ''
  ).matchAll(/\w+/g),
].map(([name]) => name);
const FORMS: [verb: string, ...args: string[]][] = [['show', '--all'], ['show'], ['scan']];

let printed: Record<string, string>;

function oracle(input: object): Record<string, string> {
  const text = execFileSync(locateEnvironment().python, [join(repoRoot, 'test/inspect/oracle.py')], {
    input: JSON.stringify(input),
    encoding: 'utf8',
    stdio: ['pipe', 'pipe', 'ignore'],
    maxBuffer: 2 ** 28,
  });
  return JSON.parse(text) as Record<string, string>;
}

beforeAll(() => {
  const make = [join(repoRoot, 'test/inspect/wild.py'), scratch];
  execFileSync(locateEnvironment().python, make, { stdio: ['ignore', 'ignore', 'pipe'] });
  const calls = NAMES.flatMap((name) =>
    FORMS.map(([verb, ...args]) => ({
      ...{ id: [verb, ...args, name].join(' '), verb },
      args: ['--dir', join(scratch, name), ...args],
    })),
  );
  printed = oracle({ make: null, calls });
}, 600_000);

afterAll(() => rmSync(scratch, { recursive: true, force: true }));

/** The one normalisation. */
function withSortedOps(text: string): Buffer {
  const sorted = text.replace(
    /((?:contains the following|denylisted) ops: )\{(.*)\}/g,
    (_, before: string, ops: string) => `${before}{${ops.split(', ').sort().join(', ')}}`,
  );
  return Buffer.from(sorted, 'utf8');
}

describe('models in the wild', () => {
  it('are all there', () => {
    expect(NAMES.length).toBeGreaterThan(30);
    expect(Object.keys(printed)).toHaveLength(NAMES.length * FORMS.length);
    for (const [id, text] of Object.entries(printed)) expect(text, id).not.toMatch(/^!/);
  });

  it.each(
    FORMS.flatMap(([verb, ...args]) =>
      NAMES.map((name) => [[verb, ...args, name].join(' '), verb, args, name]),
    ),
  )('%s', async (id, verb, args, name) => {
    const { exitCode, stdout } = await tk([
      verb as string,
      '--dir',
      join(scratch, name as string),
      ...(args as string[]),
    ]);
    expect(exitCode).toBe(0);
    const theirs = withSortedOps(printed[id as string] as string);
    const ours = withSortedOps(stdout);
    expect(ours.toString()).toBe(theirs.toString());
    expect(ours.equals(theirs)).toBe(true);
  });
});
