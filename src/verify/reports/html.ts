// `--html`: the record as one self-contained page: verdict, figures, spread of the errors, layers, and image inputs.
import type { BisectReport, Layer, LayersReport } from '../../formats/output/layers.ts';
import type { Histogram, OutputComparison, ParityRecord } from '../../formats/output/parity.ts';
import { barChart, lineChart } from '../../report/chart.ts';
import { type Html, html } from '../../report/escape.ts';
import { facts, renderPage, section, table } from '../../report/page.ts';
import { figure, toleranceText } from '../figures.ts';
import type { ShownInput } from './images.ts';
import { type Ending, noiseRows, pairText, rowsOf, verdictText, worstText } from './text.ts';

/** Charts of a page that is still quick to open. */
const MAX_CHARTS = 12;
/** Comparisons that are read at a glance. */
const MAX_ROWS = 12;
/** Failures that are told one by one. */
const MAX_FAULTS = 20;

/** The whole document. A verification that did not end says so in place of a verdict. */
export function htmlText(ending: Ending, images: readonly ShownInput[]): string {
  if (!('record' in ending)) {
    const { code, message, hint } = ending.failure;
    const verdict = html`<div class="verdict bad"><strong>not finished</strong>${message} (<code>${code}</code>)${hint ? html`<br>${hint}` : null}</div>`;
    return renderPage({ title: 'tk verify', body: verdict });
  }
  const { record } = ending;
  const body = html`${[
    verdictBlock(record),
    factsBlock(record),
    section('Outputs', outputsTable(record), ...faultBlocks(record)),
    ...(images.length > 0 ? [imagesSection(images)] : []),
    ...noiseSection(record),
    ...(record.bisect ? [bisectSection(record.bisect)] : []),
    ...(record.layers ? [layersSection(record.layers, record.bisect)] : []),
    histogramsSection(record),
  ]}`;
  return renderPage({ title: `tk verify: ${subjectOf(record)}`, body });
}

function subjectOf({ runners }: ParityRecord): string {
  return [...new Set(runners.map(({ model, name }) => model ?? name))].join(', ');
}

function verdictBlock(record: ParityRecord): Html {
  const good = record.verdict === 'passed';
  const changed = record.changed.map((text) => html`<br>${text}: not as tk convert wrote it`);
  return html`<div class="verdict ${good ? 'good' : 'bad'}"><strong>${record.verdict}</strong>${verdictText(record).replace(/^[A-Z]+: /, '')}${changed}</div>\n`;
}

function factsBlock(record: ParityRecord): Html {
  const { runners, seed, sizes, leftOut, notCompared, finishedAt, tool } = record;
  return facts([
    ...runners.map(
      ({ name, version, reason }) => [name, `${version}${reason ? ` (${reason})` : ''}`] as const,
    ),
    ['seed', String(seed)],
    ...(sizes.length > 0 ? [['sizes of symbolic dimensions', sizes.join(', ')] as const] : []),
    ...(leftOut.length > 0 ? [['left out', leftOut.join('; ')] as const] : []),
    ...(notCompared.length > 0 ? [['not compared', notCompared.join('; ')] as const] : []),
    ['finished', `${finishedAt}, tk ${tool.version}`],
  ]);
}

/** Every comparison; of many first the worst figures of each output and pair, over all inputs. */
function outputsTable(record: ParityRecord): Html {
  const rows = rowsOf(record);
  if (rows.length <= MAX_ROWS) return comparisonsTable(rows);
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const key = JSON.stringify([row.output.name, pairText(row.comparison)]);
    groups.set(key, [...(groups.get(key) ?? []), row]);
  }
  const all = html`<details><summary>All ${rows.length} comparisons</summary>${comparisonsTable(rows)}</details>`;
  return html`${comparisonsTable([...groups.values()].map(worstOf))}${all}`;
}

type Row = ReturnType<typeof rowsOf>[number];

/** One row with the worst of several. */
function worstOf(rows: Row[]): Row {
  const extreme = (
    pick: (output: OutputComparison) => number | null,
    of: (...values: number[]) => number,
  ) => {
    const values = rows.map(({ output }) => pick(output)).filter((value) => value !== null);
    return values.length > 0 ? of(...values) : null;
  };
  const [{ comparison, output }] = rows as [Row];
  return {
    comparison: { ...comparison, inputs: `worst of ${rows.length}` },
    output: {
      ...output,
      passed: rows.every((row) => row.output.passed),
      ...(rows.some((row) => row.output.drawn) && { drawn: true as const }),
      maxAbs: extreme(({ maxAbs }) => maxAbs, Math.max),
      maxRel: extreme(({ maxRel }) => maxRel, Math.max),
      meanAbs: extreme(({ meanAbs }) => meanAbs, Math.max),
      cosine: extreme(({ cosine }) => cosine, Math.min),
      snrDb: extreme(({ snrDb }) => snrDb, Math.min),
    },
  };
}

