// Which ONNX opsets `--opset` takes, so that another is refused before Python is started.
import { badInput } from '../errors.ts';
import type { SourceKind } from './source.ts';

type Exported = Exclude<SourceKind, 'onnx'>;

/**
 * What torch 2.13's exporters write and the onnxruntime beside them loads. The TorchScript exporter writes what is below 9 too,
 * but with the weights as inputs, and stops at 23; the newer one, which exported programs need, begins with 18, and from 24
 * on nothing here loads what it writes.
 */
const TAKEN: Readonly<Record<Exported, readonly [least: number, most: number]>> = {
  builtin: [9, 23],
  factory: [9, 23],
  torchscript: [9, 23],
  'exported-program': [18, 23],
};

/**
 * @param kind of a source that is exported
 * @param name the source as the user wrote it
 * @throws TkError `usage` (exit 2) for an opset that is not taken, or no whole number
 */
export function checkOpset(kind: Exported, name: string, opset: number | undefined): void {
  const [least, most] = TAKEN[kind];
  if (opset === undefined || (Number.isInteger(opset) && opset >= least && opset <= most)) return;
  throw badInput(
    'usage',
    `--opset takes a whole number from ${least} to ${most} for ${name}${Number.isNaN(opset) ? '' : `, not ${opset}`}`,
    'leave it out for the usual one',
  );
}
