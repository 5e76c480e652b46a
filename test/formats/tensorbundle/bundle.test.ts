import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { crc32c, maskCrc } from '../../../src/formats/tensorbundle/crc32c.ts';
import { readBundleIndex, readBundleTensor } from '../../../src/formats/tensorbundle/reader.ts';
import { decodeTable, encodeTable } from '../../../src/formats/tensorbundle/sstable.ts';
import { createBundle } from '../../../src/formats/tensorbundle/writer.ts';

const python = fileURLToPath(new URL('../../../.venv/bin/python', import.meta.url));
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tk-bundle-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('CRC-32C', () => {
  test('gives the check value of RFC 3720 and the vectors of its appendix', () => {
    expect(crc32c(Buffer.from('123456789'))).toBe(0xe3069283);
    expect(crc32c(Buffer.alloc(32))).toBe(0x8a9136aa);
    expect(crc32c(Buffer.alloc(32, 0xff))).toBe(0x62a8ab43);
    expect(crc32c(Buffer.from(Array.from({ length: 32 }, (_, at) => at)))).toBe(0x46dd794e);
  });

  test('is the same in one piece, in two, and at every alignment', () => {
    const bytes = Buffer.from(Array.from({ length: 100 }, (_, at) => (at * 37) & 0xff));
    const whole = crc32c(Uint8Array.from(bytes));
    for (let cut = 0; cut <= 20; cut++) {
      expect(crc32c(bytes.subarray(cut), crc32c(bytes.subarray(0, cut)))).toBe(whole);
    }
  });

  test('is masked as LevelDB masks it', () => {
    expect(maskCrc(0)).toBe(0xa282ead8);
    expect(maskCrc(0xe3069283)).toBe((((0xe3069283 >>> 15) | (0xe3069283 << 17)) + 0xa282ead8) >>> 0);
  });
});

describe('a sorted string table', () => {
  const entries = Array.from({ length: 500 }, (_, at) => ({
    key: Buffer.from(`layer/${String(at).padStart(4, '0')}/weight`),
    value: Buffer.from(`value ${at}`),
  }));

  test('gives back what was written, over several blocks', () => {
    const table = encodeTable(entries);
    expect(decodeTable(table, 'x.index').map(({ key, value }) => [String(key), String(value)])).toEqual(
      entries.map(({ key, value }) => [String(key), String(value)]),
    );
  });

  test('refuses keys out of order and a block that was tampered with', () => {
    expect(() => encodeTable([entries[1]!, entries[0]!])).toThrow('out of order');
    const table = encodeTable(entries);
    table[100]! ^= 1;
    expect(() => decodeTable(table, 'x.index')).toThrow('fails its checksum');
  });
});

function bytes({ buffer }: { buffer: ArrayBuffer }): Uint8Array {
  return new Uint8Array(buffer);
}

function writeSample(prefix: string): void {
  const bundle = createBundle(prefix);
  bundle.add('z/last', 'float32', [2, 3], [bytes(Float32Array.of(1, 2)), bytes(Float32Array.of(3, 4, 5, 6))]);
  bundle.add('a', 'int64', [2], [bytes(BigInt64Array.of(-1n, 2n ** 60n))]);
  bundle.add('half', 'float16', [1], [bytes(Uint16Array.of(0x3c00))]);
  bundle.add('flag', 'bool', [], [bytes(Uint8Array.of(1))]);
  bundle.add('empty', 'float32', [0, 4], [bytes(new Float32Array(0))]);
  for (let at = 0; at < 200; at++) bundle.add(`many/${at}`, 'int32', [1], [bytes(Int32Array.of(at))]);
  bundle.finish();
  bundle.close();
}

describe('a TensorBundle', () => {
  test('is read back by name with shapes, types and checked bytes', () => {
    const prefix = join(folder, 'own');
    writeSample(prefix);
    const { shards, entries } = readBundleIndex(prefix);
    expect(entries).toHaveLength(205);
    const last = entries.find(({ name }) => name === 'z/last')!;
    expect(last).toMatchObject({ dtype: 'float32', shape: [2, 3], offset: 0, size: 24 });
    expect(readBundleTensor(prefix, shards, last).readFloatLE(20)).toBe(6);
    const data = readFileSync(`${prefix}.data-00000-of-00001`);
    data[0]! ^= 1;
    writeFileSync(`${prefix}.data-00000-of-00001`, data);
    expect(() => readBundleTensor(prefix, shards, last)).toThrow('fails its checksum');
  });

  test.skipIf(!existsSync(python))('is read equal by TensorFlow (needs .venv)', () => {
    const prefix = join(folder, 'tensorflow');
    writeSample(prefix);
    const script = `
import os, sys, json
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import tensorflow as tf
r = tf.train.load_checkpoint(sys.argv[1])
names = sorted(r.get_variable_to_shape_map())
print(json.dumps({n: [str(r.get_tensor(n).dtype), r.get_tensor(n).tolist()] for n in names}))`;
    const output = execFileSync(python, ['-c', script, prefix], { stdio: ['ignore', 'pipe', 'ignore'] });
    const read = JSON.parse(String(output).replace('1152921504606846976', '"2^60"')) as Record<
      string,
      unknown
    >;
    expect(Object.keys(read)).toHaveLength(205);
    expect(read['z/last']).toEqual([
      'float32',
      [
        [1, 2, 3],
        [4, 5, 6],
      ],
    ]);
    expect(read.a).toEqual(['int64', [-1, '2^60']]);
    expect(read.half).toEqual(['float16', [1]]);
    expect(read.flag).toEqual(['bool', true]);
    expect(read.empty).toEqual(['float32', []]);
    for (let at = 0; at < 200; at++) expect(read[`many/${at}`]).toEqual(['int32', [at]]);
  });
});
