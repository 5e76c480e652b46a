// The bounds of a rule that are not tolerances: each on one figure of a whole output.
import type { OutputComparison } from '../formats/output/parity.ts';
import type { Bounds } from './tolerances.ts';

type Figures = Pick<OutputComparison, 'cosine' | 'snrDb' | 'maxUlp' | 'ranking'>;

/** The first bound that the figures break, in words; null where all hold. A figure that is not defined breaks none. */
export function brokenBound(figures: Figures, bounds: Bounds): string | null {
  const { cosine, snrDb, maxUlp, ranking } = figures;
  const checks: [string, number | null, number | undefined, 'at least' | 'at most'][] = [
    ['cosine', cosine, bounds.minCosine, 'at least'],
    ['SNR in dB', snrDb, bounds.minSnrDb, 'at least'],
    ['ULP distance', maxUlp, bounds.maxUlp, 'at most'],
    ['argmax flips', ranking?.argmaxFlips ?? null, bounds.maxArgmaxFlips, 'at most'],
    [`top-${ranking?.k} agreement`, ranking?.topK ?? null, bounds.minTopK, 'at least'],
  ];
  for (const [name, figure, bound, sense] of checks) {
    if (figure === null || bound === undefined) continue;
    if (sense === 'at least' ? figure < bound : figure > bound)
      return `${name} ${figure}, ${sense} ${bound} is asked for`;
  }
  return null;
}
