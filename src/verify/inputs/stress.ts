// --stress: inputs on which networks part that agree on ordinary ones.
import { bfloat16ToNumber, float16ToNumber, numberToBfloat16, numberToFloat16 } from '../../formats/half.ts';
import {
  allocateData,
  type DType,
  elementCount,
  type NumericData,
  type Tensor,
} from '../../formats/tensor.ts';
import type { Case, CaseSource } from '../cases.ts';

/** Gives an element of a float input: what stands there of the ordinary case, its position, and the type's limits. */
type Change = (value: number, at: number, limits: Limits) => number;

interface Limits {
  largest: number;
  /** Smallest number above zero, which is denormal. */
  smallest: number;
}

const LIMITS: Partial<Record<DType, Limits>> = {
  float16: { largest: 65504, smallest: 2 ** -24 },
  bfloat16: { largest: 255 * 2 ** 120, smallest: 2 ** -133 },
  float32: { largest: (2 - 2 ** -23) * 2 ** 127, smallest: 2 ** -149 },
  float64: { largest: Number.MAX_VALUE, smallest: Number.MIN_VALUE },
};

/** The 16-bit floats, whose elements are bits. */
const CODES: Partial<Record<DType, [(bits: number) => number, (value: number) => number]>> = {
  float16: [float16ToNumber, numberToFloat16],
  bfloat16: [bfloat16ToNumber, numberToBfloat16],
};

const FLOAT_CHANGES: Record<string, Change> = {
  zeros: () => 0,
  ones: () => 1,
  extremes: (value, _at, { largest }) => (value < 0 ? -largest : largest),
  denormals: (_value, at, { smallest }) => smallest * (1 + (at % 1000)) * (at % 2 === 0 ? 1 : -1),
  NaN: (value, at) => (at === 0 ? Number.NaN : value),
  infinity: (value, at) => (at === 0 ? Number.POSITIVE_INFINITY : value),
};

/**
 * The stress cases that follow from an ordinary one: every float input all zeros, all ones, the largest numbers with the
 * signs of the ordinary case, denormals, and the ordinary case with one NaN or one infinity in front. Other inputs stay
 * as they are.
 */
export function stressSources(ordinary: CaseSource): CaseSource[] {
  return Object.entries(FLOAT_CHANGES).map(([name, change]): CaseSource => {
    const label = `stress ${name}`;
    const read = async (): Promise<Case> => {
      const { inputs } = await ordinary.read();
      const changed = Object.entries(inputs).map(([key, tensor]) => [key, changeTensor(tensor, change)]);
      return { label, inputs: Object.fromEntries(changed), reference: null, stress: true };
    };
    return { label, read };
  });
}

function changeTensor(tensor: Tensor, change: Change): Tensor {
  const { dtype, shape, data } = tensor;
  const limits = LIMITS[dtype];
  if (!limits || dtype === 'string' || Array.isArray(data)) return tensor;
  const made: NumericData = allocateData(dtype, elementCount(shape));
  const [decode, encode] = CODES[dtype] ?? [Number, Number];
  for (let i = 0; i < made.length; i++) made[i] = encode(change(decode(Number(data[i])), i, limits));
  return { dtype, shape, data: made };
}
