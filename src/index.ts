// The library: each command as a function.
export { type ConvertResult, convert } from './convert/convert.ts';
export type { ConvertOptions } from './convert/plan.ts';
export { EXIT, TkError } from './errors.ts';
export type { BisectReport, Layer, LayersReport } from './formats/output/layers.ts';
export type { Comparison, OutputComparison, ParityRecord } from './formats/output/parity.ts';
export { inspectAny } from './inspect/any.ts';
export type { DiffReport } from './inspect/diff.ts';
export { diffModels } from './inspect/diff-models.ts';
export { drawGraph, type GraphResult } from './inspect/graph/graph.ts';
export { type InspectOptions, inspect } from './inspect/inspect.ts';
export type { ModelReport as ModelFileReport, ModelTensor, StoredTensor } from './inspect/models/report.ts';
export type {
  FunctionOption,
  FunctionReport,
  InspectReport,
  MetaGraphReport,
  SignatureReport,
  TensorReport,
} from './inspect/report.ts';
export { type ScanOptions, type ScanReport, scan } from './inspect/scan.ts';
export { readVariables as inspectVariables, type VariablesReport } from './inspect/variables.ts';
export { calibrate, gallery, openRecognition, recognize, serve } from './library.ts';
export type { CalibrateOptions, CalibrationReport } from './recognize/calibrate/calibrate.ts';
export type { GallerySearchOptions, SearchReport } from './recognize/database/search-action.ts';
export type { Recognition, RecognizeEvent, RecognizeOptions } from './recognize/recognize.ts';
export type { FaceReport, ModelReport, PhotoReport, RecognizeReport, RunReport } from './recognize/report.ts';
export type { RunningServer, ServeOptions } from './recognize/serve/serve.ts';
export { type GivenInput, readInputs } from './run/inputs.ts';
export { type RunOptions, type RunResult, runSavedModel } from './run/run.ts';
export { requireParity, type VerifiedOutput } from './verify/gate.ts';
export { type VerifyOptions, verify } from './verify/verify.ts';
