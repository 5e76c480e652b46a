// Every op that the engine knows. A new family is one more file and one more line here (docs/engine.md).
import { entries as activation } from './activation.ts';
import { entries as attention } from './attention.ts';
import { entries as constant } from './constant.ts';
import { entries as control } from './control.ts';
import { entries as convolution } from './convolution.ts';
import { entries as deformable } from './deformable.ts';
import { entries as elementwise } from './elementwise.ts';
import type { Lower, OpEntry } from './entry.ts';
import { entries as indexing } from './indexing.ts';
import { entries as linear } from './linear.ts';
import { entries as loop } from './loop.ts';
import { entries as loss } from './loss.ts';
import { entries as microsoft } from './microsoft/index.ts';
import { entries as ml } from './ml/index.ts';
import { entries as ngrams } from './ngrams.ts';
import { entries as normalization } from './normalization.ts';
import { entries as optional } from './optional.ts';
import { entries as pad } from './pad.ts';
import { entries as pictures } from './pictures.ts';
import { entries as pooling } from './pooling.ts';
import { entries as quantization } from './quantization.ts';
import { entries as random } from './random.ts';
import { entries as recurrent } from './recurrent.ts';
import { entries as reduction } from './reduction.ts';
import { entries as regions } from './regions.ts';
import { entries as resize } from './resize.ts';
import { entries as sampling } from './sampling.ts';
import { entries as selection } from './selection.ts';
import { entries as sequence } from './sequence.ts';
import { entries as shape } from './shape.ts';
import { entries as signal } from './signal.ts';
import { entries as slicing } from './slicing.ts';
import { entries as sliding } from './sliding.ts';
import { entries as strings } from './strings.ts';
import { entries as transposedConvolution } from './transposed-convolution.ts';

export const OPS: ReadonlyMap<string, OpEntry> = new Map(
  [
    ...activation,
    ...constant,
    ...convolution,
    ...transposedConvolution,
    ...elementwise,
    ...indexing,
    ...slicing,
    ...linear,
    ...normalization,
    ...pooling,
    ...reduction,
    ...resize,
    ...shape,
    ...optional,
    ...control,
    ...loop,
    ...sequence,
    ...recurrent,
    ...strings,
    ...ngrams,
    ...selection,
    ...sliding,
    ...signal,
    ...sampling,
    ...regions,
    ...deformable,
    ...pad,
    ...pictures,
    ...quantization,
    ...random,
    ...loss,
    ...attention,
    ...microsoft,
    ...ml,
  ].map((each) => [`${each.domain}:${each.name}`, each]),
);

/** The newest version of ONNX's default operator set whose meanings the entries follow. */
export const NEWEST_OPSET = 24;

/** How an op is lowered in a version of its operator set; undefined where the engine does not know it. */
export function loweringOf(domain: string, name: string, opset: number): Lower | undefined {
  const versions = OPS.get(`${domain}:${name}`)?.versions ?? [];
  return versions.findLast(({ since }) => since <= opset)?.lower;
}
