// Weights of a few bits, quantised block by block and packed into bytes: MatMulNBits and GatherBlockQuantized. They are
// unpacked at conversion, exactly, into the floats that they stand for.
import { float16ToNumber } from '../../../../../formats/half.ts';
import { elementCount, type TensorData } from '../../../../../formats/tensor.ts';
import { cast, derived, op, payloadOf, reshape, scalar, transpose } from '../../builder.ts';
import type { TfTensor } from '../../graph.ts';
import { computed, type LazyTensor } from '../../lazy.ts';
import { Refusal } from '../../refusal.ts';
import { unhalved } from '../common.ts';
import {
  axisOf,
  type Call,
  entry,
  input,
  intAttr,
  type Lower,
  maybeNumbers,
  rankOf,
  requiredInt,
} from '../entry.ts';
import { matMul } from '../linear.ts';
import { MICROSOFT } from './fused.ts';

interface Blocks {
  bits: number;
  /** Elements that share a scale and a zero point, along the rows. */
  size: number;
  rows: number;
  /** Elements of a row; what is packed may be filled up to whole blocks. */
  columns: number;
  /** Which block's scale each column takes, where it is not its own. */
  groups: number[] | undefined;
}

const BITS = [2, 4, 8];

function constantOf(tensor: TfTensor, what: string): LazyTensor {
  const payload = payloadOf(tensor);
  if (!payload) throw new Refusal(`${what} that are computed at run time`);
  return payload;
}

/** One of the numbers of `bits` bits that stand in bytes, the first in the lowest bits; each row begins with a byte. */
function packedAt(bytes: Uint8Array, bits: number, rowBytes: number, row: number, at: number): number {
  const perByte = 8 / bits;
  const byte = bytes[row * rowBytes + Math.floor(at / perByte)]!;
  return (byte >> (bits * (at % perByte))) & (2 ** bits - 1);
}

function floatsOf({ dtype }: LazyTensor, data: TensorData): Float32Array {
  if (dtype === 'float32') return data as Float32Array;
  if (dtype === 'float16') return Float32Array.from(data as Uint16Array, float16ToNumber);
  throw new Refusal(`scales of ${dtype}`);
}

/** (packed − zero point) · scale in float32, [rows, columns]. */
function unpacked(
  call: Call,
  at: { packed: TfTensor; scales: TfTensor; zeros?: TfTensor | undefined },
  blocks: Blocks,
): TfTensor {
  const { bits, size, rows, columns, groups } = blocks;
  if (!BITS.includes(bits)) throw new Refusal(`weights of ${bits} bits`);
  const perRow = Math.ceil(columns / size);
  const rowBytes = (perRow * size * bits) / 8;
  const [packed, scales] = [constantOf(at.packed, 'weights'), constantOf(at.scales, 'scales')];
  const zeros = at.zeros && constantOf(at.zeros, 'zero points');
  const tight = elementCount(packed.shape) === (rows * columns * bits) / 8;
  if (!tight && elementCount(packed.shape) !== rows * rowBytes) throw new Refusal('weights of another size');
  if (elementCount(scales.shape) !== rows * perRow) throw new Refusal('scales of another number');
  const zeroBytes = Math.ceil((perRow * bits) / 8);
  const wanted = rows * (zeros?.dtype === 'uint8' ? zeroBytes : perRow);
  if (zeros && elementCount(zeros.shape) !== wanted) throw new Refusal('zero points of another number');
  const width = tight ? (columns * bits) / 8 : rowBytes;
  const compute = (data: TensorData, scaleData: TensorData, zeroData?: TensorData): TensorData => {
    const factors = floatsOf(scales, scaleData);
    const points = zeros && zeros.dtype !== 'uint8' ? floatsOf(zeros, zeroData!) : undefined;
    const result = new Float32Array(rows * columns);
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++) {
        const block = groups ? groups[column]! : Math.floor(column / size);
        let zero = 2 ** (bits - 1);
        if (points) zero = points[row * perRow + block]!;
        else if (zeros) zero = packedAt(zeroData as Uint8Array, bits, zeroBytes, row, block);
        const value = Math.fround(packedAt(data as Uint8Array, bits, width, row, column) - zero);
        result[row * columns + column] = value * factors[row * perRow + block]!;
      }
    }
    return result;
  };
  const key = `unpacked(${bits},${size},${columns},${groups ?? ''})`;
  const from = [packed, scales, ...(zeros ? [zeros] : [])];
  const weights = derived(call.b, at.packed, computed(key, 'float32', [rows, columns], from, compute));
  weights.node.weight = true;
  return weights;
}

/** A · B' + bias. onnxruntime computes in float32 too unless the node asks for less and the processor has it. */
const matMulNBits: Lower = (call) => {
  const { b } = call;
  const [x, packed, scales, zeros, order, bias] = [
    input(call, 0),
    input(call, 1),
    input(call, 2),
    ...call.inputs.slice(3),
  ];
  const [columns, rows] = [requiredInt(call, 'K'), requiredInt(call, 'N')];
  const groups = order && maybeNumbers(order);
  if (order && !groups) throw new Refusal('groups that are computed at run time');
  if (groups && groups.length !== columns) throw new Refusal('groups of another number');
  if (groups && zeros?.dtype === 'uint8') {
    throw new Refusal(
      'groups with packed zero points, which onnxruntime passes over and the specification does not',
    );
  }
  const blocks = {
    bits: intAttr(call, 'bits', 4),
    size: requiredInt(call, 'block_size'),
    rows,
    columns,
    groups,
  };
  const weights = unpacked(call, { packed: packed!, scales: scales!, zeros }, blocks);
  const y = matMul({ ...call, inputs: [unhalved(b, x!), transpose(b, weights, [1, 0])] }) as TfTensor;
  const sum = bias ? op(b, 'AddV2', [y, unhalved(b, bias)]) : y;
  return cast(b, sum, x!.dtype);
};

/** Slices of a table that is quantised along its last axis. */
const gatherBlocks: Lower = (call) => {
  const { b } = call;
  const [table, at, scales, zeros] = [input(call, 0), input(call, 1), input(call, 2), call.inputs[3]];
  const bits = intAttr(call, 'bits', 4);
  if (table.dtype !== 'uint8') throw new Refusal(`a table of ${table.dtype}`);
  const rank = rankOf(table);
  const shape = constantOf(table, 'a table').shape;
  const axis = axisOf(intAttr(call, 'gather_axis', 0), rank);
  if (axisOf(intAttr(call, 'quantize_axis', 1), rank) !== rank - 1 || axis === rank - 1) {
    throw new Refusal('a table quantised along another axis than its last, or gathered along it');
  }
  const columns = (shape.at(-1)! * 8) / bits;
  const rows = elementCount(shape.slice(0, -1));
  const blocks = { bits, size: intAttr(call, 'block_size', 128), rows, columns, groups: undefined };
  const flat = unpacked(call, { packed: table, scales, zeros }, blocks);
  const whole = reshape(b, flat, [...shape.slice(0, -1), columns]);
  const size = scalar(b, at.dtype, shape[axis]!);
  const negative = op(b, 'Less', [at, scalar(b, at.dtype, 0)]);
  const places = op(b, 'SelectV2', [negative, op(b, 'AddV2', [at, size]), at]);
  return cast(b, op(b, 'GatherV2', [whole, places, scalar(b, 'int32', axis)]), scales.dtype);
};

export const entries = [
  entry('MatMulNBits', { 1: matMulNBits }, MICROSOFT),
  entry('GatherBlockQuantized', { 1: gatherBlocks }, MICROSOFT),
];
