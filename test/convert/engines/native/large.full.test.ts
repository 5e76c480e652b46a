// A model larger than memory should have to be: 3 GB of external data in a file with holes, converted in a process of its
// own whose largest size is read afterwards.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { readVariables } from '../../../../src/inspect/variables.ts';
import { repoRoot } from '../../../support/shared.ts';
import { bundleProgram } from '../../support.ts';
import { FLOAT, onnxProto, writeModel } from './onnx-file.ts';

const PROGRAM = `
import { nativeEngine } from './convert/engines/native/engine.ts';
const [onnxPath, savedModelDir] = process.argv.slice(2);
await nativeEngine.convert({
  onnxPath, savedModelDir, inputLayout: 'nchw', optimize: 'default', freeze: false, dtype: 'float32',
  signal: new AbortController().signal, onProgress() {},
});
console.log(process.resourceUsage().maxRSS / 1024);`;

const ROWS = 32_000;
const LAYERS = 6;
const BYTES = ROWS * 4096 * 4;

describe.skipIf(onnxProto(repoRoot) === undefined)('3 GB of external data (needs .venv)', () => {
  test('is converted in memory that does not grow with it', { timeout: 600_000 }, () => {
    const folder = mkdtempSync(join(tmpdir(), 'tk-large-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const data = join(folder, 'weights.bin');
    writeFileSync(data, '');
    truncateSync(data, BYTES * LAYERS);
    const layers = Array.from({ length: LAYERS }, (_, at) => at);
    const onnx = writeModel(repoRoot, join(folder, 'model.onnx'), {
      inputs: [{ name: 'ids', dims: ['N'], elemType: 7 }],
      outputs: layers.map((at) => ({ name: `y${at}`, dims: ['N', 4096] })),
      initializers: layers.map((at) => ({
        name: `table${at}`,
        dataType: FLOAT,
        dims: [ROWS, 4096],
        dataLocation: 1,
        externalData: [
          { key: 'location', value: 'weights.bin' },
          { key: 'offset', value: String(at * BYTES) },
          { key: 'length', value: String(BYTES) },
        ],
      })),
      nodes: layers.map((at) => ({ opType: 'Gather', inputs: [`table${at}`, 'ids'], outputs: [`y${at}`] })),
    });
    const out = join(folder, 'keras');
    const program = bundleProgram(folder, PROGRAM);
    const mebibytes = Number(execFileSync(process.execPath, [program, onnx, out], { encoding: 'utf8' }));
    expect(statSync(join(out, 'variables/variables.data-00000-of-00001')).size).toBe(BYTES * LAYERS);
    expect(mebibytes).toBeLessThan(400);
    const { variables } = readVariables(join(out, 'saved_model.pb'));
    expect(variables.map(({ name, bytes }) => [name, bytes])).toEqual(
      layers.map((at) => [`table${at}`, BYTES]),
    );
    expect(existsSync(join(out, 'saved_model.pb'))).toBe(true);
  });
});
