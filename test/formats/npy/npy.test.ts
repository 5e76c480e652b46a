// .npy and .npz against numpy itself: read what it writes, write the same bytes, refuse what cannot be a tensor.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readNpy, writeNpy } from '../../../src/formats/npy/npy.ts';
import { openNpz, readNpz, writeNpz } from '../../../src/formats/npy/npz.ts';
import type { Tensor } from '../../../src/formats/tensor.ts';
import { locateEnvironment } from '../../../src/runtime/environment.ts';
import { repoRoot } from '../../support/shared.ts';

const { python } = locateEnvironment();
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tk-npy-'));
  execFileSync(python, [join(repoRoot, 'test/formats/npy/oracle.py'), folder]);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const load = (name: string): Buffer => readFileSync(join(folder, `${name}.npy`));
const read = (name: string): Tensor => readNpy(load(name), name);

describe('reading .npy', () => {
  it.each([
    ['bool', 'bool', [1, 0, 1, 0, 1, 0]],
    ['int8', 'int8', [-3, -2, -1, 0, 1, 2]],
    ['int16', 'int16', [-0, -1000, -2000, -3000, -4000, -5000].map((x) => x + 0)],
    ['int32', 'int32', [0, -100000, -200000, -300000, -400000, -500000]],
    ['int64', 'int64', [0n, 1n, 2n, 3n, 4n, 5n].map((i) => i * -(2n ** 60n) + 1n)],
    ['uint8', 'uint8', [0, 50, 100, 150, 200, 250]],
    ['uint16', 'uint16', [0, 13000, 26000, 39000, 52000, 65000]],
    ['uint32', 'uint32', [0, 8e8, 1.6e9, 2.4e9, 3.2e9, 4e9]],
    ['uint64', 'uint64', [0n, 1n, 2n, 3n, 4n, 5n].map((i) => i * 2n ** 61n + 1n)],
    ['float32', 'float32', [0, 1, 2, 3, 4, 5].map((i) => Math.fround(i / 7))],
    ['float64', 'float64', [0, 1, 2, 3, 4, 5].map((i) => i / 7)],
    ['big-endian', 'float64', [0, 1, 2, 3, 4, 5].map((i) => i / 7)],
    ['string', 'string', ['a', 'béta', '𝛾δ', '', 'xxxxxxxxx', '日本']],
    ['version2', 'float32', [0, 1, 2, 3, 4, 5]],
    ['version3', 'float32', [0, 1, 2, 3, 4, 5]],
  ])('reads %s', (name, dtype, values) => {
    const tensor = read(name);
    expect(tensor.dtype).toBe(dtype);
    expect(tensor.shape).toEqual([2, 3]);
    expect(Array.from(tensor.data as ArrayLike<unknown>)).toEqual(values);
  });

  it('keeps float16 as its bits', () => {
    // 1/7 in binary16 is 0x3092: sign 0, exponent 12, fraction 0x092.
    expect((read('float16').data as Uint16Array)[1]).toBe(0x3092);
  });

  it('turns column-major order into row-major', () => {
    expect(read('fortran')).toEqual({
      dtype: 'int32',
      shape: [2, 3, 4],
      data: Int32Array.from({ length: 24 }, (_, i) => i),
    });
  });

  it('reads scalars, NaN and infinity, empty arrays and byte strings', () => {
    expect(read('scalar')).toEqual({ dtype: 'float32', shape: [], data: Float32Array.of(2.5) });
    expect(Array.from(read('vector').data as Float32Array)).toEqual([
      1.5,
      Number.NaN,
      Number.NEGATIVE_INFINITY,
    ]);
    expect(read('empty')).toEqual({ dtype: 'float32', shape: [0, 4], data: new Float32Array(0) });
    expect(read('bytes').data).toEqual(['ab', 'é']);
  });

  it.each([
    ['objects', "objects holds Python objects, which only unpickling could read (dtype '|O')"],
    ['complex', "complex holds complex numbers (dtype '<c8')"],
    ['dates', "dates holds dates (dtype '<M8[D]')"],
    ['structured', 'structured is a structured array'],
  ])('refuses %s by name', (name, message) => {
    expect(() => read(name)).toThrow(
      expect.objectContaining({ code: 'unsupported-array', exitCode: 2, message }),
    );
  });

  it('refuses what is truncated, too long, or no .npy at all', () => {
    const good = load('float32');
    expect(() => readNpy(good.subarray(0, -1), 'x')).toThrow(
      'x is truncated: its shape takes 24 bytes, it has 23',
    );
    expect(() => readNpy(Buffer.concat([good, Buffer.of(0)]), 'x')).toThrow('x has bytes after its array');
    expect(() => readNpy(good.subarray(0, 40), 'x')).toThrow('x is truncated in its header');
    expect(() => readNpy(Buffer.from('PK not numpy'), 'x')).toThrow('x is not a .npy file of numpy');
  });

  it('refuses a header that claims more than the file has, without allocating it', () => {
    const claims = Buffer.from(
      load('float32').toString('latin1').replace('(2, 3), }        ', '(2, 99999999999), }').slice(0, 300),
      'latin1',
    );
    expect(() => readNpy(claims, 'x')).toThrow(/^x is truncated/);
  });
});