function comparisonsTable(comparisons: readonly Row[]): Html {
  const columns = [
    { title: '' },
    { title: 'Output' },
    { title: 'Pair' },
    { title: 'Inputs' },
    ...['Max abs', 'Max rel', 'Mean abs', 'Cosine', 'SNR dB'].map((title) => ({ title, number: true })),
  ];
  const rows = comparisons.map(({ comparison, output }) => [
    output.drawn ? html`random` : mark(output.passed),
    output.name,
    pairText(comparison),
    comparison.inputs,
    figure(output.maxAbs),
    figure(output.maxRel),
    figure(output.meanAbs),
    output.cosine === null ? '-' : output.cosine.toFixed(5),
    output.snrDb === null ? '-' : output.snrDb.toFixed(1),
  ]);
  return table(columns, rows);
}

function mark(passed: boolean): Html {
  return passed ? html`<span class="good">✓</span>` : html`<span class="bad">✗</span>`;
}

function faultBlocks(record: ParityRecord): Html[] {
  return rowsOf(record)
    .filter(({ output }) => !output.passed)
    .slice(0, MAX_FAULTS)
    .map(({ comparison, output }) => {
      const worst = worstText(output);
      return html`<p><strong class="bad">${output.name}</strong>, ${pairText(comparison)}, ${comparison.inputs}: ${output.reason ?? ''}${worst ? html`<br>${worst}` : null}</p>\n`;
    });
}

function noiseSection(record: ParityRecord): Html[] {
  const rows = noiseRows(record).map(({ output, runner, rounding, far, within }) => [
    mark(within),
    output,
    runner,
    figure(rounding),
    far,
  ]);
  const columns = [
    ...['', 'Output', 'Runner'].map((title) => ({ title })),
    ...['Rounding alone, RMS', 'Distance from float64'].map((title) => ({ title, number: true })),
  ];
  return rows.length > 0 ? [section('Is it noise?', table(columns, rows))] : [];
}

function imagesSection(images: readonly ShownInput[]): Html {
  const shown = images.map(
    ({ label, name, png, range }) =>
      html`<figure><img alt="${label}" src="data:image/png;base64,${png}"><figcaption>${label}, input ${name}, ${range}</figcaption></figure>`,
  );
  return section('Inputs', html`<div class="images">${shown}</div>`);
}

function bisectSection({ found, inherited, notTried }: BisectReport): Html {
  const tried = notTried.map(
    ({ onnx, reason }) => html`<p class="quiet">${onnx} could not be run alone: ${reason}</p>`,
  );
  if (!found) {
    const text = `No op departs by more than its share. ${inherited.length} suspects inherited their errors.`;
    return section('The op that departs', html`<p>${text}</p>`, ...tried);
  }
  const columns = [
    { title: '' },
    { title: 'Tensor' },
    { title: 'In TensorFlow' },
    ...['Max abs', 'Rel RMS'].map((title) => ({ title, number: true })),
  ];
  const rows = [
    ...found.inputs.map((each) => [
      'reads',
      each.name,
      each.tensorflow,
      figure(each.maxAbs),
      figure(each.relativeError),
    ]),
    [
      'makes',
      found.output,
      found.tensorflow,
      figure(found.inherited.maxAbs),
      figure(found.inherited.relativeError),
    ],
    ['alone, on the same inputs', '', '', figure(found.own.maxAbs), figure(found.own.relativeError)],
    ['its share, by rounding', '', '', '', figure(found.own.share)],
  ];
  const nodes = found.nodes.map(({ op, name }) => `${op} ${name}`).join(', ');
  return section(
    'The op that departs',
    html`<p><strong>${nodes}</strong></p><p>${found.reason}</p>`,
    table(columns, rows),
    html`<p>Repeat:</p><pre>${found.command}</pre>`,
    ...tried,
  );
}

