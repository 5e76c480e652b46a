// TensorFlow's DataType numbers (framework/types.proto) for our element types.
import type { DType } from '../tensor.ts';

const NUMBERS: Record<DType, number> = {
  float32: 1,
  float64: 2,
  int32: 3,
  uint8: 4,
  int16: 5,
  int8: 6,
  string: 7,
  int64: 9,
  bool: 10,
  bfloat16: 14,
  uint16: 17,
  float16: 19,
  uint32: 22,
  uint64: 23,
};

export function dataTypeOf(dtype: DType): number {
  return NUMBERS[dtype];
}

export function dtypeOf(number: number): DType | null {
  return (Object.keys(NUMBERS) as DType[]).find((dtype) => NUMBERS[dtype] === number) ?? null;
}
