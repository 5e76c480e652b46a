// The header of a .npy file: a Python dict literal, read by a grammar of exactly the dicts that numpy writes.
import { badInput, type TkError } from '../../errors.ts';

export interface NpyHeader {
  descr: string;
  fortranOrder: boolean;
  shape: number[];
  /** Offset of the array's first byte. */
  dataStart: number;
}

const MAX_HEADER_BYTES = 1 << 16;
const MAX_RANK = 64;
const ENTRY =
  /^\s*'(descr|fortran_order|shape)'\s*:\s*(?:'([^'\\]*)'|(True|False)|\(([\d\sL,]*)\))\s*(?:,|(?=\}))/;

/**
 * Reads magic, version and header.
 *
 * @throws TkError `bad-npy` (exit 2)
 */
export function parseHeader(bytes: Uint8Array, where: string): NpyHeader {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.length < 10 || view.toString('latin1', 0, 6) !== '\x93NUMPY') {
    throw bad(where, 'is not a .npy file of numpy', 0, 'magic');
  }
  const version = view[6]!;
  if (version < 1 || version > 3)
    throw bad(where, `has version ${version} of the format, which nothing here reads`, 6, 'version');
  const start = version === 1 ? 10 : 12;
  if (view.length < start) throw bad(where, 'is truncated in its header', view.length, 'header length');
  const length = version === 1 ? view.readUInt16LE(8) : view.readUInt32LE(8);
  if (length > MAX_HEADER_BYTES) throw bad(where, `claims a header of ${length} bytes`, 8, 'header length');
  if (view.length < start + length) throw bad(where, 'is truncated in its header', view.length, 'header');
  const text = view.toString(version === 3 ? 'utf8' : 'latin1', start, start + length);
  return { ...parseDict(text, where, start), dataStart: start + length };
}

function parseDict(text: string, where: string, start: number): Omit<NpyHeader, 'dataStart'> {
  const body = /^\{([\s\S]*)\}\s*$/.exec(text)?.[1];
  if (body === undefined) throw bad(where, 'has a header that is no dict', start, 'header');
  if (/'descr'\s*:\s*[[(]/.test(body)) {
    throw badInput(
      'unsupported-array',
      `${where} is a structured array`,
      'save its fields as arrays of their own',
      undefined,
      { offset: start, field: 'descr' },
    );
  }
  const found: { descr?: string; fortranOrder?: boolean; shape?: number[] } = {};
  for (let rest = `${body}}`; rest.trim() !== '}'; ) {
    const entry = ENTRY.exec(rest);
    const at = start + body.length + 2 - rest.length;
    if (!entry) throw bad(where, 'has a header that numpy would not write', at, 'header');
    const [all, key, descr, flag, sizes] = entry;
    if (key === 'descr') found.descr = descr;
    else if (key === 'fortran_order' && flag) found.fortranOrder = flag === 'True';
    else if (key === 'shape' && sizes !== undefined) found.shape = parseShape(sizes, where, at);
    rest = rest.slice(all.length);
  }
  const { descr, fortranOrder, shape } = found;
  if (descr === undefined || fortranOrder === undefined || !shape) {
    throw bad(where, 'has a header without descr, fortran_order or shape', start, 'header');
  }
  return { descr, fortranOrder, shape };
}

/** Python 2 wrote long integers with an L. */
function parseShape(text: string, where: string, at: number): number[] {
  const parts = text.split(',').map((part) => part.trim());
  if (parts.at(-1) === '') parts.pop();
  const shape = parts.map((part) => (/^\d+L?$/.test(part) ? Number.parseInt(part, 10) : Number.NaN));
  const wrong = shape.some((size) => !Number.isSafeInteger(size)) || shape.length > MAX_RANK;
  if (wrong) throw bad(where, `has the shape (${text})`, at, 'shape');
  return shape;
}

function bad(where: string, what: string, offset: number, field: string): TkError {
  return badInput(
    'bad-npy',
    `${where} ${what} (byte ${offset}, field ${field})`,
    'write it with numpy.save',
    undefined,
    { offset, field },
  );
}
