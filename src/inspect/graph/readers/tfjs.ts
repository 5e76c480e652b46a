// A TF.js model's graph: its GraphDef in JSON, or the layers of a layers model.
import { badInput } from '../../../errors.ts';
import { messageOfJson } from '../../../formats/protobuf/json.ts';
import type { tensorflow } from '../../../formats/savedmodel/generated/savedmodel.js';
import { schema } from '../../../formats/savedmodel/generated/savedmodel.schema.ts';
import { object, readJson } from '../../models/json.ts';
import type { ModelGraph } from '../model-graph.ts';
import { layersGraph } from './keras.ts';
import { addSignatures } from './saved-model.ts';
import { tensorflowNodes } from './tensorflow.ts';

/** @throws TkError `bad-json`, `no-graph`, `too-large` */
export function readTfjsGraph(file: string): ModelGraph {
  const root = object(readJson(file).value);
  const topology = object(root.modelTopology);
  if (!Array.isArray(topology.node)) {
    const config = object(topology.model_config ?? topology);
    if (!config.class_name)
      throw badInput('no-graph', `${file}: holds weights only, so there is no graph to draw`);
    return layersGraph(config, file);
  }
  const graph = messageOfJson(topology, schema, 'GraphDef') as tensorflow.GraphDef.$Properties;
  const found = tensorflowNodes(graph, file);
  const signature = root.signature ?? object(root.userDefinedMetadata).signature;
  if (signature) addSignatures(found, [['signature', messageOfJson(signature, schema, 'SignatureDef')]], []);
  return { nodes: found.nodes, notes: found.notes };
}
