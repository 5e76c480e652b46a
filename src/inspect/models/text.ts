// The report of a model as text for people, at most 80 columns wide.

import type { ModelFormat } from '../../formats/detect.ts';
import { shapeText } from '../../formats/tensor.ts';
import { renderTable } from '../../terminal/table.ts';
import type { ModelReport, ModelTensor, StoredTensor } from './report.ts';

export const FORMAT_NAMES: Record<ModelFormat | 'saved-model', string> = {
  'saved-model': 'SavedModel',
  onnx: 'ONNX model',
  'graph-def': 'TensorFlow GraphDef (frozen graph)',
  'meta-graph': 'TensorFlow MetaGraphDef',
  tflite: 'TensorFlow Lite model',
  tfjs: 'TensorFlow.js model',
  keras: 'Keras model (.keras)',
  'keras-h5': 'Keras model or weights (HDF5)',
  torchscript: 'TorchScript program',
  'torch-export': 'PyTorch exported program (.pt2)',
  'torch-pickle': 'PyTorch state dict or checkpoint (pickle, not loaded)',
  npy: 'numpy array (.npy)',
  npz: 'numpy arrays (.npz)',
};

/** Formats whose stored tensors are all that there is to show. */
const WEIGHTS_ONLY = new Set<string>(['torch-pickle', 'npy', 'npz']);

/** @param variables print the stored tensors, one a row */
export function modelText(report: ModelReport, variables: boolean): string {
  const sections = [summary(report)];
  const { inputs, outputs, ops } = report;
  if (inputs.length > 0) sections.push(tensorTable('input', inputs));
  if (outputs.length > 0) sections.push(tensorTable('output', outputs));
  if (ops.length > 0) {
    const rows = [...ops]
      .sort((a, b) => b.count - a.count)
      .map(({ op, count }) => [printable(op), String(count)]);
    sections.push(renderTable(['op', 'nodes'], rows));
  }
  const alone = inputs.length + outputs.length + ops.length === 0;
  if ((variables || alone || WEIGHTS_ONLY.has(report.format)) && report.variables.length > 0) {
    sections.push(variableTable(report.variables));
  }
  return `${sections.join('\n')}\n`;
}

function summary(report: ModelReport): string {
  const rows: [string, string][] = [
    ['file', report.file],
    ['format', FORMAT_NAMES[report.format]],
    ['size', `${bytesText(report.fileBytes)}`],
    ...Object.entries(report.versions).map(([name, version]): [string, string] => [name, String(version)]),
  ];
  if (report.parameters !== null) {
    const bytes = report.parameterBytes === null ? '' : ` (${bytesText(report.parameterBytes)})`;
    rows.push(['parameters', `${report.parameters.toLocaleString('en-US')}${bytes}`]);
  }
  for (const [name, value] of Object.entries(report.metadata)) rows.push([name, shortened(value)]);
  for (const note of report.notes) rows.push(['note', note]);
  return renderTable(
    ['', ''],
    rows.map(([name, value]) => [printable(name), printable(value)]),
  );
}

function tensorTable(title: string, tensors: ModelTensor[]): string {
  const rows = tensors.map(({ name, dtype, shape }) => [printable(name), dtype ?? '?', shapeText(shape)]);
  return renderTable([title, 'dtype', 'shape'], rows);
}

function variableTable(variables: StoredTensor[]): string {
  const rows = variables.map(({ name, dtype, shape, bytes }) => [
    printable(name),
    dtype,
    shapeText(shape),
    String(bytes),
  ]);
  return renderTable(['tensor', 'dtype', 'shape', 'bytes'], rows);
}

/** Names come from files: control characters would reach the terminal. */
export function printable(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is replaced
  return text.replace(/[\u0000-\u001f\u007f-\u009f]/g, (char) => JSON.stringify(char).slice(1, -1));
}

const SHOWN_TEXT = 300;

function shortened(text: string): string {
  return text.length > SHOWN_TEXT
    ? `${text.slice(0, SHOWN_TEXT)}… (${text.length} characters; --json has all)`
    : text;
}

/** `123 bytes`, `1.5 MB`. */
export function bytesText(bytes: number): string {
  if (bytes < 1000) return `${bytes} bytes`;
  const units = ['kB', 'MB', 'GB', 'TB'];
  const unit = Math.min(units.length, Math.floor(Math.log10(bytes) / 3));
  return `${(bytes / 1000 ** unit).toFixed(1)} ${units[unit - 1]}`;
}
