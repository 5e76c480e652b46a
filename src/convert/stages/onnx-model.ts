// What the first stages give to the later ones: model.onnx in the staging directory and everything known about it.

import type { Manifest } from '../../formats/output/manifest.ts';
import type { TensorSpec } from '../../formats/tensor.ts';
import type { ImportedFile } from '../cache.ts';

export interface OnnxStageResult {
  inputs: TensorSpec[];
  outputs: TensorSpec[];
  opset: number;
  /** Outputs of a source in ONNX that were sequences of maps, and are tensors of scores in model.onnx. */
  unzipped: Manifest['unzipped'];
  /** Null where the source is not one file, and of a source in ONNX that is the output's model.onnx. */
  sourceSha256: string | null;
  weights: Manifest['source']['weights'];
  dropped: string[];
  missing: string[];
  profile: string | null;
  /** What a built-in network's outputs need at their scale; null for the usual. */
  tolerances: Manifest['tolerances'];
  imports: ImportedFile[];
  versions: Record<string, string>;
  checkedBy: Manifest['checkedBy'];
}
