// What a user sees whose model is wrong, damaged or hostile: one line, the exit code, and a folder as it was.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readManifest } from '../../src/formats/output/manifest.ts';
import { locateEnvironment } from '../../src/runtime/environment.ts';
import { tk } from '../support/cli.ts';
import { repoRoot } from '../support/shared.ts';

let folder: string;
let before: string[];

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tk-bad-inputs-'));
  execFileSync(locateEnvironment().python, [join(repoRoot, 'test/convert/bad_inputs.py'), folder]);
  before = readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort();
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Converts and gives stderr; nothing may have been left in the folder (but Python's own bytecode cache). */
async function failure(args: string[]): Promise<{ exitCode: number; stderr: string }> {
  const { exitCode, stdout, stderr } = await tk(['convert', ...args], {
    cwd: folder,
    env: { PYTHONDONTWRITEBYTECODE: '1' },
  });
  expect(stdout).toBe('');
  expect(readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort()).toEqual(before);
  return { exitCode, stderr };
}

const INPUT = ['--input', 'x:float32[N,4]'];

describe('a factory', () => {
  it('that does not exist: the functions that do are listed', async () => {
    const { exitCode, stderr } = await failure(['net.py:gone', ...INPUT]);
    expect(stderr).toBe('tk: net.py has no function `gone`; it has: Net, make, broken, number\n');
    expect(exitCode).toBe(2);
  });

  it('that raises: its own words, with file and line', async () => {
    const { exitCode, stderr } = await failure(['net.py:broken', ...INPUT]);
    expect(stderr).toBe('tk: the factory net.py:broken raised at net.py:17: ValueError: no such backbone\n');
    expect(exitCode).toBe(2);
  });

  it('that returns something else than a module', async () => {
    const { exitCode, stderr } = await failure(['net.py:number', ...INPUT]);
    expect(stderr).toBe('tk: the factory net.py:number returned int, not a torch.nn.Module\n');
    expect(exitCode).toBe(2);
  });
});

describe('a checkpoint', () => {
  it('that does not fit: missing and unexpected keys are listed', async () => {
    const { exitCode, stderr } = await failure(['net.py:make', ...INPUT, '--weights', 'misfit.pth']);
    expect(stderr).toBe(
      'tk: misfit.pth does not fit the network: 1 missing (linear.bias); 1 unexpected (head.bias)\n' +
        '    --allow-partial loads what fits\n',
    );
    expect(exitCode).toBe(2);
  });

  it('that would run code: refused, and the code has not run', async () => {
    const { exitCode, stderr } = await failure(['net.py:make', ...INPUT, '--weights', 'hostile.pth']);
    expect(stderr).toBe(
      'tk: hostile.pth is refused: it would run posix.system, and loading it would execute code\n' +
        '    save a state dict instead: torch.save(model.state_dict(), path)\n',
    );
    expect(exitCode).toBe(2);
    expect(existsSync(join(folder, 'pwned'))).toBe(false);
  });

  it('given as the model: the message asks for the network', async () => {
    const { exitCode, stderr } = await failure(['state.pt', ...INPUT]);
    expect(stderr).toBe(
      'tk: state.pt is a checkpoint (weights without a network), not a TorchScript model\n' +
        '    give the network as source and this file with --weights\n',
    );
    expect(exitCode).toBe(2);
  });
});

describe('a .pt file', () => {
  it('that was cut short', async () => {
    const { exitCode, stderr } = await failure(['truncated.pt', ...INPUT]);
    expect(stderr).toBe('tk: truncated.pt is no readable zip archive (truncated?): File is not a zip file\n');
    expect(exitCode).toBe(2);
  });

  it('with a hostile pickle: refused, and the code has not run', async () => {
    const { exitCode, stderr } = await failure(['hostile.pt', ...INPUT]);
    expect(stderr).toMatch(/^tk: hostile\.pt is /);
    expect(exitCode).toBe(2);
    expect(existsSync(join(folder, 'pwned'))).toBe(false);
  });
});

describe('an .onnx file', () => {
  it('that was cut short', async () => {
    const { exitCode, stderr } = await failure(['truncated.onnx']);
    expect(stderr).toMatch(
      /^tk: truncated\.onnx: not a readable ONNX file: at byte \d+: .*\(truncated\?\)\n/,
    );
    expect(stderr.trimEnd().split('\n')).toHaveLength(2);
    expect(exitCode).toBe(2);
  });

  it('that is something else', async () => {
    const { exitCode, stderr } = await failure(['text.onnx']);
    expect(stderr).toMatch(/^tk: text\.onnx: not a readable ONNX file: /);
    expect(exitCode).toBe(2);
  });

  it('whose external data is outside its folder', async () => {
    const { exitCode, stderr } = await failure(['model/outside.onnx']);
    expect(stderr).toBe(
      'tk: model/outside.onnx: tensor "w": its data file "../secret.bin" is outside the model\'s folder\n' +
        '    external data must stand beside the .onnx file; put it there and name it by a relative path\n',
    );
    expect(exitCode).toBe(2);
  });

  it('whose external data would overwrite the manifest', async () => {
    const { exitCode, stderr } = await failure(['model/reserved.onnx']);
    expect(stderr).toBe(
      "tk: model/reserved.onnx: its external data is in manifest.json, a name that tk's output directory uses itself\n" +
        '    save the model again with another name for its data\n',
    );
    expect(exitCode).toBe(2);
  });
});

describe('a model that neither onnxruntime nor the reference evaluator runs', () => {
  it('is said to be without a gate, with the words of both, by the name that its file will have', async () => {
    const { exitCode, stderr } = await failure(['neither.onnx', '--engine', 'native']);
    const [refusal, hint] = stderr.trimEnd().split('\n').slice(-2);
    expect(refusal).toMatch(
      /^tk: onnxruntime-node could not load model\.onnx: Failed to find kernel for com\.microsoft\.QuickGelu\(1\) /,
    );
    expect(refusal).toContain(
      "; onnx-reference could not load model.onnx: NotImplementedError: Node type 'QuickGelu' from domain 'com.microsoft' is unknown",
    );
    expect(hint).toBe(
      '    without onnxruntime there is nothing to compare with: convert with --no-verify, or export the model at a newer opset',
    );
    expect(exitCode).toBe(2);
  });
});

describe('an op that the native engine does not know', () => {
  it('is named, with its node', async () => {
    const { exitCode, stderr } = await failure(['magic.onnx', '--engine', 'native']);
    expect(stderr).toContain(
      'tk: the native engine cannot convert this model: com.example.Magic odd: the engine does not know this op of domain com.example\n' +
        '    try --engine onnx2tf\n',
    );
    expect(exitCode).toBe(4);
  });

  it('is named too where onnx.checker finds something else', async () => {
    const { exitCode, stderr } = await failure(['shapeless.onnx', '--engine', 'native']);
    expect(stderr).toContain(
      "tk: shapeless.onnx is no valid ONNX model: Field 'shape' of 'type' is required but missing. " +
        '(the native engine had refused: com.example.Magic odd: the engine does not know this op of domain com.example)\n',
    );
    expect(exitCode).toBe(2);
  });

  it('makes auto fall back to onnx2tf, which it says; where that fails too, both reasons are told', async () => {
    const { exitCode, stderr } = await failure(['magic.onnx']);
    expect(stderr).toMatch(
      /^tk: onnx2tf cannot convert it: .*Magic.* \(the native engine had refused: .*\)$/m,
    );
    expect(exitCode).toBe(4);
  });

  it('converts by the fallback where onnx2tf can, and the manifest has the reason', async () => {
    const out = join(mkdtempSync(join(tmpdir(), 'tk-fallback-')), 'output');
    const { exitCode, stderr } = await tk(['convert', 'each.onnx', '--out', out], { cwd: folder });
    expect(stderr).toContain(
      'the native engine cannot convert this model, so onnx2tf is tried: BatchNormalization odd: BatchNormalization with spatial=0\n',
    );
    expect(exitCode, stderr).toBe(0);
    expect(readManifest(out).engine).toEqual({
      name: 'onnx2tf',
      requested: 'auto',
      reason: 'BatchNormalization odd: BatchNormalization with spatial=0',
    });
    rmSync(dirname(out), { recursive: true });
  });
});
