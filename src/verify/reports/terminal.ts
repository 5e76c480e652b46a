// A verification as text for people: who ran, a table that fits 80 columns, what failed and where, the verdict.
import type { Comparison, OutputComparison, ParityRecord } from '../../formats/output/parity.ts';
import { renderTable } from '../../terminal/table.ts';
import { wrapParagraph } from '../../terminal/wrap.ts';
import { figure, toleranceText } from '../figures.ts';
import { bisectText, layersText } from '../layers/text.ts';
import { noiseRows, verdictText, worstText } from './text.ts';

/** Short names of runtimes; a runner's label may go on, with a file's name. */
const SHORT_NAMES: [string, string][] = [
  ['onnxruntime-node', 'ONNX'],
  ['onnxruntime-python', 'ONNX-py'],
  ['onnx-reference', 'ONNX-ref'],
  ['tfjs-node', 'TF'],
  ['tf-python', 'TF'],
  ['litert-python', 'TFLite'],
];
const MAX_FAULTS = 20;
const WIDTH = 80;

/** The whole report, without a final newline. */
export function reportText(record: ParityRecord): string {
  const names = shortNames(record);
  return [
    ...record.runners.map((runner) => runnerLine(runner, names.get(runner.name)!)),
    ...(record.sizes.length > 0 ? [`sizes of symbolic dimensions: ${record.sizes.join(', ')}`] : []),
    ...(record.comparisons.length > 0 ? [table(record.comparisons, names)] : []),
    ...record.leftOut.map((text) => `left out: ${text}`),
    ...record.notCompared.map((text) => `not compared ${text}`),
    ...record.changed.map((text) => `FAILED ${text}\n  not as tk convert wrote it: convert again`),
    ...faultLines(record, names),
    ...(record.layers ? layersText(record.layers) : []),
    ...(record.bisect ? bisectText(record.bisect) : []),
    ...noiseLines(record),
    ...toleranceLines(record),
    verdictText(record),
  ]
    .flatMap((text) => text.split('\n'))
    .map((line) => (isWhole(line) ? line : wrapParagraph(line, WIDTH)))
    .join('\n');
}

/** Rows of tables, which fit already, and commands, which must stay as they can be typed. */
function isWhole(line: string): boolean {
  return /^[┌├└│]/.test(line) || /^ +(repeat: tk|--)/.test(line) || line.length < WIDTH / 2;
}

function runnerLine(
  { name, runner, version, reason }: ParityRecord['runners'][number],
  short: string,
): string {
  if (runner === 'reference') return `${name} ${version}, stored in reference.npz`;
  const label = short === name ? `${name} ${version}` : `${short}: ${name} ${version}`;
  return reason ? `${label} (${reason})` : label;
}

/** What the table calls the runners: short where no two would be called alike. */
function shortNames({ runners }: ParityRecord): Map<string, string> {
  const shorts = runners.map(({ name }) => {
    const [long, short] = SHORT_NAMES.find(([long]) => name.startsWith(long)) ?? ['', ''];
    return short + name.slice(long.length);
  });
  const unique = shorts.length === new Set(shorts).size;
  return new Map(runners.map(({ name }, at) => [name, unique ? shorts[at]! : name]));
}

function pairOf({ actual, expected }: Comparison, names: Map<string, string>): string {
  return `${names.get(actual) ?? actual} ~ ${names.get(expected) ?? expected}`;
}

function table(comparisons: Comparison[], names: Map<string, string>): string {
  const rows = comparisons.flatMap((comparison) =>
    comparison.outputs.map((output) => [
      output.name,
      pairOf(comparison, names),
      shortInputs(comparison.inputs),
      figure(output.maxAbs),
      figure(output.maxRel),
      output.cosine === null ? '-' : output.cosine.toFixed(5),
      output.drawn ? 'random' : output.passed ? 'ok' : 'FAIL',
    ]),
  );
  return renderTable(['Output', 'Pair', 'Inputs', 'Max abs', 'Max rel', 'Cosine', ''], rows);
}

/** Short enough for a table cell: `seed 42 b1`, `ref b5`; the record has the long form. */
function shortInputs(label: string): string {
  return label.replace(/^reference, batch /, 'ref b').replace(/, batch (\d+)$/, ' b$1');
}

function faultLines({ comparisons }: ParityRecord, names: Map<string, string>): string[] {
  const lines = comparisons.flatMap((comparison) =>
    comparison.outputs.filter(({ passed }) => !passed).map((output) => faultText(comparison, output, names)),
  );
  const more = lines.length - MAX_FAULTS;
  return more > 0 ? [...lines.slice(0, MAX_FAULTS), `… and ${more} more failures: see --json`] : lines;
}

function faultText(comparison: Comparison, output: OutputComparison, names: Map<string, string>): string {
  const { name, reason } = output;
  const worst = worstText(output);
  const where = `FAILED ${name}, ${pairOf(comparison, names)}, ${comparison.inputs}\n  ${reason}`;
  return worst === null ? where : `${where}\n  ${worst}`;
}

function noiseLines(record: ParityRecord): string[] {
  return noiseRows(record).flatMap(({ output, runner, rounding, far, within, isRule }, at, rows) => [
    ...(rows[at - 1]?.output === output
      ? []
      : [`rounding alone, ${output}: ${rounding.toExponential(1)} (root mean square)`]),
    `  ${runner}: ${far}${within ? '' : isRule ? ', FAILED' : ', more than noise'}`,
  ]);
}

function toleranceLines({ comparisons, smallestPassing, tolerances }: ParityRecord): string[] {
  if (comparisons.every(({ outputs }) => outputs.every(({ drawn }) => drawn))) return [];
  const { atol, rtol } = smallestPassing;
  if (atol === null && rtol === null) return ['no tolerance would have passed'];
  const given = { atol: toleranceText(tolerances.atol), rtol: toleranceText(tolerances.rtol) };
  const parts = [
    atol === null ? `no atol with rtol ${given.rtol}` : `atol ${roundedUp(atol)} with rtol ${given.rtol}`,
    rtol === null ? `no rtol with atol ${given.atol}` : `rtol ${roundedUp(rtol)} with atol ${given.atol}`,
  ];
  return [`least tolerance: ${parts.join(', or ')}`];
}

/** Two digits, rounded up, so that what is printed would pass. */
function roundedUp(value: number): string {
  if (value === 0) return '0';
  const unit = 10 ** (Math.floor(Math.log10(value)) - 1);

  return (Math.ceil(value / unit) * unit).toExponential(1);
}
