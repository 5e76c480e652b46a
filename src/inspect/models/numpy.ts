// .npy and .npz files: names, dtypes and shapes from the arrays' headers; the arrays are not read.
import { closeSync, openSync, readSync } from 'node:fs';
import { parseHeader } from '../../formats/npy/header.ts';
import { openZip } from '../../formats/npy/zip.ts';
import { type Findings, type StoredTensor, stored } from './report.ts';

const HEADER_BYTES = (1 << 16) + 12;

/** @throws TkError `bad-npy` */
export function readNpyFile(file: string): Findings {
  const descriptor = openSync(file, 'r');
  try {
    const bytes = Buffer.alloc(HEADER_BYTES);
    const count = readSync(descriptor, bytes, 0, bytes.length, 0);
    return { variables: [arrayOf('array', bytes.subarray(0, count), file)] };
  } finally {
    closeSync(descriptor);
  }
}

/** @throws TkError `bad-npy` and what `openZip` throws */
export async function readNpzFile(file: string): Promise<Findings> {
  const zip = await openZip(file);
  try {
    const variables: StoredTensor[] = [];
    for (const member of zip.members) {
      const bytes = await zip.readStart(member, HEADER_BYTES);
      variables.push(arrayOf(member.name.replace(/\.npy$/, ''), bytes, `${file}: ${member.name}`));
    }
    return { variables };
  } finally {
    await zip.close();
  }
}

const KINDS: Record<string, string> = { f: 'float', i: 'int', u: 'uint', c: 'complex' };

function arrayOf(name: string, bytes: Uint8Array, where: string): StoredTensor {
  const { descr, shape } = parseHeader(bytes, where);
  const [, kind = '', size = ''] = /^[<>|=]?([a-zA-Z])(\d*)/.exec(descr) ?? [];
  const dtype = kind in KINDS ? `${KINDS[kind]}${Number(size) * 8}` : kind === 'b' ? 'bool' : descr;
  const width = Number(size) * (kind === 'U' ? 4 : 1);
  return stored(name, dtype, shape, shape.reduce((product, length) => product * length, 1) * width);
}
