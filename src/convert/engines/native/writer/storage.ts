// How a weight's elements stand in the file: as they are, or in half precision.
import { floatsToFloat16 } from '../../../../formats/half.ts';
import { type LazyTensor, WeightRefusal } from '../lazy.ts';

/** The largest number that rounds to a finite one in half precision. */
const LARGEST_HALF = 65519.996;

/**
 * What is written of a weight. Filters and matrices are halved; vectors stay, since they weigh next to nothing and carry
 * biases and slopes.
 */
export function stored(name: string, payload: LazyTensor, dtype: 'float32' | 'float16'): LazyTensor {
  if (dtype === 'float32' || payload.dtype !== 'float32' || payload.shape.length < 2) return payload;
  return {
    dtype: 'float16',
    shape: payload.shape,
    key: `${payload.key}|float16`,
    load: () => halved(name, payload.load() as Float32Array),
  };
}

/** @throws WeightRefusal for a finite number that would become infinite */
function halved(name: string, values: Float32Array): Uint16Array {
  const at = values.findIndex((value) => Math.abs(value) > LARGEST_HALF && Number.isFinite(value));
  if (at >= 0) {
    const reason = `its element ${at} is ${values[at]}, which float16 cannot hold`;
    throw new WeightRefusal(name, reason, 'leave out --dtype float16');
  }
  return floatsToFloat16(values);
}
