// Two gigabytes of constants: neither read nor held in memory. Measured in the process's own last moment: its peak memory
// and the bytes that it read. The files are sparse, and take no room.
import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { tk } from '../support/cli.ts';
import { writeSparseGraph, writeSparseSavedModel } from '../support/sparse-model.mjs';

const scratch = mkdtempSync(join(tmpdir(), 'tk-large-'));
const CONSTANTS = 20;
const BYTES = 100 * 2 ** 20;

afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const MEASURE = `
import { readFileSync } from 'node:fs';
process.on('exit', () => {
  const read = /rchar: (\\d+)/.exec(readFileSync('/proc/self/io', 'utf8'))[1];
  process.stderr.write(JSON.stringify({ kilobytes: process.resourceUsage().maxRSS, read: Number(read) }));
});`;

/** Runs tk and gives its stdout, peak memory and bytes read. */
async function measured(args: string[]): Promise<{ stdout: string; peakMiB: number; readMiB: number }> {
  const hook = `--import=data:text/javascript,${encodeURIComponent(MEASURE)}`;
  const { exitCode, stdout, stderr } = await tk(args, { env: { NODE_OPTIONS: hook } });
  expect(exitCode).toBe(0);
  const { kilobytes, read } = JSON.parse(stderr);
  return { stdout, peakMiB: kilobytes / 1024, readMiB: read / 2 ** 20 };
}

describe.skipIf(!existsSync('/proc/self/io'))('a model of two gigabytes (needs Linux)', () => {
  it('as a frozen graph', async () => {
    const file = join(scratch, 'frozen.pb');
    writeSparseGraph(file, CONSTANTS, BYTES);
    expect(statSync(file).size).toBeGreaterThan(2e9);
    const { stdout, peakMiB, readMiB } = await measured(['inspect', file, '--json']);
    const report = JSON.parse(stdout);
    expect(report.format).toBe('graph-def');
    expect(report.parameters).toBe((CONSTANTS * BYTES) / 4);
    expect(report.inputs).toEqual([{ name: 'x', dtype: 'float32', shape: [4] }]);
    expect(report.outputs.map(({ name }: { name: string }) => name)).toEqual(['y']);
    expect(peakMiB).toBeLessThan(100);
    expect(readMiB).toBeLessThan(30);
  });

  it('as a SavedModel', async () => {
    const directory = join(scratch, 'saved_model');
    writeSparseSavedModel(directory, CONSTANTS, BYTES);
    const { stdout, peakMiB, readMiB } = await measured(['inspect', '--dir', directory]);
    expect(stdout).toContain("MetaGraphDef with tag-set: 'serve'");
    expect(stdout).toContain("contains the following ops: {'Const', 'Identity', 'Placeholder'}");
    expect(peakMiB).toBeLessThan(100);
    expect(readMiB).toBeLessThan(30);
  });
});
