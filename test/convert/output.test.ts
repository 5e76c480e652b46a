// What becomes of the output directory: cached runs, two runs at once, full and read-only disks, a failed parity gate.
import { execFileSync } from 'node:child_process';
import { appendFileSync, cpSync, existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { describe, expect, it } from 'vitest';
import { hashFile } from '../../src/formats/hash.ts';
import { readManifest } from '../../src/formats/output/manifest.ts';
import { locateEnvironment } from '../../src/runtime/environment.ts';
import { tk } from '../support/cli.ts';
import { canMount, mounted } from '../support/disk.ts';
import { repoRoot } from '../support/shared.ts';
import { temporaryFolder, treeOf, writeOutput, writeTree } from './support.ts';

/** Two inputs, one of them int64 ids, and two outputs, one of them int64. */
const TWO_BY_TWO = `
import torch

class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.table = torch.nn.Embedding(10, 4)
        self.linear = torch.nn.Linear(4, 4)

    def forward(self, ids, x):
        rows = self.table(ids) + self.linear(x)
        return rows, ids + 2**40

def make():
    torch.manual_seed(0)
    net = Net()
    net.tk_output_names = ["rows", "shifted"]
    return net
`;

/** Counts its calls in Python, which no export can see: torch's reference and the graph differ. */
const COUNTING = `
import torch

class Net(torch.nn.Module):
    calls = 0

    def forward(self, x):
        Net.calls += 1
        return torch.relu(x) * float(Net.calls)

def make():
    return Net()
`;

const BLAS = `
import helper, torch

def make():
    return torch.nn.Sequential(torch.nn.Linear(4, helper.WIDTH), torch.nn.ReLU())
`;

/** Relu from x to y, float32 [N, 4], opset 17; as bad_inputs.py makes good.onnx. */
const RELU = Buffer.from(
  'CAg6QgoRCgF4EgF5GgNvZGQiBFJlbHUSAWdaFAoBeBIPCg0IARIJCgMSAU4KAggEYhQKAXkSDwoNCAESCQoDEgFOCgIIBEIECgAQEQ==',
  'base64',
);

const X = ['--input', 'x:float32[N,4]'];

describe('several inputs and outputs with int64 ids', () => {
  it('pass convert, verify and inspect', async () => {
    const folder = temporaryFolder();
    writeTree(folder, { 'net.py': TWO_BY_TWO });
    const inputs = ['--input', 'ids:int64[N]=0..9', '--input', 'x:float32[N,4]'];
    const made = await tk(['convert', 'net.py:make', ...inputs, '--engine', 'native'], { cwd: folder });
    expect(made.stderr).toContain('parity passed');
    const { inputs: ins, outputs } = readManifest(join(folder, 'output'));
    expect(ins.map(({ signatureKey, dtype }) => `${signatureKey} ${dtype}`)).toEqual([
      'ids int64',
      'x float32',
    ]);
    expect(outputs.map(({ signatureKey, dtype }) => `${signatureKey} ${dtype}`)).toEqual([
      'rows float32',
      'shifted int64',
    ]);
    const verified = await tk(['verify', 'output'], { cwd: folder });
    expect(verified.exitCode, verified.stderr).toBe(0);
    const inspected = await tk(['inspect', '--dir', 'output/keras'], { cwd: folder });
    expect(inspected.stdout).toContain("inputs['ids'] tensor_info:\n        dtype: DT_INT64");
    expect(inspected.stdout).toContain("outputs['shifted'] tensor_info:\n        dtype: DT_INT64");
  });
});

describe('a second run', () => {
  it('does nothing until an imported file changes, or --force, or the output was touched', async () => {
    const folder = temporaryFolder();
    writeTree(folder, { 'net.py': BLAS, 'helper.py': 'WIDTH = 3\n' });
    const run = (...more: string[]) =>
      tk(['convert', 'net.py:make', ...X, '--engine', 'native', '--no-verify', '--json', ...more], {
        cwd: folder,
      });
    const cached = async (...more: string[]): Promise<boolean> =>
      JSON.parse((await run(...more)).stdout).cached;

    expect(await cached()).toBe(false);
    const first = readManifest(join(folder, 'output'));
    expect(first.imports.map(({ path }) => path.split('/').at(-1))).toEqual(['helper.py', 'net.py']);
    expect(existsSync(join(folder, 'output', 'parity.json'))).toBe(false);
    expect(await cached()).toBe(true);
    expect(readManifest(join(folder, 'output'))).toEqual(first);

    writeFileSync(join(folder, 'helper.py'), 'WIDTH = 5\n');
    expect(await cached()).toBe(false);
    expect(readManifest(join(folder, 'output')).outputs[0]?.shape).toEqual(['N', 5]);

    appendFileSync(join(folder, 'output', 'model.onnx'), 'x');
    expect(await cached()).toBe(false);
    expect(await cached('--force')).toBe(false);
  });

  it('says so to people', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'model.onnx'), RELU);
    await tk(['convert', 'model.onnx', '--no-verify'], { cwd: folder });
    const { exitCode, stdout, stderr } = await tk(['convert', 'model.onnx', '--no-verify'], { cwd: folder });
    expect(stderr).toBe(
      'nothing to do: source, weights, flags and code are those of the last run (--force converts again)\n',
    );
    expect(stdout).toBe('output\n');
    expect(exitCode).toBe(0);
  });
});

