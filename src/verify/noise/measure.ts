// How far results are from a float64 run of the same graph, in units of what rounding alone makes of it.
import { float16ToNumber } from '../../formats/half.ts';
import type { NoiseFigures } from '../../formats/output/parity.ts';
import type { Tensor } from '../../formats/tensor.ts';
import type { Result } from '../run-cases.ts';
import type { RoundedTensor } from './session.ts';

/**
 * From how many times rounding on a difference is no longer called noise. Runtimes that add in another order stay below 2
 * on the networks tried (docs/verify.md); a constant off by one part in ten thousand is far above.
 */
export const NOISE_LIMIT = 8;

/** Half the distance of two neighbouring numbers near 1, by element type: no result can be expected to be nearer. */
const HALF_ULP: Partial<Record<Tensor['dtype'], number>> = {
  float16: 2 ** -11,
  float32: 2 ** -24,
  float64: 2 ** -53,
};

/** Gathers squares over cases: of an output, and of each result's distance from float64. */
export interface NoiseMeter {
  add(results: Result[], tensors: Map<string, RoundedTensor>): void;
  figures(): NoiseFigures[];
}

interface Sums {
  count: number;
  exact: number;
  rounding: number;
  halfUlp: number;
  results: Map<string, number>;
}

export function createNoiseMeter(): NoiseMeter {
  const byOutput = new Map<string, Sums>();
  return {
    add: (results, tensors) => {
      for (const [name, { exact, rounded }] of tensors) {
        const sums = byOutput.get(name) ?? {
          ...{ count: 0, exact: 0, rounding: 0, results: new Map() },
          halfUlp: HALF_ULP[rounded.dtype] ?? 0,
        };
        byOutput.set(name, sums);
        addTo(sums, name, exact.data as Float64Array, numbers(rounded), results);
      }
    },
    figures: () => [...byOutput].map(([name, sums]) => figuresOf(name, sums)),
  };
}

function addTo(
  sums: Sums,
  name: string,
  exact: Float64Array,
  rounded: ArrayLike<number>,
  results: Result[],
): void {
  const sides = results.flatMap(({ label, outcome }) => {
    const tensor = 'outputs' in outcome ? outcome.outputs[name] : undefined;
    const fits = tensor && tensor.data.length === exact.length && tensor.dtype.startsWith('float');
    return fits ? [{ label, values: numbers(tensor) }] : [];
  });
  for (const [i, value] of exact.entries()) {
    // Where float64 overflows too there is nothing to measure.
    if (!Number.isFinite(value) || !Number.isFinite(rounded[i]!)) continue;
    sums.count++;
    sums.exact += value * value;
    sums.rounding += (rounded[i]! - value) ** 2;
    for (const { label, values } of sides) {
      sums.results.set(label, (sums.results.get(label) ?? 0) + (values[i]! - value) ** 2);
    }
  }
}

function figuresOf(name: string, { count, exact, rounding, halfUlp, results }: Sums): NoiseFigures {
  const rms = (sum: number) => Math.sqrt(sum / Math.max(1, count));
  // Data that is only moved is not rounded at all; the last rounding of a number is even over half an ULP.
  const expected = Math.max(rms(rounding), (halfUlp / Math.sqrt(3)) * rms(exact));
  return {
    name,
    rounding: expected,
    relative: exact > 0 ? expected / rms(exact) : null,
    runners: [...results].map(([runner, sum]) => {
      const times = expected > 0 ? rms(sum) / expected : sum === 0 ? 0 : null;
      const isNoise = times !== null && times <= NOISE_LIMIT;
      return { runner, times: times !== null && Number.isFinite(times) ? times : null, isNoise };
    }),
  };
}

function numbers({ dtype, data }: Tensor): ArrayLike<number> {
  return dtype === 'float16'
    ? Float32Array.from(data as Uint16Array, float16ToNumber)
    : (data as Float32Array | Float64Array);
}