describe('writing .npy', () => {
  it('takes more strings than a call takes arguments', () => {
    const count = 200_000;
    const data = new Array<string>(count).fill('a').with(7, 'abc');
    const tensor = readNpy(writeNpy({ dtype: 'string', shape: [count], data }), 'many');
    expect(tensor.data).toHaveLength(count);
    expect(tensor.data.slice(6, 9)).toEqual(['a', 'abc', 'a']);
  });

  it.each([
    'bool',
    'int8',
    'int16',
    'int32',
    'int64',
    'uint8',
    'uint16',
    'uint32',
    'uint64',
    'float16',
    'float32',
    'float64',
    'string',
    'scalar',
    'vector',
    'empty',
  ])('writes %s byte for byte as np.save does', (name) => {
    expect(Buffer.compare(writeNpy(read(name)), load(name))).toBe(0);
  });
});

describe('.npz', () => {
  it('reads stored and deflated members by key', async () => {
    const stored = await readNpz(join(folder, 'stored.npz'));
    expect([...stored.keys()]).toEqual(['b1/in/x', 'ids']);
    expect(stored.get('b1/in/x')).toEqual(read('float32'));
    const deflated = await readNpz(join(folder, 'deflated.npz'));
    const zeros = deflated.get('zeros');
    expect(zeros?.shape).toEqual([1000, 1000]);
    expect((zeros!.data as Float32Array).every((value) => value === 0)).toBe(true);
    expect(deflated.get('ids')).toEqual(read('int64'));
  });

  it('writes what numpy reads', async () => {
    const path = join(folder, 'ours.npz');
    await writeNpz(path, [
      ['b1/in/x', read('float32')],
      ['名', read('string')],
    ]);
    const script =
      "import numpy, sys; f = numpy.load(sys.argv[1]); print(f.files, f['b1/in/x'].tolist()[0][1], f['名'][1][2])";
    const said = execFileSync(python, ['-X', 'utf8', '-c', script, path], { encoding: 'utf8' });
    expect(said).toBe("['b1/in/x', '名'] 0.1428571492433548 日本\n");
    expect(await readNpz(path)).toEqual(
      new Map([
        ['b1/in/x', read('float32')],
        ['名', read('string')],
      ]),
    );
  });

  it('refuses a member that claims to expand beyond what deflate can', async () => {
    const bytes = readFileSync(join(folder, 'deflated.npz'));
    const central = bytes.indexOf(Buffer.from([0x50, 0x4b, 1, 2]));
    bytes.writeUInt32LE(0x7fffffff, central + 24);
    writeFileSync(join(folder, 'bomb.npz'), bytes);
    await expect(openNpz(join(folder, 'bomb.npz'))).rejects.toThrow(
      /which deflate cannot do \(byte \d+, field size\)$/,
    );
  });

  it('stops inflating at the declared size', async () => {
    const bytes = readFileSync(join(folder, 'deflated.npz'));
    const central = bytes.indexOf(Buffer.from([0x50, 0x4b, 1, 2]));
    bytes.writeUInt32LE(1000, central + 24);
    writeFileSync(join(folder, 'liar.npz'), bytes);
    await expect(readNpz(join(folder, 'liar.npz'))).rejects.toThrow('has a damaged member zeros.npy');
  });

  it('refuses a changed byte, a truncated file and what is no archive', async () => {
    const bytes = readFileSync(join(folder, 'stored.npz'));
    const changed = Buffer.from(bytes);
    changed[200]! ^= 1;
    writeFileSync(join(folder, 'changed.npz'), changed);
    await expect(readNpz(join(folder, 'changed.npz'))).rejects.toThrow('size or checksum differ');
    writeFileSync(join(folder, 'cut.npz'), bytes.subarray(0, 300));
    await expect(readNpz(join(folder, 'cut.npz'))).rejects.toMatchObject({
      code: 'truncated-file',
      exitCode: 2,
    });
  });
});