describe('a run whose parity fails', () => {
  it('goes to OUT.failed, leaves OUT, and names the command that looks deeper', async () => {
    const folder = temporaryFolder();
    writeTree(folder, { 'net.py': COUNTING });
    writeOutput(join(folder, 'output'), 'old');
    const old = treeOf(join(folder, 'output'));
    const { exitCode, stdout, stderr } = await tk(['convert', 'net.py:make', ...X, '--engine', 'native'], {
      cwd: folder,
    });
    expect(stderr).toContain('tk: the converted model does not compute the same: output of ');
    expect(stderr).toContain(
      'the run is in output.failed, output is untouched\n    look deeper with: tk verify output.failed --bisect\n',
    );
    expect(exitCode).toBe(1);
    expect(stdout).toBe('');
    expect(treeOf(join(folder, 'output'))).toEqual(old);
    expect(Object.keys(treeOf(join(folder, 'output.failed')))).toContain('parity.json');
    expect(readdirSync(folder).sort()).toEqual(['net.py', 'output', 'output.failed']);
  });
});

describe('tolerances', () => {
  it('of the flags hold for the gate and for every later verify, which says which it used', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'model.onnx'), RELU);
    const json = async (...line: string[]) =>
      JSON.parse((await tk([...line, '--json'], { cwd: folder })).stdout);
    const converted = await json('convert', 'model.onnx', '--atol', '0.25');
    expect(converted.parity.tolerances).toEqual({ atol: 0.25, rtol: 1e-3 });
    expect(readManifest(join(folder, 'output')).tolerances).toEqual({ atol: 0.25, rtol: 1e-3 });
    expect((await json('verify', 'output')).tolerances).toEqual({ atol: 0.25, rtol: 1e-3 });
    expect((await json('verify', 'output', '--atol', '0')).tolerances).toEqual({ atol: 0, rtol: 1e-3 });
    expect((await json('convert', 'model.onnx')).parity.tolerances).toEqual({ atol: 1e-5, rtol: 1e-3 });
    expect(readManifest(join(folder, 'output')).tolerances).toBeNull();
  });

  it('that are none are refused before any work', async () => {
    const { exitCode, stderr } = await tk(['convert', 'model.onnx', '--rtol', '-1'], {
      cwd: temporaryFolder(),
    });
    expect(stderr).toMatch(/^tk: --rtol is not a number of 0 or more\n/);
    expect(exitCode).toBe(2);
  });
});

