// Inside the model host: a SavedModel in TensorFlow's C library, through the native binding of @tensorflow/tfjs-node.
// Only the binding is loaded, not the JavaScript around it: that starts in a third of the time, carries int64 inputs
// exactly, keeps no tensors of its own, and does not need the functions that Node 23 took out of `util`.
import type { NumericData, Tensor } from '../../formats/tensor.ts';
import { requireNative } from '../environment.ts';
import { bindingModule } from '../tfjs-binding.ts';
import type { HostedModel } from './main.ts';
import type { Endpoint, OpenSavedModelRequest } from './protocol.ts';

/** The binding's functions that are used here (its binding/tfjs_binding.cc). Strings travel as UTF-8 bytes. */
interface Binding {
  TF_Version: string;
  createTensor(shape: number[], dtype: number, data: ArrayBufferView | Uint8Array[]): number;
  deleteTensor(id: number): void;
  tensorDataSync(id: number): NumericData | Uint8Array[];
  loadSavedModel(dir: string, tags: string): number;
  /** Names are joined with commas, which TensorFlow's names cannot contain. */
  runSavedModel(model: number, inputs: number[], inputNames: string, outputNames: string): OutputInfo[];
}

interface OutputInfo {
  id: number;
  shape: number[];
  /** TensorFlow's DataType number. */
  dtype: number;
}

/** TensorFlow's DataType numbers of the types that the binding takes as inputs. */
const TF_TYPES: Partial<Record<Tensor['dtype'], number>> = {
  float32: 1,
  int32: 3,
  uint8: 4,
  string: 7,
  int64: 9,
  bool: 10,
};

/** Loads the SavedModel's graph for the given tags. */
export async function hostSavedModel(request: OpenSavedModelRequest): Promise<HostedModel> {
  const module = bindingModule();
  if (!module) throw new Error('the TensorFlow binding is not built');
  const binding = requireNative<Binding>(module);
  const session = binding.loadSavedModel(request.dir, request.tags.join(','));
  return {
    description: { version: binding.TF_Version },
    run: async (inputs) => runOnce(binding, session, request, inputs),
  };
}

/** One run, synchronous inside the library; every tensor that it made is freed, whatever happens. */
function runOnce(
  binding: Binding,
  session: number,
  { inputs: declared, outputs, asSession }: OpenSavedModelRequest,
  feeds: Record<string, Tensor>,
): Record<string, Tensor> {
  const held: number[] = [];
  const encoding = asSession ? 'latin1' : 'utf8';
  const inputs = asSession ? declared.filter(({ key }) => Object.hasOwn(feeds, key)) : declared;
  try {
    for (const input of inputs) held.push(createInput(binding, input, feeds[input.key], encoding));
    const names = (endpoints: Endpoint[]) => endpoints.map((endpoint) => endpoint.tensorName).join(',');
    const results = binding.runSavedModel(session, [...held], names(inputs), names(outputs));
    for (const result of results) held.push(result.id);
    return Object.fromEntries(
      outputs.map((output, index) => [output.key, readOutput(binding, output, results[index]!, encoding)]),
    );
  } finally {
    for (const id of held) binding.deleteTensor(id);
  }
}

function createInput(
  binding: Binding,
  input: Endpoint,
  tensor: Tensor | undefined,
  encoding: 'latin1' | 'utf8',
): number {
  if (!tensor) throw new Error(`input ${input.key} is missing`);
  const type = TF_TYPES[tensor.dtype];
  if (type === undefined) throw new Error(`tfjs-node cannot carry the ${tensor.dtype} input ${input.key}`);
  if (Array.isArray(tensor.data)) {
    return binding.createTensor(
      tensor.shape,
      type,
      tensor.data.map((text) => Buffer.from(text, encoding)),
    );
  }
  // The binding takes 64-bit integers as pairs of 32-bit ones: the same bytes.
  const { data } = tensor;
  const values =
    tensor.dtype === 'int64' ? new Int32Array(data.buffer, data.byteOffset, data.length * 2) : data;
  return binding.createTensor(tensor.shape, type, values);
}

function readOutput(
  binding: Binding,
  output: Endpoint,
  info: OutputInfo,
  encoding: 'latin1' | 'utf8',
): Tensor {
  const dtype = (Object.keys(TF_TYPES) as Tensor['dtype'][]).find((name) => TF_TYPES[name] === info.dtype);
  if (!dtype || dtype !== output.dtype) {
    throw new Error(`output ${output.key} is declared ${output.dtype} and came as DataType ${info.dtype}`);
  }
  const data = binding.tensorDataSync(info.id);
  if (!Array.isArray(data)) return { dtype, shape: info.shape, data };
  if (encoding === 'latin1') {
    return { dtype, shape: info.shape, data: data.map((bytes) => Buffer.from(bytes).toString('latin1')) };
  }
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  return { dtype, shape: info.shape, data: data.map((bytes) => decoder.decode(bytes)) };
}
