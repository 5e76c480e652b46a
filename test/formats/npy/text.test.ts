// Printed arrays equal numpy's own, on seeded arrays of every element type and many shapes.
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { arrayText } from '../../../src/formats/npy/text.ts';
import { type DType, numericData, type Tensor } from '../../../src/formats/tensor.ts';
import { locateEnvironment } from '../../../src/runtime/environment.ts';
import { repoRoot } from '../../support/shared.ts';

type Case = [dtype: DType, shape: number[], data: string | string[], text: string];

const DTYPES: DType[] = [
  ...(['float16', 'bfloat16', 'float32', 'float64', 'bool', 'string'] as const),
  ...(['int8', 'int16', 'int32', 'int64', 'uint8', 'uint16', 'uint32', 'uint64'] as const),
];

let cases: Case[];

beforeAll(() => {
  const text = execFileSync(locateEnvironment().python, [join(repoRoot, 'test/formats/npy/text_oracle.py')], {
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  });
  cases = JSON.parse(text) as Case[];
});

function tensorOf([dtype, shape, data]: Case): Tensor {
  if (dtype === 'string') {
    const bytes = (data as string[]).map((item) => Buffer.from(item, 'base64').toString('latin1'));
    return { dtype, shape, data: bytes };
  }
  return {
    dtype,
    shape,
    data: numericData(dtype, new Uint8Array(Buffer.from(data as string, 'base64')).buffer),
  };
}

describe('an array as numpy prints it', () => {
  it.each(DTYPES)('%s', (dtype) => {
    const ours = cases.filter(([name]) => name === dtype);
    expect(ours.length).toBeGreaterThanOrEqual(190);
    for (const one of ours) expect(arrayText(tensorOf(one)), `shape ${one[1]}`).toBe(one[3]);
  });
});