describe('flags of the native engine', () => {
  it('stand in the manifest, make another output, and hold for the gate', async () => {
    const folder = temporaryFolder();
    const tiny = join(repoRoot, 'fixtures', 'tiny_face', 'model.onnx');
    const json = async (...more: string[]) =>
      JSON.parse((await tk(['convert', tiny, '--json', ...more], { cwd: folder })).stdout);
    const flags = ['--dtype', 'float16', '--freeze', '--optimize', 'none'];
    await json();
    const usual = readManifest(join(folder, 'output'));
    expect(usual.options).toMatchObject({ optimize: 'default', freeze: false, dtype: 'float32' });
    expect(Object.keys(usual.files)).toContain('keras/variables/variables.index');

    const frozen = await json(...flags);
    expect(frozen.cached).toBe(false);
    // Weights of half precision have a tolerance of their own (docs/convert.md).
    expect(frozen.parity).toMatchObject({ verdict: 'passed', tolerances: { atol: 2e-2, rtol: 1e-2 } });
    const { options, tolerances, files } = readManifest(join(folder, 'output'));
    expect(options).toMatchObject({ optimize: 'none', freeze: true, dtype: 'float16' });
    expect(tolerances).toEqual({ atol: 2e-2, rtol: 1e-2 });
    expect(Object.keys(files).filter((path) => path.startsWith('keras/'))).toEqual(['keras/saved_model.pb']);

    expect((await json(...flags)).cached).toBe(true);
    expect((await json(...flags, '--rtol', '0.05')).parity.tolerances).toEqual({ atol: 2e-2, rtol: 0.05 });
  });
});

describe('an .onnx source', () => {
  it('needs no Python with the native engine, and the manifest says who checked it', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'model.onnx'), RELU);
    const { exitCode, stderr } = await installedWithoutPython(folder, [
      'convert',
      'model.onnx',
      '--no-verify',
    ]);
    expect(exitCode, stderr).toBe(0);
    expect(readManifest(join(folder, 'output'))).toMatchObject({
      checkedBy: 'native',
      engine: { name: 'native', requested: 'auto', reason: null },
    });
  });

  it('whose outputs declare no shape, or one frozen where inputs vary, gets what its nodes make', async () => {
    const folder = temporaryFolder();
    execFileSync(locateEnvironment().python, [join(repoRoot, 'test/convert/declared_outputs.py'), folder]);
    const { exitCode, stderr } = await tk(['convert', 'model.onnx'], { cwd: folder });
    expect(exitCode, stderr).toBe(0);
    const { engine, outputs } = readManifest(join(folder, 'output'));
    expect(engine.name).toBe('native');
    expect(outputs.map(({ signatureKey, shape }) => [signatureKey, shape])).toEqual([
      ['without_shape', ['N', 4]],
      ['without_dimensions', ['N', 4]],
      ['frozen', ['N', 4]],
      ['other_symbols', ['M', 'K']],
      ['batch_of_one', [null, 4]],
    ]);
  });

  it('whose outputs are all declared empty is compared by types and shapes', async () => {
    const folder = temporaryFolder();
    execFileSync(locateEnvironment().python, [join(repoRoot, 'test/convert/declared_outputs.py'), folder]);
    const { exitCode, stderr } = await tk(['convert', 'empty.onnx'], { cwd: folder });
    expect(exitCode, stderr).toBe(0);
    expect(stderr).toContain('parity passed');
  });

  it('of a classifier that gives maps has their scores as a tensor, which is told and listed', async () => {
    const folder = temporaryFolder();
    const source = join(repoRoot, 'test/convert/exporters/sklearn-defaults.onnx');
    const { exitCode, stderr } = await tk(['convert', source, '--engine', 'native'], { cwd: folder });
    expect(exitCode, stderr).toBe(0);
    expect(stderr).toContain(
      'output output_probability: its ZipMap makes maps, and a SavedModel has tensors only: it is the scores [rows, 3], one column a class: setosa, versicolor, virginica\n',
    );
    expect(stderr).toContain('parity passed');
    const manifest = readManifest(join(folder, 'output'));
    expect(manifest.unzipped).toEqual([
      { output: 'output_probability', classes: ['setosa', 'versicolor', 'virginica'] },
    ]);
    expect(manifest.outputs[1]).toMatchObject({
      signatureKey: 'output_probability',
      dtype: 'float32',
      shape: [null, 3],
    });
    const { sha256 } = await hashFile(source);
    expect(manifest.source.sha256).toBe(sha256);
    expect(manifest.files['model.onnx']?.sha256).not.toBe(sha256);
  });

  it('keeps external data beside the model', async () => {
    const folder = temporaryFolder();
    const script = join(repoRoot, 'test/convert/external_data.py');
    execFileSync(locateEnvironment().python, [script, folder]);
    const { exitCode, stderr } = await tk(['convert', 'model.onnx', '--engine', 'native'], { cwd: folder });
    expect(exitCode, stderr).toBe(0);
    const { files, imports } = readManifest(join(folder, 'output'));
    expect(files['weights/w.bin']?.bytes).toBe(16);
    expect(imports.map(({ path }) => path)).toEqual([join(folder, 'weights', 'w.bin')]);
  });
});

