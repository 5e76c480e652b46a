// numpy's dtype strings (`<f4`, `|b1`, `<U5`) beside our element types.
import { badInput } from '../../errors.ts';
import type { DType } from '../tensor.ts';

/** How the elements stand in a file. `bytes` is the size of one; a string's kind tells how it is encoded. */
export interface ElementLayout {
  dtype: DType;
  bytes: number;
  bigEndian: boolean;
  /** `U`: UCS-4 code points; `S`: bytes, taken as UTF-8. Both are padded with zeros. */
  text: 'U' | 'S' | null;
}

const DTYPES: Record<string, DType> = {
  b1: 'bool',
  i1: 'int8',
  i2: 'int16',
  i4: 'int32',
  i8: 'int64',
  u1: 'uint8',
  u2: 'uint16',
  u4: 'uint32',
  u8: 'uint64',
  f2: 'float16',
  f4: 'float32',
  f8: 'float64',
};

/** Element kinds that numpy can save and a tensor here cannot hold, by name. */
const REFUSED: Record<string, string> = {
  O: 'Python objects, which only unpickling could read',
  c: 'complex numbers',
  m: 'time spans',
  M: 'dates',
  V: 'raw records',
};

const MAX_TEXT_BYTES = 1 << 20;

/**
 * Reads a dtype string.
 *
 * @param where names the array, for messages
 * @throws TkError `unsupported-array` (exit 2) for objects, complex numbers, dates, records and unknown kinds
 */
export function parseDescr(descr: string, where: string): ElementLayout {
  const match = /^([<>|=])?([a-zA-Z])(\d*)/.exec(descr);
  const [, order, kind = '', size = ''] = match ?? [];
  const bigEndian = order === '>';
  if (kind === 'U' || kind === 'S' || kind === 'a') {
    const bytes = Number(size) * (kind === 'U' ? 4 : 1);
    if (bytes <= MAX_TEXT_BYTES && match?.[0] === descr) {
      return { dtype: 'string', bytes, bigEndian, text: kind === 'U' ? 'U' : 'S' };
    }
  }
  const dtype = match?.[0] === descr ? DTYPES[kind + size] : undefined;
  if (dtype) return { dtype, bytes: Number(size), bigEndian: bigEndian && size !== '1', text: null };
  const what = REFUSED[kind] ?? 'elements of an unknown kind';
  throw badInput(
    'unsupported-array',
    `${where} holds ${what} (dtype '${descr}')`,
    'save it as a numeric, bool or string array',
  );
}

/** The dtype string of an element type, little-endian as numpy writes it on x86 and ARM. */
export function descrOf(dtype: Exclude<DType, 'string'>): string {
  if (dtype === 'bfloat16')
    throw badInput('unsupported-array', 'numpy has no bfloat16: it cannot be saved as .npy');
  const code = Object.keys(DTYPES).find((key) => DTYPES[key] === dtype)!;
  return `${code.endsWith('1') ? '|' : '<'}${code}`;
}
