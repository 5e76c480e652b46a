// The one figure that layers are judged by: how large a difference is beside what it is a difference of.
import type { OutputComparison } from '../../formats/output/parity.ts';

/**
 * Root mean square of the difference over that of the expected side. 0 where nothing differs; infinite where there is
 * nothing to measure by: another shape or type, NaN on one side only, a difference from zeros.
 */
export function relativeError({
  snrDb,
  maxAbs,
  failing,
  needs,
}: Pick<OutputComparison, 'snrDb' | 'maxAbs' | 'failing' | 'needs'>): number {
  if (maxAbs === null) return failing === 0 && needs.atol !== null ? 0 : Number.POSITIVE_INFINITY;
  if (failing > 0 && needs.atol === null) return Number.POSITIVE_INFINITY;
  if (maxAbs === 0) return 0;
  return snrDb === null ? Number.POSITIVE_INFINITY : 10 ** (-snrDb / 20);
}
