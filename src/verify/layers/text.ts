// A look inside as text for people: the layers around the first departure, what was left out, and the op to blame.
import type { BisectReport, Layer, LayersReport } from '../../formats/output/layers.ts';
import { renderTable } from '../../terminal/table.ts';
import { figure } from '../figures.ts';

/** Rows of a table that nobody has to scroll for; --json, --html and --report have every layer. */
const MAX_ROWS = 24;
const ROWS_BEFORE = 4;
const MAX_LEFT_OUT = 5;

/** The layers' part of the report. */
export function layersText(report: LayersReport): string[] {
  const { layers, firstDeparture, leftOut, bodies, runs } = report;
  const shown = layers.filter(({ op }) => op !== 'Constant');
  const from = Math.max(0, shown.findIndex(({ passed }) => !passed) - ROWS_BEFORE);
  const rows = shown.slice(from, from + MAX_ROWS);
  const more = shown.length - rows.length;
  const times = runs === 1 ? 'one run of each side' : `${runs} runs of each side, to hold less at once`;
  return [
    `inside, on ${report.inputs}: ${layers.length} tensors compared in ${times}`,
    ...(rows.length > 0 ? [table(rows)] : []),
    'names: as in ONNX, in TensorFlow without a leading / and with :0, or as shown below it',
    ...(more > 0 ? [`… and ${more} more layers: see --json or --html`] : []),
    ...leftOutLines(leftOut),
    ...bodies.map((label) => `not looked into: the graphs inside ${label}`),
    firstDeparture === null
      ? 'inside: every layer is within the tolerance'
      : `inside: the first layer beyond the tolerance is ${firstDeparture}`,
  ];
}

function table(layers: readonly Layer[]): string {
  const rows = layers.map(({ op, onnx, tensorflow, maxAbs, relativeError, passed }) => [
    op,
    namesOf(onnx, tensorflow),
    figure(maxAbs),
    figure(relativeError),
    passed ? 'ok' : 'over',
  ]);
  return renderTable(['Op', 'Tensor', 'Max abs', 'Rel RMS', ''], rows);
}

/** TensorFlow's name of a tensor whose own is legal there but for how it starts. */
function usualName(onnx: string): string {
  return `${onnx.replace(/^\/+/, '')}:0`;
}

function namesOf(onnx: string, tensorflow: string): string {
  return tensorflow === usualName(onnx) ? onnx : `${onnx}\n${tensorflow}`;
}

/** By reason, the first few by name. */
function leftOutLines(leftOut: LayersReport['leftOut']): string[] {
  const reasons = [...new Set(leftOut.map(({ reason }) => reason))];
  return reasons.map((reason) => {
    const tensors = leftOut.filter((each) => each.reason === reason);
    const names = tensors.slice(0, MAX_LEFT_OUT).map(({ onnx }) => onnx);
    const more = tensors.length > names.length ? `, … (${tensors.length} in all)` : '';
    return `left out, ${reason}: ${names.join(', ')}${more}`;
  });
}

/** The search's part of the report. */
export function bisectText({ found, inherited, notTried }: BisectReport): string[] {
  const tried = notTried.map(({ onnx, reason }) => `bisect: ${onnx} could not be run alone: ${reason}`);
  if (!found) {
    const held = inherited.length > 0 ? `; ${inherited.length} suspects inherited their errors` : '';
    return [...tried, `bisect: no op departs by more than its share${held}`];
  }
  const { nodes, inputs, own, output, tensorflow, reason, files, command } = found;
  const [first, ...others] = nodes.map(({ op, name }) => `${op} ${name}`);
  const group =
    others.length > 0 ? `the group of ${nodes.length} nodes from ${first} to ${others.at(-1)}` : first;
  return [
    ...tried,
    `bisect: ${group} departs by itself`,
    ...inputs.map((input) => `  reads ${figuresText(input)}`),
    `  makes ${figuresText({ ...found.inherited, name: output, tensorflow })}`,
    `  alone, on the same inputs: max abs ${figure(own.maxAbs)}, relative ${figure(own.relativeError)};`,
    `  rounding explains up to ${figure(own.share)}`,
    `  ${reason}`,
    `  written: ${files.onnx}, ${files.savedModel}, ${files.inputs}`,
    `  repeat: ${command.replaceAll(' --', ' \\\n    --')}`,
  ];
}

function figuresText({
  name,
  tensorflow,
  maxAbs,
  relativeError,
}: NonNullable<BisectReport['found']>['inherited']): string {
  const also = tensorflow === name || tensorflow === usualName(name) ? '' : ` (${tensorflow})`;
  return `${name}${also}: max abs ${figure(maxAbs)}, relative ${figure(relativeError)}`;
}
