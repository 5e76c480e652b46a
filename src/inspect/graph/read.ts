// The graph of a model of any format that holds one.
import { badInput } from '../../errors.ts';
import type { ModelReport } from '../models/report.ts';
import type { InspectReport } from '../report.ts';
import type { ModelGraph } from './model-graph.ts';
import type { TensorflowChoice } from './readers/saved-model.ts';

/**
 * Reads the graph of the model that a report describes.
 * @param choice of a SavedModel: one MetaGraph, one signature
 * @throws TkError (exit 2) `no-graph` where the format holds weights or code only; what is damaged and where
 */
export async function readGraph(
  { format, file }: InspectReport | ModelReport,
  choice: TensorflowChoice = {},
): Promise<ModelGraph> {
  const graph = await readFormat(format, file, choice);
  if (graph.nodes.length > 0) return graph;
  throw badInput('no-graph', `${file}: its graph has no nodes`);
}

async function readFormat(
  format: (InspectReport | ModelReport)['format'],
  file: string,
  choice: TensorflowChoice,
): Promise<ModelGraph> {
  switch (format) {
    case 'saved-model':
      return (await import('./readers/saved-model.ts')).readTensorflowGraph(file, 'SavedModel', choice);
    case 'meta-graph':
      return (await import('./readers/saved-model.ts')).readTensorflowGraph(file, 'MetaGraphDef');
    case 'graph-def':
      return (await import('./readers/saved-model.ts')).readTensorflowGraph(file, 'GraphDef');
    case 'onnx':
      return (await import('./readers/onnx.ts')).readOnnxGraph(file);
    case 'tflite':
      return (await import('./readers/tflite.ts')).readTfliteGraph(file);
    case 'tfjs':
      return (await import('./readers/tfjs.ts')).readTfjsGraph(file);
    case 'keras':
      return (await import('./readers/keras.ts')).readKerasGraph(file);
    case 'keras-h5':
      return (await import('./readers/keras.ts')).readKerasHdf5Graph(file);
    case 'torch-export':
      return (await import('./readers/torch-export.ts')).readTorchExportGraph(file);
    default:
      throw badInput(
        'no-graph',
        `${file}: a file of this format (${format}) has no graph that tk can draw`,
        'export the model to ONNX or a SavedModel first: tk convert',
      );
  }
}
