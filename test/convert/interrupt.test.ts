// Ctrl-C in a stage of a real run: the worker ends with its children, the temporary directory goes, the old output stays.
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { repoRoot } from '../support/shared.ts';
import { temporaryFolder, treeOf, writeOutput, writeTree } from './support.ts';

/** Says by a file that it has come to its slow place, then waits there for longer than any test. */
const NET = `
import os, pathlib, time, torch

def wait(place):
    if os.environ.get("TEST_SLOW") == place:
        pathlib.Path(os.environ["TEST_MARKER"]).touch()
        time.sleep(600)

class Net(torch.nn.Module):
    def forward(self, x):
        if torch.jit.is_tracing():
            wait("export")
        return torch.relu(x)

def make():
    wait("load")
    return Net()
`;

const COMMAND = ['convert', 'net.py:make', '--input', 'x:float32[N,4]', '--force'];

/**
 * Runs bin/tk, sends SIGINT as soon as `ready` holds for what it has printed, and expects what Ctrl-C promises.
 */
async function expectCleanInterrupt(
  args: string[],
  env: Record<string, string>,
  ready: (stderr: string) => boolean,
): Promise<void> {
  const folder = temporaryFolder();
  writeTree(folder, { 'net.py': NET });
  writeOutput(join(folder, 'output'), 'old');
  const before = treeOf(folder);
  const child = spawn(process.execPath, [join(repoRoot, 'bin/tk'), ...COMMAND, ...args], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, ...env, PYTHONDONTWRITEBYTECODE: '1' },
  });
  let stderr = '';
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  const timer = setInterval(() => {
    if (!ready(stderr)) return;
    clearInterval(timer);
    child.kill('SIGINT');
  }, 20);
  const exitCode = await new Promise((resolve) => child.on('close', resolve));
  clearInterval(timer);
  expect(stderr.trimEnd().split('\n').at(-1)).toBe('tk: interrupted');
  expect(exitCode).toBe(130);
  expect(treeOf(folder)).toEqual(before);
  expect(readdirSync(folder).sort()).toEqual(['net.py', 'output']);
  expect(processesIn(folder)).toEqual([]);
}

/** Processes that work in a folder: tk, its worker and their children. */
function processesIn(folder: string): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        return readlinkSync(`/proc/${pid}/cwd`) === folder;
      } catch {
        return false;
      }
    });
}

describe.runIf(process.platform === 'linux')('Ctrl-C', () => {
  for (const stage of ['load', 'export']) {
    it(`in ${stage}, while the user's own code runs`, async () => {
      const marker = join(temporaryFolder(), 'reached');
      await expectCleanInterrupt([], { TEST_SLOW: stage, TEST_MARKER: marker }, () => existsSync(marker));
    });
  }

  it('in tensorflow, while onnx2tf works', async () => {
    await expectCleanInterrupt(['--engine', 'onnx2tf'], {}, (stderr) => /^check /m.test(stderr));
  });

  it('in parity, while the runtimes load', async () => {
    await expectCleanInterrupt(['--engine', 'native'], {}, (stderr) => /^signature /m.test(stderr));
  });
});
