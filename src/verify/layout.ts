// Inputs for a SavedModel that was converted with --input-layout nhwc: rank-4 tensors with their channels last.
import type { NumericData, Tensor } from '../formats/tensor.ts';

/** The same inputs, those of rank 4 permuted from N × C × H × W to N × H × W × C. */
export function channelsLast(inputs: Record<string, Tensor>): Record<string, Tensor> {
  return Object.fromEntries(Object.entries(inputs).map(([name, tensor]) => [name, permute(tensor)]));
}

function permute(tensor: Tensor): Tensor {
  const [batch, channels, height, width] = tensor.shape;
  if (tensor.shape.length !== 4 || Array.isArray(tensor.data)) return tensor;
  const area = height! * width!;
  const source = tensor.data;
  const data = new (source.constructor as new (length: number) => NumericData)(source.length);
  for (let n = 0; n < batch!; n++) {
    for (let c = 0; c < channels!; c++) {
      const from = (n * channels! + c) * area;
      const to = n * channels! * area + c;
      for (let i = 0; i < area; i++) data[to + i * channels!] = source[from + i]!;
    }
  }
  return { dtype: tensor.dtype, shape: [batch!, height!, width!, channels!], data };
}
