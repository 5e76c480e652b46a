// A calibration as a page with pictures: DET and ROC curves, score histograms, and the figures.
import { barChart, type LineChart, lineChart, lineChartPicture, type Series } from '../../report/chart.ts';
import { type Html, html } from '../../report/escape.ts';
import { facts, renderPage, section, table } from '../../report/page.ts';
import type { CalibrationReport, Candidate } from './calibrate.ts';
import {
  aucText,
  candidateTitle,
  count,
  fmrText,
  fnmrText,
  qualityLines,
  rateText,
  shownFmrs,
} from './text.ts';

/** One self-contained page. */
export function calibrationPage(report: CalibrationReport): string {
  const { candidates, fit, test } = report;
  const { profile } = candidates[0]!;
  const body = html`
<div class="verdict good"><strong>Threshold ${String(profile.threshold)}</strong>chosen for a false match rate of ${String(fit.targetFmr)} on the fit part; on other people it lets pass ${rateText(candidates[0]!.test.atThreshold.fmr)} of the impostor pairs and turns away ${rateText(candidates[0]!.test.atThreshold.fnmr)} of the genuine ones.</div>
${qualityLines(report).map((line) => html`<p>${line}</p>`)}
${facts([
  ['Embedder profile', `${profile.name} (${profile.metric})`],
  ['Faces', `${report.photos} photos of ${report.people} people, ${report.skipped.length} left out`],
  [
    'Fit part',
    `${fit.people} people, ${count(fit.genuine)} genuine and ${count(fit.impostor)} impostor pairs`,
  ],
  [
    'Test part',
    `${test.people} people, ${count(test.genuine)} genuine and ${count(test.impostor)} impostor pairs`,
  ],
  ['Intervals', `95 %, ${report.draws} draws of the test part's people`],
  ['Seed', String(report.seed)],
])}
${section('Error rates on the test part', ratesTable(report))}
${section('Curves', lineChart(detChart(scoresOf(candidates))), lineChart(rocChart(scoresOf(candidates))))}
${section('Scores of the test part', histogram(report, 'genuine'), histogram(report, 'impostor'))}
${section('Pairs to look at', html`<p>A wrong label shows here first.</p>`, suspectsTable(report))}
${section('Left out', skippedList(report))}
`;
  return renderPage({ title: `Calibration of ${profile.name}`, body });
}

/** The DET curve as a picture. */
export function detPicture({ candidates }: CalibrationReport): string {
  return lineChartPicture(detChart(scoresOf(candidates)));
}

/** The ROC curve as a picture. */
export function rocPicture({ candidates }: CalibrationReport): string {
  return lineChartPicture(rocChart(scoresOf(candidates)));
}

function ratesTable({ candidates }: CalibrationReport): Html {
  const cells = (of: (candidate: Candidate) => string) => candidates.map(of);
  const rows = [
    ['Threshold', ...cells(({ profile }) => String(profile.threshold))],
    ['FMR there', ...cells(({ test }) => rateText(test.atThreshold.fmr))],
    ['FNMR there', ...cells(({ test }) => rateText(test.atThreshold.fnmr))],
    ['EER', ...cells(({ test }) => rateText(test.eer))],
    ['AUC', ...cells(({ test }) => aucText(test.auc))],
    ...shownFmrs(candidates[0]!).map(({ fmr }, index) => [
      `FNMR at FMR ${fmrText(fmr)}`,
      ...cells(({ test }) => fnmrText(test.fnmrAtFmr[index]!, test.impostor)),
    ]),
  ];
  return table(
    [{ title: '' }, ...candidates.map((candidate) => ({ title: candidateTitle(candidate) }))],
    rows,
  );
}

/** One candidate for each way of scoring: those that differ in the threshold alone share a curve. */
function scoresOf(candidates: Candidate[]): Candidate[] {
  const keyOf = ({ profile: { threshold: _, ...score } }: Candidate) => JSON.stringify(score);
  return candidates.filter(
    (candidate, index) => candidates.findIndex((other) => keyOf(other) === keyOf(candidate)) === index,
  );
}

/** Both errors on logarithmic axes: lower and further left is better. */
function detChart(candidates: Candidate[]): LineChart {
  return {
    title: 'DET: false non-matches against false matches',
    x: { label: 'FMR', log: true },
    y: { label: 'FNMR', log: true },
    series: candidates.map((candidate) => curveSeries(candidate, (fnmr) => fnmr)),
  };
}

function rocChart(candidates: Candidate[]): LineChart {
  return {
    title: 'ROC: genuine pairs that pass against false matches',
    x: { label: 'FMR', log: true },
    y: { label: '1 − FNMR' },
    series: candidates.map((candidate) => {
      const series = curveSeries(candidate, (fnmr) => 1 - fnmr);
      // Where nobody passes, the curve would take the whole height for what nobody asks.
      return { ...series, points: series.points.slice(1) };
    }),
  };
}

function curveSeries(candidate: Candidate, y: (fnmr: number) => number): Series {
  return {
    name: candidateTitle(candidate),
    shape: 'step',
    points: candidate.test.curve.map(({ fmr, fnmr, threshold }) => ({
      x: fmr,
      y: y(fnmr),
      label: `threshold ${threshold.toFixed(3)}\nFMR ${fmr.toPrecision(3)}\nFNMR ${fnmr.toPrecision(3)}`,
    })),
  };
}

/** Genuine and impostor pairs in two pictures over the same axis. */
function histogram(
  { histogram: { edges, genuine, impostor }, candidates }: CalibrationReport,
  kind: 'genuine' | 'impostor',
): Html {
  const counts = { genuine, impostor }[kind];
  return barChart({
    title: `${kind === 'genuine' ? 'Genuine' : 'Impostor'} pairs`,
    x: { label: 'score', domain: [edges[0]!, edges.at(-1)!] },
    y: { label: 'pairs' },
    bars: counts.map((value, bin) => ({
      from: edges[bin]!,
      to: edges[bin + 1]!,
      value,
      label: `${edges[bin]!.toFixed(3)} to ${edges[bin + 1]!.toFixed(3)}: ${value} pairs`,
    })),
    marks: [{ x: candidates[0]!.profile.threshold, label: 'threshold' }],
  });
}

function suspectsTable({ suspects }: CalibrationReport): Html {
  const rows = Object.entries({
    'different people': suspects.impostor,
    'one person': suspects.genuine,
  }).flatMap(([kind, pairs]) => pairs.map(({ a, b, score }) => [kind, a, b, score.toFixed(3)]));
  return table(
    [{ title: 'Labelled' }, { title: 'Photo' }, { title: 'Photo' }, { title: 'Score', number: true }],
    rows,
  );
}

function skippedList({ skipped }: CalibrationReport): Html {
  if (skipped.length === 0) return html`<p>Nothing.</p>`;
  return table(
    [{ title: 'Photo' }, { title: 'Why' }],
    skipped.map(({ file, reason }) => [file, reason]),
  );
}
