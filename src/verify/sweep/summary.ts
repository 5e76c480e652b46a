// A sweep as text for people.
import { renderTable } from '../../terminal/table.ts';
import type { SweepReport } from './sweep.ts';

const WORDS = { passed: 'RANDOM', failed: 'FAILED', error: 'ERROR' };

/** A table of every model, what is wrong with those that did not pass, and the counts. */
export function summaryText({ models, passed, failed, errors }: SweepReport): string {
  const rows = models.map(({ model, verdict, comparisons, maxAbs, seconds, cached }) => [
    model,
    verdict === 'passed' ? 'ok' : verdict === 'failed' ? 'FAIL' : 'ERROR',
    String(comparisons),
    maxAbs === null ? '-' : maxAbs === 0 ? '0' : maxAbs.toExponential(1),
    cached ? 'done before' : `${seconds} s`,
  ]);
  const reasons = models.flatMap(({ model, verdict, reason }) =>
    reason === null ? [] : [`${WORDS[verdict]} ${model}\n  ${reason}`],
  );
  const total = `${models.length} model${models.length === 1 ? '' : 's'}`;
  const verdict =
    passed === models.length
      ? `PASSED: ${total}`
      : `FAILED: of ${total} ${failed} failed, ${errors} could not be verified`;
  return [renderTable(['Model', '', 'Compared', 'Max abs', 'Time'], rows), ...reasons, verdict].join('\n');
}
