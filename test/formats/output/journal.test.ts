// After a kill at any moment of publishing, the next command sees the old output or the new one, whole.
import { existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { describe, expect, it } from 'vitest';
import { PUBLISH_STEPS, publish, recover, stagingDirectory } from '../../../src/formats/output/journal.ts';
import { resolveOutput, siblingPaths } from '../../../src/formats/output/layout.ts';
import { bundleProgram, temporaryFolder, treeOf, writeOutput } from '../../convert/support.ts';

const KILLED_AT = `
  import { publish, stagingDirectory } from './formats/output/journal.ts';
  import { acquireLock } from './formats/output/lock.ts';
  import { siblingPaths } from './formats/output/layout.ts';
  import { mkdirSync, writeFileSync } from 'node:fs';
  const [out, fatal] = process.argv.slice(2);
  acquireLock(siblingPaths(out).lock, out);
  const staged = stagingDirectory(out);
  mkdirSync(staged);
  writeFileSync(staged + '/model.onnx', 'new');
  writeFileSync(staged + '/manifest.json', JSON.stringify({ schemaVersion: 1, files: { 'model.onnx': {} } }));
  await publish({ staged, out, onStep: (step) => step === fatal && process.kill(process.pid, 'SIGKILL') });
`;

describe('a publisher that is killed', () => {
  for (const step of PUBLISH_STEPS) {
    const survivor = PUBLISH_STEPS.indexOf(step) < PUBLISH_STEPS.indexOf('old-aside') ? 'old' : 'new';

    it(`right after '${step}' leaves the ${survivor} output whole`, async () => {
      const folder = temporaryFolder();
      const out = join(folder, 'output');
      writeOutput(out, 'old');
      const old = treeOf(out);
      const program = bundleProgram(folder, KILLED_AT);
      const result = await execa('node', [program, out, step], { reject: false });
      expect(result.signal, result.stderr).toBe('SIGKILL');

      await recover(out);

      expect(treeOf(out)['model.onnx']).toBe(survivor);
      expect(Object.keys(treeOf(out))).toEqual(Object.keys(old));
      expect(existsSync(siblingPaths(out).journal)).toBe(false);
    });
  }

  it('while there was no old output leaves none or the new one', async () => {
    for (const [step, survives] of [
      ['journal-drafted', false],
      ['journal-written', true],
      ['old-aside', true],
      ['new-in', true],
    ] as const) {
      const folder = temporaryFolder();
      const out = join(folder, 'output');
      await execa('node', [bundleProgram(folder, KILLED_AT), out, step], { reject: false });
      await recover(join(out, 'keras'));
      expect(existsSync(out), step).toBe(survives);
      if (survives) expect(treeOf(out)['model.onnx']).toBe('new');
    }
  });
});

describe('publish', () => {
  it('replaces a linked output where it stands and keeps the link', async () => {
    const folder = temporaryFolder();
    writeOutput(join(folder, 'disk', 'real'), 'old');
    symlinkSync(join('disk', 'real'), join(folder, 'output'));
    const out = resolveOutput(join(folder, 'output'));
    await publish({ staged: stage(out, 'new'), out });
    expect(treeOf(join(folder, 'disk', 'real'))['model.onnx']).toBe('new');
    expect(treeOf(join(folder, 'output'))['model.onnx']).toBe('new');
    expect(readdirSync(join(folder, 'disk'))).toEqual(['real']);
  });

  it('puts the old output back when it is found to hold something of somebody', async () => {
    const folder = temporaryFolder();
    const out = join(folder, 'output');
    writeOutput(out, 'old');
    const refuse = (): void => {
      throw new Error('holds a thesis');
    };
    await expect(publish({ staged: stage(out, 'new'), out, checkOld: refuse })).rejects.toThrow(
      'holds a thesis',
    );
    expect(treeOf(out)['model.onnx']).toBe('old');
    expect(existsSync(siblingPaths(out).journal)).toBe(false);
  });
});

describe('recover', () => {
  it('follows no journal that names anything but our own siblings', async () => {
    const folder = temporaryFolder();
    const out = join(folder, 'output');
    mkdirSync(join(folder, 'thesis'));
    const journal = { schemaVersion: 1, staged: '.output.tk-new-1', old: '.output.tk-old-1/../thesis' };
    writeFileSync(siblingPaths(out).journal, JSON.stringify(journal));
    await expect(recover(out)).rejects.toMatchObject({ code: 'bad-journal', exitCode: 2 });
    expect(existsSync(join(folder, 'thesis'))).toBe(true);
  });

  it('deletes neither directory when the output was made anew after the kill', async () => {
    const folder = temporaryFolder();
    const out = join(folder, 'output');
    writeOutput(out, 'old');
    await execa('node', [bundleProgram(folder, KILLED_AT), out, 'old-aside'], { reject: false });
    mkdirSync(out);
    await expect(recover(out)).rejects.toMatchObject({ code: 'output-made-anew', exitCode: 2 });
    expect(readdirSync(folder).some((name) => name.startsWith('.output.tk-old-'))).toBe(true);
  });

  it('does nothing where nothing is left', async () => {
    expect(await recover(join(temporaryFolder(), 'output'))).toBe('nothing');
  });
});

function stage(out: string, content: string): string {
  const staged = stagingDirectory(out);
  writeOutput(staged, content);
  return staged;
}
