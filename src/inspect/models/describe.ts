// Describes any model file: finds its format by content and hands it to the reader of that format.
import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { detectFormat, type ModelFormat } from '../../formats/detect.ts';
import { gatherReport } from '../gather.ts';
import type { InspectReport } from '../report.ts';
import { type Findings, type ModelReport, modelReport } from './report.ts';

const READERS: Record<ModelFormat, (file: string) => Promise<Findings>> = {
  onnx: async (file) => (await import('./onnx.ts')).readOnnx(file),
  'graph-def': async (file) => (await import('./graph-def.ts')).readGraphDef(file, 'GraphDef'),
  'meta-graph': async (file) => (await import('./graph-def.ts')).readGraphDef(file, 'MetaGraphDef'),
  tflite: async (file) => (await import('./tflite.ts')).readTflite(file),
  tfjs: async (file) => (await import('./tfjs.ts')).readTfjs(file),
  keras: async (file) => (await import('./keras.ts')).readKeras(file),
  'keras-h5': async (file) => (await import('./keras.ts')).readKerasHdf5(file),
  torchscript: async (file) => (await import('./torch.ts')).readTorchScript(file),
  'torch-export': async (file) => (await import('./torch-export.ts')).readTorchExport(file),
  'torch-pickle': async (file) => {
    const torch = await import('./torch.ts');
    return isArchive(file) ? torch.readTorchArchive(file) : torch.readLegacyTorch(file);
  },
  npy: async (file) => (await import('./numpy.ts')).readNpyFile(file),
  npz: async (file) => (await import('./numpy.ts')).readNpzFile(file),
};

/**
 * Describes the model in a file of any format that tk knows, or in a directory of one model. Weights are not read.
 * @throws TkError (exit 2) `no-such-file`, `unknown-format`, or what is damaged and where
 */
export async function inspectModel(path: string): Promise<InspectReport | ModelReport> {
  const detected = await detectFormat(path);
  if (detected.format === 'saved-model') return gatherReport(detected.file);
  return describeModel(detected.format, detected.file);
}

async function describeModel(format: ModelFormat, file: string): Promise<ModelReport> {
  return modelReport(format, file, statSync(file).size, await READERS[format](file));
}

function isArchive(file: string): boolean {
  const descriptor = openSync(file, 'r');
  try {
    const head = Buffer.alloc(2);
    readSync(descriptor, head, 0, 2, 0);
    return head.toString('latin1') === 'PK';
  } finally {
    closeSync(descriptor);
  }
}
