// Classical learning, as scikit-learn's exporter writes it (domain ai.onnx.ml).
// Source: https://onnx.ai/onnx/operators/#ai-onnx-ml; where that is silent, onnxruntime's kernels.
import { Refusal } from '../../refusal.ts';
import { entry, type Lower } from '../entry.ts';
import { ML } from './common.ts';
import { entries as ensembles } from './ensembles.ts';
import { entries as features } from './features.ts';
import { entries as labels } from './labels.ts';
import { entries as linear } from './linear.ts';
import { entries as svm } from './svm.ts';

const refused = (reason: string): Lower => {
  return () => {
    throw new Refusal(reason);
  };
};

const zipMap = refused(
  "its maps from class to score, for which a SavedModel's signature has no type: export again with " +
    "options={'zipmap': False}, which gives the scores as a tensor",
);
const maps = refused("maps, for which a SavedModel's signature has no type");

export const entries = [
  ...features,
  ...labels,
  ...linear,
  ...svm,
  ...ensembles,
  entry('ZipMap', { 1: zipMap }, ML),
  entry('DictVectorizer', { 1: maps }, ML),
  entry('CastMap', { 1: maps }, ML),
];
