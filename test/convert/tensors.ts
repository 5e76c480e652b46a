// What became of each tensor of an ONNX model in the SavedModel that was made of it.
import { readOnnxModel } from '../../src/formats/onnx/model.ts';
import type { Manifest } from '../../src/formats/output/manifest.ts';
import { modelFile, readSavedModel } from '../../src/formats/savedmodel/read.ts';

export interface Tensors {
  /** Names of all that the nodes of the main graph make. */
  values: string[];
  /** Those that stand as a node's tensor, under their own name or the one they were mapped to. */
  kept: string[];
  folded: string[];
}

/** Reads both sides; a value that is neither kept nor folded is in neither list. */
export function tensorsOf(
  onnx: string,
  savedModel: string,
  { nameMapping, folded }: Pick<Manifest, 'nameMapping' | 'folded'>,
): Tensors {
  const model = readOnnxModel(onnx);
  const values = model.graph.nodes.flatMap(({ outputs }) => outputs).filter((name) => name !== '');
  model.close();
  const mapped = new Map(nameMapping.map((pair) => [pair.onnx, pair.tensorflow]));
  const { metaGraphs } = readSavedModel(modelFile(savedModel)!, { nodeNames: true });
  const nodes = new Set(metaGraphs?.[0]?.graphDef?.node?.map((node) => node.name));
  return {
    values,
    kept: values.filter((name) => nodes.has(mapped.get(name) ?? name)),
    folded: folded.map((each) => each.onnx),
  };
}
