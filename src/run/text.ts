// A run's outputs for people, as saved_model_cli prints them, and as data.
import { arrayText } from '../formats/npy/text.ts';
import type { Tensor } from '../formats/tensor.ts';
import { numberOf } from './feed.ts';
import type { RunResult } from './run.ts';

/** The text of saved_model_cli, to the byte. */
export function resultText({ outputs }: RunResult): string {
  return outputs
    .map(({ key, tensor, file }) => {
      const saved = file === null ? '' : `Output ${key} is saved to ${file}\n`;
      return `Result for output key ${key}:\n${arrayText(tensor)}\n${saved}`;
    })
    .join('');
}

/** The outputs as JSON can hold them. */
export function resultJson({ runtime, outputs }: RunResult): unknown {
  return {
    runtime,
    outputs: outputs.map(({ key, tensor, file }) => ({
      ...{ key, dtype: tensor.dtype, shape: tensor.shape, data: jsonData(tensor) },
      ...(file !== null && { file }),
    })),
  };
}

/** Row-major: numbers; as text what JSON has no number for (nan, infinities, 64-bit integers); bytes as base64. */
function jsonData({ dtype, data }: Tensor): unknown[] {
  return Array.from(data as ArrayLike<number | bigint | string>, (value) => {
    if (typeof value === 'string') return Buffer.from(value, 'latin1').toString('base64');
    if (dtype === 'bool') return value !== 0;
    if (typeof value === 'bigint') return String(value);
    const number = numberOf(value, dtype);
    return Number.isFinite(number) ? number : String(number);
  });
}
