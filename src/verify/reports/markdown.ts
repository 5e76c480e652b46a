// `--markdown`: the record as a job summary for GitHub and GitLab. Names are text, whatever they hold.
import type { BisectReport, LayersReport } from '../../formats/output/layers.ts';
import type { ParityRecord } from '../../formats/output/parity.ts';
import { escapeMarkdown } from '../../report/escape.ts';
import { figure, toleranceText } from '../figures.ts';
import { type Ending, noiseRows, pairText, rowsOf, verdictText, worstText } from './text.ts';

/** A summary may take 1 MiB on GitHub; what failed comes first. */
const MAX_ROWS = 100;

/** The whole document. A verification that did not end says so in its heading. */
export function markdownText(ending: Ending): string {
  if (!('record' in ending)) return failureText(ending.failure);
  const { record } = ending;
  return `${[
    `## tk verify: ${record.verdict}`,
    escapeMarkdown(verdictText(record)),
    runnersText(record),
    ...(record.changed.length > 0
      ? [list('Files that are not as `tk convert` wrote them', record.changed)]
      : []),
    outputsTable(record),
    ...faultsText(record),
    ...noiseText(record),
    ...(record.layers ? [layersText(record.layers)] : []),
    ...(record.bisect ? [bisectText(record.bisect)] : []),
  ].join('\n\n')}\n`;
}

function failureText({
  code,
  message,
  hint,
}: {
  code: string;
  message: string;
  hint?: string | undefined;
}): string {
  const lines = [`## tk verify did not finish`, `${escapeMarkdown(message)} (\`${code}\`)`];
  return `${[...lines, ...(hint ? [escapeMarkdown(hint)] : [])].join('\n\n')}\n`;
}

function runnersText({ runners, seed, leftOut, notCompared }: ParityRecord): string {
  return [
    ...runners.map(
      ({ name, version, reason }) =>
        `- ${escapeMarkdown(`${name} ${version}${reason ? ` (${reason})` : ''}`)}`,
    ),
    `- seed ${seed}`,
    ...leftOut.map((text) => `- left out: ${escapeMarkdown(text)}`),
    ...notCompared.map((text) => `- not compared ${escapeMarkdown(text)}`),
  ].join('\n');
}

function outputsTable(record: ParityRecord): string {
  const all = rowsOf(record);
  const rows = [...all.filter(({ output }) => !output.passed), ...all.filter(({ output }) => output.passed)];
  const lines = rows
    .slice(0, MAX_ROWS)
    .map(({ comparison, output }) =>
      row([
        output.drawn ? 'random' : output.passed ? '✅' : '❌',
        output.name,
        pairText(comparison),
        comparison.inputs,
        figure(output.maxAbs),
        figure(output.maxRel),
        output.cosine === null ? '-' : output.cosine.toFixed(5),
      ]),
    );
  const more = rows.length - lines.length;
  return [
    '| | Output | Pair | Inputs | Max abs | Max rel | Cosine |',
    '| --- | --- | --- | --- | ---: | ---: | ---: |',
    ...lines,
    ...(more > 0 ? ['', `… and ${more} more.`] : []),
  ].join('\n');
}

function faultsText(record: ParityRecord): string[] {
  const faults = rowsOf(record)
    .filter(({ output }) => !output.passed)
    .slice(0, MAX_ROWS)
    .map(({ comparison, output }) => {
      const worst = worstText(output);
      return `${output.name}, ${pairText(comparison)}, ${comparison.inputs}: ${output.reason}${worst ? `; ${worst}` : ''}`;
    });
  return faults.length > 0 ? [list('What failed', faults)] : [];
}

function noiseText(record: ParityRecord): string[] {
  const rows = noiseRows(record).map(({ output, runner, rounding, far, within }) =>
    row([within ? '✅' : '❌', output, runner, figure(rounding), far]),
  );
  if (rows.length === 0) return [];
  const head = [
    '| | Output | Runner | Rounding alone (RMS) | Distance from float64 |',
    '| --- | --- | --- | ---: | ---: |',
  ];
  return [['### Is it noise?', '', ...head, ...rows].join('\n')];
}

function layersText({ layers, leftOut, firstDeparture, inputs, tolerances }: LayersReport): string {
  const first = layers.find(({ onnx }) => onnx === firstDeparture);
  const compared = `${layers.length} tensors inside compared on ${inputs}, ${leftOut.length} left out.`;
  if (!first) return `### Layers\n\n${escapeMarkdown(compared)} All are within the tolerance.`;
  const from = Math.max(0, layers.indexOf(first) - 3);
  const rows = layers
    .slice(from, from + 8)
    .map((layer) =>
      row([
        layer.passed ? '✅' : '❌',
        layer.op,
        layer.onnx,
        layer.tensorflow,
        figure(layer.maxAbs),
        figure(layer.relativeError),
      ]),
    );
  return [
    '### Layers',
    '',
    escapeMarkdown(
      `${compared} The first beyond ${toleranceText(tolerances.atol)} + ${toleranceText(tolerances.rtol)} |b| is ${first.onnx}.`,
    ),
    '',
    '| | Op | ONNX | TensorFlow | Max abs | Rel RMS |',
    '| --- | --- | --- | --- | ---: | ---: |',
    ...rows,
  ].join('\n');
}

function bisectText({ found, inherited, notTried }: BisectReport): string {
  if (!found) {
    const text = `No op departs by more than its share; ${inherited.length} suspects inherited their errors, ${notTried.length} could not be run alone.`;
    return `### Bisect\n\n${text}`;
  }
  const names = found.nodes.map(({ op, name }) => `${op} ${name}`).join(', ');
  const own = `alone it is off by ${figure(found.own.maxAbs)} (${figure(found.own.relativeError)} of its output; rounding explains ${figure(found.own.share)})`;
  return [
    '### Bisect',
    '',
    escapeMarkdown(`${names} departs by itself: ${own}. ${found.reason}`),
    '',
    fenced(found.command),
  ].join('\n');
}

function list(title: string, items: readonly string[]): string {
  return [`### ${title}`, '', ...items.map((text) => `- ${escapeMarkdown(text)}`)].join('\n');
}

function row(cells: readonly string[]): string {
  return `| ${cells.map(escapeMarkdown).join(' | ')} |`;
}

/** A block of code whose fence is longer than any run of backticks in it. */
function fenced(text: string): string {
  const longest = Math.max(0, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(Math.max(3, longest + 1));
  return `${fence}\n${text.replaceAll(/[\r\n]/g, ' ')}\n${fence}`;
}
