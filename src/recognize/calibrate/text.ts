// A calibration as people read it in a terminal.
import { renderTable } from '../../terminal/table.ts';
import type { Interval } from './bootstrap.ts';
import type { CalibrationReport, Candidate } from './calibrate.ts';
import type { FnmrAtFmr, Rate } from './evaluate.ts';

/** What was fitted, what it is worth on the test part, and which pairs to look at. */
export function calibrationText(report: CalibrationReport): string {
  const { fit, test } = report;
  const profile = report.candidates[0]!.profile;
  const lines = [
    `${report.photos} photos of ${report.people} people; compared ${count(fit.genuine + fit.impostor + test.genuine + test.impostor)} pairs`,
    `fit part:  ${partText(fit)}`,
    `test part: ${partText(test)}`,
    ...(report.skipped.length > 0
      ? [`left out: ${report.skipped.length} of the photos (--json lists them)`]
      : []),
    ...(report.sampledFrom === null
      ? []
      : [`drawn from ${count(report.sampledFrom)} pairs by seed ${report.seed}`]),
    '',
    `threshold ${profile.threshold}, chosen for an FMR of ${fit.targetFmr} on the fit part`,
    ...qualityLines(report),
    '',
    'On the test part, with 95 % intervals over its people:',
    renderTable(
      ['', ...report.candidates.map(candidateTitle)],
      [
        ['threshold', ...report.candidates.map(({ profile: { threshold } }) => String(threshold))],
        ['FMR there', ...report.candidates.map(({ test: { atThreshold } }) => rateText(atThreshold.fmr))],
        ['FNMR there', ...report.candidates.map(({ test: { atThreshold } }) => rateText(atThreshold.fnmr))],
        ['EER', ...report.candidates.map(({ test: { eer } }) => rateText(eer))],
        ['AUC', ...report.candidates.map(({ test: { auc } }) => aucText(auc))],
        ...shownFmrs(report.candidates[0]!).map(({ fmr }, index) => [
          `FNMR at FMR ${fmrText(fmr)}`,
          ...report.candidates.map(({ test: { fnmrAtFmr, impostor } }) =>
            fnmrText(fnmrAtFmr[index]!, impostor),
          ),
        ]),
      ],
    ),
    '',
    'Most alike of different people:',
    ...report.suspects.impostor.map(({ a, b, score }) => `  ${score.toFixed(3)}  ${a}  ${b}`),
    'Least alike of one person:',
    ...report.suspects.genuine.map(({ a, b, score }) => `  ${score.toFixed(3)}  ${a}  ${b}`),
  ];
  return lines.join('\n');
}

/** Every FMR that can be measured, and the first that cannot. */
export function shownFmrs({ test: { fnmrAtFmr } }: Candidate): FnmrAtFmr[] {
  return fnmrAtFmr.slice(0, fnmrAtFmr.filter(({ measurable }) => measurable).length + 1);
}

/** A power of ten as `10⁻³` would be: short enough for a column. */
export function fmrText(fmr: number): string {
  return fmr.toExponential(0);
}

/** How a candidate is called in tables. */
export function candidateTitle({ name, profile }: Candidate): string {
  return { fitted: 'fitted', given: `as ${profile.name} was`, cosine: 'cosine alone' }[name];
}

/** `1.2 % (0.4 to 2.3)`. */
export function rateText({ value, interval }: Rate): string {
  return `${percent(value)} % ${intervalText(interval, percent)}`;
}

/** The area as a number between 0 and 1. */
export function aucText({ value, interval }: Rate): string {
  return `${value.toFixed(4)} ${intervalText(interval, (end) => end.toFixed(4))}`;
}

/** The FNMR, or why there is none. */
export function fnmrText(rate: FnmrAtFmr, impostor: number): string {
  return rate.measurable ? rateText(rate.fnmr) : `not measurable with ${count(impostor)} pairs`;
}

/** The fitted weight of quality, or why there is none. */
export function qualityLines({ fit, candidates }: CalibrationReport): string[] {
  if (!fit.quality) return [];
  const { kept, reason, alpha, beta } = fit.quality;
  if (kept) return [`α ${alpha}, β ${beta}: ${reason}`];
  return [`α and β were not fitted: ${reason} (${candidates[0]!.profile.metric})`];
}

function intervalText(interval: Interval | null, format: (value: number) => string): string {
  return interval ? `(${format(interval[0])} to ${format(interval[1])})` : '(no interval: too few people)';
}

function partText({ people, photos, genuine, impostor }: CalibrationReport['test']): string {
  return `${people} people, ${photos} photos, ${count(genuine)} genuine and ${count(impostor)} impostor pairs`;
}

function percent(value: number): string {
  return (100 * value).toFixed(2);
}

/** A number with its thousands parted: `1,863`. */
export function count(value: number): string {
  return value.toLocaleString('en-GB');
}
