// Inside the model host: an ONNX file in onnxruntime-node.
import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type * as Ort from 'onnxruntime-node';
import { addedOutputs } from '../../formats/onnx/write.ts';
import { type DType, isDType, type NumericData, type Tensor, type TensorSpec } from '../../formats/tensor.ts';
import { packageFile, requireNative } from '../environment.ts';
import type { HostedModel } from './hosted-model.ts';
import type { LayerSpec, OpenOnnxRequest } from './protocol.ts';

/** Loads the file on the CPU. */
export async function hostOnnx(request: OpenOnnxRequest): Promise<HostedModel> {
  const ort = requireNative<typeof Ort>('onnxruntime-node');
  const { layers } = request;
  const session = await createSession(ort, request);
  const declared = session.outputMetadata.filter(({ name }) => !layers?.includes(name));
  const held = new Map<string, Ort.OnnxValue>();
  const feedsOf = (inputs: Record<string, Tensor>): Record<string, Ort.Tensor> =>
    Object.fromEntries(Object.entries(inputs).map(([name, tensor]) => [name, toOrt(ort, name, tensor)]));
  return {
    description: {
      version: installedVersion(),
      inputs: session.inputMetadata.map(specOf),
      outputs: declared.map(specOf),
      ...(layers && { layers: session.outputMetadata.map(layerSpecOf) }),
    },
    run: async (inputs) => {
      const names = declared.map(({ name }) => name);
      const results = await session.run(feedsOf(inputs), names);
      const outputs: Record<string, Tensor> = {};
      for (const name of names) outputs[name] = fromOrt(name, results[name]!);
      return outputs;
    },
    hold: async (inputs, names) => {
      held.clear();
      const results = await session.run(feedsOf(inputs), names);
      for (const name of names) held.set(name, results[name]!);
    },
    take: (name) => {
      const value = held.get(name);
      if (!value) throw new Error(`the last run kept no ${name}`);
      held.delete(name);
      return fromOrt(name, value);
    },
  };
}

/**
 * On x86 without VNNI, products of uint8 and int8 are summed by pairs in 16 bits, which saturate; this has onnxruntime's
 * optimiser turn constant int8 weights into uint8, whose sums are exact.
 */
const EXACT_SUMS = { x64quantprecision: '1' };

/**
 * Products of floats between DequantizeLinear and QuantizeLinear stay what the file says: onnxruntime's optimiser makes products of
 * integers of them, which saturate in the same way, and whose steps are rounded elsewhere.
 */
const AS_FLOATS = { disable_quant_qdq: '1' };

/** The session of the file as it is, or of its bytes with more outputs and external data still found beside it. */
async function createSession(ort: typeof Ort, request: OpenOnnxRequest): Promise<Ort.InferenceSession> {
  const options: Ort.InferenceSession.SessionOptions = {
    executionProviders: ['cpu'],
    graphOptimizationLevel: request.optimize ? 'all' : 'disabled',
    // Errors reach us as exceptions; the log would only repeat them.
    logSeverityLevel: 4,
    ...(request.threads > 0 && { intraOpNumThreads: request.threads }),
    extra: { session: AS_FLOATS },
  };
  if (request.exactSums) {
    const exact = { ...options, extra: { session: { ...AS_FLOATS, ...EXACT_SUMS } } };
    // Where activations are int8 as well, whose sums do not saturate, it then has no kernel and refuses the model.
    const session = await ort.InferenceSession.create(request.path, exact).catch(() => null);
    if (session) return session;
  }
  if (!request.layers) return ort.InferenceSession.create(request.path, options);
  const model = Buffer.concat([readFileSync(request.path), addedOutputs(request.layers)]);
  const extra = { session: { model_external_initializers_file_folder_path: dirname(request.path) } };
  return ort.InferenceSession.create(model, { ...options, extra });
}

function layerSpecOf(metadata: Ort.InferenceSession.ValueMetadata): LayerSpec {
  const { name } = metadata;
  if (!metadata.isTensor || !isDType(metadata.type)) return { name, dtype: null, shape: null };
  return specOf(metadata);
}

function installedVersion(): string {
  const file = packageFile('onnxruntime-node', 'package.json');
  return file ? (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version : 'unknown';
}

function specOf(metadata: Ort.InferenceSession.ValueMetadata): TensorSpec {
  if (!metadata.isTensor) throw new Error(`${metadata.name} is a sequence, map or optional, not a tensor`);
  const shape = metadata.shape.map((size) => (size === '' ? null : size));
  return { name: metadata.name, dtype: dtypeOf(metadata.name, metadata.type), shape };
}

function dtypeOf(name: string, type: string): DType {
  if (isDType(type)) return type;
  throw new Error(`${name} has the element type ${type}, which onnxruntime-node cannot carry`);
}

function toOrt(ort: typeof Ort, name: string, { dtype, shape, data }: Tensor): Ort.Tensor {
  if (dtype === 'bfloat16')
    throw new Error(`${name} has the element type bfloat16, which onnxruntime-node cannot carry`);
  const values = dtype === 'float16' ? asFloat16(data as Uint16Array) : data;
  return new ort.Tensor(dtype, values as Float32Array, shape);
}

/** Node has Float16Array from version 24 on, and onnxruntime-node then insists on it. */
function asFloat16(bits: Uint16Array): ArrayBufferView {
  const Float16 = (
    globalThis as {
      Float16Array?: new (buffer: ArrayBufferLike, offset: number, length: number) => ArrayBufferView;
    }
  ).Float16Array;
  return Float16 ? new Float16(bits.buffer, bits.byteOffset, bits.length) : bits;
}

function fromOrt(name: string, value: Ort.OnnxValue): Tensor {
  const tensor = value as Ort.Tensor;
  const dtype = dtypeOf(name, tensor.type);
  const shape = [...tensor.dims];
  if (dtype === 'string') return { dtype, shape, data: [...(tensor.data as string[])] };
  const raw = tensor.data as NumericData;
  if (dtype !== 'float16') return { dtype, shape, data: raw };
  return { dtype, shape, data: new Uint16Array(raw.buffer, raw.byteOffset, raw.length) };
}
