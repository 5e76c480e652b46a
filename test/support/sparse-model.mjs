// Models of any size that take no room on the disk: constants whose bytes are holes in the file.
import { closeSync, ftruncateSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';

/**
 * @param {number} value
 * @returns {Buffer}
 */
function varint(value) {
  const bytes = [];
  let rest = value;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) | 0x80);
  return Buffer.from([...bytes, rest]);
}

/**
 * The head of a field of bytes that are to follow.
 * @param {number} number
 * @param {number} length
 */
const head = (number, length) => Buffer.concat([varint(number * 8 + 2), varint(length)]);

/**
 * A field with its bytes.
 * @param {number} number
 * @param {string | Buffer} value
 */
function field(number, value) {
  const bytes = Buffer.from(value);
  return Buffer.concat([head(number, bytes.length), bytes]);
}

const FLOAT = Buffer.from([0x30, 0x01]);

/**
 * The bytes of a Const node before its data, which ends it: name, op, dtype, value {dtype, shape, content}.
 * @param {string} name
 * @param {number} size bytes of data
 */
function constantHead(name, size) {
  const dimension = Buffer.concat([Buffer.from([0x08]), varint(size / 4)]);
  const tensor = Buffer.concat([Buffer.from([0x08, 0x01]), field(2, field(2, dimension)), head(4, size)]);
  const value = Buffer.concat([head(8, tensor.length + size), tensor]);
  const entry = Buffer.concat([field(1, 'value'), head(2, value.length + size), value]);
  const dtype = field(5, Buffer.concat([field(1, 'dtype'), field(2, FLOAT)]));
  const node = Buffer.concat([field(1, name), field(2, 'Const'), dtype, head(5, entry.length + size), entry]);
  return Buffer.concat([head(1, node.length + size), node]);
}

/**
 * Pieces of a GraphDef: bytes, or the size of a hole.
 * @param {number} constants
 * @param {number} bytes of each
 * @returns {(Buffer | number)[]}
 */
function graphPieces(constants, bytes) {
  const shape = field(7, field(2, Buffer.from([0x08, 0x04])));
  const attributes = [
    field(5, Buffer.concat([field(1, 'dtype'), field(2, FLOAT)])),
    field(5, Buffer.concat([field(1, 'shape'), field(2, shape)])),
  ];
  const input = field(1, Buffer.concat([field(1, 'x'), field(2, 'Placeholder'), ...attributes]));
  /** @type {(Buffer | number)[]} */
  const pieces = [input];
  for (let index = 0; index < constants; index++) pieces.push(constantHead(`w${index}`, bytes), bytes);
  const output = Buffer.concat([
    field(1, 'y'),
    field(2, 'Identity'),
    field(3, 'x'),
    ...attributes.slice(0, 1),
  ]);
  return [...pieces, field(1, output)];
}

/**
 * Writes a frozen GraphDef of `constants` constants of `bytes` bytes each (divisible by 4): their data are holes.
 * @param {string} file
 * @param {number} constants
 * @param {number} bytes
 */
export function writeSparseGraph(file, constants, bytes) {
  writePieces(file, graphPieces(constants, bytes));
}

/**
 * Writes a SavedModel that holds such a graph, with the tag `serve` and one signature.
 * @param {string} directory
 * @param {number} constants
 * @param {number} bytes
 */
export function writeSparseSavedModel(directory, constants, bytes) {
  mkdirSync(directory, { recursive: true });
  const graph = graphPieces(constants, bytes);
  const graphBytes = graph.reduce((/** @type {number} */ sum, piece) => sum + sizeOf(piece), 0);
  const meta = field(1, Buffer.concat([field(4, 'serve'), field(5, '2.19.0')]));
  /** @param {string} name */
  const tensor = (name) => Buffer.concat([field(1, `${name}:0`), Buffer.from([0x10, 0x01])]);
  const signature = Buffer.concat([
    field(1, Buffer.concat([field(1, 'x'), field(2, tensor('x'))])),
    field(2, Buffer.concat([field(1, 'y'), field(2, tensor('y'))])),
    field(3, 'tensorflow/serving/predict'),
  ]);
  const signatures = field(5, Buffer.concat([field(1, 'serving_default'), field(2, signature)]));
  const graphHead = head(2, graphBytes);
  const metaGraphBytes = meta.length + graphHead.length + graphBytes + signatures.length;
  writePieces(join(directory, 'saved_model.pb'), [
    ...[Buffer.from([0x08, 0x01]), head(2, metaGraphBytes), meta, graphHead],
    ...[...graph, signatures],
  ]);
}

/** @param {Buffer | number} piece */
const sizeOf = (piece) => (typeof piece === 'number' ? piece : piece.length);

/**
 * @param {string} file
 * @param {(Buffer | number)[]} pieces
 */
function writePieces(file, pieces) {
  const descriptor = openSync(file, 'w');
  let at = 0;
  for (const piece of pieces) {
    if (typeof piece !== 'number') writeSync(descriptor, piece, 0, piece.length, at);
    at += sizeOf(piece);
  }
  ftruncateSync(descriptor, at);
  closeSync(descriptor);
}