describe('two runs on one output at once', () => {
  it('the second ends with one error that names the pid of the first', async () => {
    const folder = temporaryFolder();
    writeTree(folder, { 'net.py': 'import time\n\ndef make():\n    time.sleep(600)\n' });
    const first = execa(process.execPath, [join(repoRoot, 'bin/tk'), 'convert', 'net.py:make', ...X], {
      cwd: folder,
      reject: false,
    });
    await waitFor(() => existsSync(join(folder, '.output.tk-lock')));
    const second = await tk(['convert', 'net.py:make', ...X], { cwd: folder });
    expect(second.stderr).toBe(
      `tk: another tk (pid ${first.pid}) is writing output\n    wait for it to end, or choose another --out\n`,
    );
    expect(second.exitCode).toBe(2);
    first.kill('SIGINT');
    expect((await first).exitCode).toBe(130);
  });
});

describe('a run that was killed', () => {
  it('leaves nothing that the next run does not remove', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'model.onnx'), RELU);
    writeTree(folder, { 'net.py': 'import time\n\ndef make():\n    time.sleep(600)\n' });
    const killed = execa(process.execPath, [join(repoRoot, 'bin/tk'), 'convert', 'net.py:make', ...X], {
      cwd: folder,
      reject: false,
    });
    await waitFor(() => readdirSync(folder).some((name) => name.startsWith('.output.tk-new-')));
    killed.kill('SIGKILL');
    await killed;
    expect(readdirSync(folder)).toContain('.output.tk-lock');
    const { exitCode, stderr } = await installedWithoutPython(folder, [
      'convert',
      'model.onnx',
      '--no-verify',
    ]);
    expect(exitCode, stderr).toBe(0);
    expect(readdirSync(folder).sort()).toEqual(['model.onnx', 'net.py', 'output']);
  });
});

describe.runIf(canMount)('a disk (needs root, to mount one)', () => {
  it('that is full ends the run with exit 3 and leaves the old output', async () => {
    const folder = temporaryFolder();
    const disk = mounted(folder, 'size=256k');
    writeOutput(join(disk, 'output'), 'old');
    const old = treeOf(disk);
    const args = ['convert', 'mtcnn-rnet', '--engine', 'native', '--no-verify', '--out', 'disk/output'];
    const { exitCode, stderr } = await tk(args, { cwd: folder });
    expect(stderr).toMatch(
      /^tk: the disk is full: disk\/output could not be written\n {4}free some space in .*, or choose an --out on another disk; what stood in disk\/output is untouched\n/m,
    );
    expect(exitCode).toBe(3);
    expect(treeOf(disk)).toEqual(old);
    expect(readdirSync(disk)).toEqual(['output']);
  });

  it('that is read-only is told before any work', async () => {
    const folder = temporaryFolder();
    mounted(folder, 'size=1m,ro');
    const { exitCode, stderr } = await tk(['convert', 'mtcnn-rnet', '--out', 'disk/output'], {
      cwd: folder,
    });
    expect(stderr).toMatch(/^tk: disk\/output cannot be written: .*\/disk is read-only for this user\n/);
    expect(exitCode).toBe(2);
  });
});

/** Runs the built tool as one that was installed from a package and never set up. */
async function installedWithoutPython(
  cwd: string,
  args: string[],
): Promise<{ exitCode: number; stderr: string }> {
  const home = temporaryFolder();
  for (const part of ['bin', 'dist', 'package.json']) {
    cpSync(join(repoRoot, part), join(home, part), { recursive: true });
  }
  const { exitCode, stderr } = await execa(process.execPath, [join(home, 'bin/tk'), ...args], {
    cwd,
    reject: false,
    stripFinalNewline: false,
    env: { TK_HOME: join(home, 'none'), PATH: '' },
  });
  return { exitCode: exitCode ?? -1, stderr };
}

async function waitFor(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 20));
}