function layersSection(report: LayersReport, bisect: BisectReport | undefined): Html {
  const { layers, leftOut, bodies, inputs, firstDeparture, tolerances } = report;
  const computed = layers.filter(({ op }) => op !== 'Constant');
  const place = (onnx: string | null | undefined) => computed.findIndex((layer) => layer.onnx === onnx);
  const marks = [
    { x: place(firstDeparture), label: 'first beyond' },
    { x: place(bisect?.found?.output), label: 'departs by itself' },
  ].filter(({ x }) => x >= 0);
  const series = [
    { name: 'max abs', points: computed.flatMap(pointOf(({ maxAbs }) => maxAbs)) },
    { name: 'relative RMS', points: computed.flatMap(pointOf(({ relativeError }) => relativeError)) },
  ];
  const chart = lineChart({
    title: `Error by layer, on ${inputs}`,
    x: { label: 'layer, in the order of the ONNX graph', format: (at) => String(Math.round(at)) },
    y: { label: 'difference', log: true },
    series,
    marks: marks.length === 2 && marks[0]!.x === marks[1]!.x ? marks.slice(1) : marks,
  });
  const summary = `${layers.length} tensors compared, ${leftOut.length} left out; the first beyond ${toleranceText(tolerances.atol)} + ${toleranceText(tolerances.rtol)} |b| is ${firstDeparture ?? 'none'}.`;
  return section(
    'Layers',
    html`<p>${summary}</p>`,
    chart,
    html`<details><summary>All layers</summary>${layersTable(layers)}</details>`,
    ...(leftOut.length > 0
      ? [
          html`<details><summary>Left out</summary>${table(
            [{ title: 'Op' }, { title: 'Tensor' }, { title: 'Why' }],
            leftOut.map(({ op, onnx, reason }) => [op, onnx, reason]),
          )}</details>`,
        ]
      : []),
    ...bodies.map((label) => html`<p class="quiet">Not looked into: the graphs inside ${label}</p>`),
  );
}

function pointOf(value: (layer: Layer) => number | null) {
  return (layer: Layer, at: number) => {
    const y = value(layer);
    const names = `${layer.op} ${layer.onnx}\n${layer.tensorflow}`;
    const label = `${names}\nmax abs ${figure(layer.maxAbs)}, relative ${figure(layer.relativeError)}`;
    return y === null ? [] : [{ x: at, y, label }];
  };
}

function layersTable(layers: readonly Layer[]): Html {
  const columns = [
    ...['', 'Op', 'ONNX', 'TensorFlow'].map((title) => ({ title })),
    ...['Max abs', 'Max rel', 'Rel RMS'].map((title) => ({ title, number: true })),
  ];
  const rows = layers.map((layer) => [
    mark(layer.passed),
    layer.op,
    layer.onnx,
    layer.tensorflow,
    figure(layer.maxAbs),
    figure(layer.maxRel),
    figure(layer.relativeError),
  ]);
  return table(columns, rows);
}

/** One chart an output and pair, over all cases. */
function histogramsSection(record: ParityRecord): Html {
  const sums = new Map<string, Histogram>();
  for (const { comparison, output } of rowsOf(record)) {
    if (!output.histogram) continue;
    const title = `${output.name}, ${pairText(comparison)}`;
    sums.set(title, added(sums.get(title), output.histogram));
  }
  const charts = [...sums].slice(0, MAX_CHARTS).map(([title, histogram]) => histogramChart(title, histogram));
  const more = sums.size - charts.length;
  const rest = more > 0 ? [html`<p class="quiet">… and ${more} more: see the record.</p>`] : [];
  return section('How the differences spread', ...charts, ...rest);
}

function added(a: Histogram | undefined, b: Histogram): Histogram {
  const counts = new Map<number, number>();
  for (const { exponent, count } of [...(a?.decades ?? []), ...b.decades]) {
    counts.set(exponent, (counts.get(exponent) ?? 0) + count);
  }
  const decades = [...counts].sort(([x], [y]) => x - y).map(([exponent, count]) => ({ exponent, count }));
  return { equal: (a?.equal ?? 0) + b.equal, decades };
}

function histogramChart(title: string, { equal, decades }: Histogram): Html {
  const bars = decades.map(({ exponent, count }) => ({
    from: exponent,
    to: exponent + 1,
    value: count,
    label: `${count} elements differ by 1e${exponent} to 1e${exponent + 1}`,
  }));
  const note = html`<p class="quiet">${equal} elements are equal.</p>`;
  if (bars.length === 0) return html`<h3>${title}</h3>${note}`;
  const low = decades[0]!.exponent;
  const high = decades.at(-1)!.exponent + 1;
  return html`${barChart({
    title,
    x: {
      label: 'absolute difference',
      domain: [low, Math.max(high, low + 3)],
      format: (exponent) => (Number.isInteger(exponent) ? `1e${exponent}` : ''),
    },
    y: { label: 'elements' },
    bars,
  })}${note}`;
}
