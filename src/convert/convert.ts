// `convert`: torch or ONNX source → output directory with ONNX, SavedModel, reference, manifest and parity record.
import type { Manifest } from '../formats/output/manifest.ts';

export interface ConvertOptions {
  /** `file.py:factory`, `package.module:factory`, `.pt2`, `.pt`, `.onnx` or a built-in name. */
  source: string;
  weights?: string | undefined;
  randomWeights?: boolean | undefined;
  seed?: number | undefined;
  allowPartial?: boolean | undefined;
  /** `name:float32[N,3,112,112]`, one an input. */
  inputs?: string[] | undefined;
  opset?: number | undefined;
  out: string;
  engine?: 'native' | 'onnx2tf' | 'auto' | undefined;
  inputLayout?: 'nchw' | 'nhwc' | undefined;
  force?: boolean | undefined;
  verify?: boolean | undefined;
  signal?: AbortSignal | undefined;
  /** Progress for people; silent when absent. */
  onEvent?: ((event: ConvertEvent) => void) | undefined;
}

export type ConvertEvent =
  | { type: 'stage-start'; stage: string }
  | { type: 'stage-progress'; stage: string; message: string }
  | { type: 'stage-done'; stage: string; ms: number };

export interface ConvertResult {
  out: string;
  manifest: Manifest;
  /** True when an earlier run's output was still valid and nothing was done. */
  cached: boolean;
}

/** Placeholder until the stages land. */
export async function convert(options: ConvertOptions): Promise<ConvertResult> {
  throw new Error(`convert ${options.source}: stages not written yet`);
}
