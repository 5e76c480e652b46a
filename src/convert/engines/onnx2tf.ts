// The engine that runs onnx2tf in the Python worker.
import { callWorker } from '../../runtime/python.ts';
import type { Engine, EngineResult } from './engine.ts';

/** onnx2tf: finds out by trying whether it can convert a model. */
export const onnx2tfEngine: Engine = {
  name: 'onnx2tf',
  convert: async ({ onnxPath, savedModelDir, inputLayout, signal, onProgress }) => {
    const result = await callWorker<Partial<EngineResult> & Pick<EngineResult, 'inputs' | 'outputs'>>(
      { command: 'onnx2tf', onnx: onnxPath, savedModelDir, inputLayout },
      { signal, onProgress: ({ message }) => message && onProgress(message) },
    );
    const { inputs, outputs, nameMapping = [], folded = [], versions = {} } = result;
    return { inputs, outputs, nameMapping, folded, random: null, versions };
  },
};
