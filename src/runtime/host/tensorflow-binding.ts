// Inside the model host: a SavedModel in TensorFlow's C library, through the native binding of @tensorflow/tfjs-node.
// Only the binding is loaded, not the JavaScript around it: that starts in a third of the time, carries int64 inputs
// exactly, keeps no tensors of its own, and does not need the functions that Node 23 took out of `util`.
import type { NumericData, Tensor } from '../../formats/tensor.ts';
import { requireNative } from '../environment.ts';
import { bindingModule } from '../tfjs-binding.ts';
import type { HostedModel } from './hosted-model.ts';
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
  const held = new Map<string, OutputInfo>();
  const drop = () => {
    for (const { id } of held.values()) binding.deleteTensor(id);
    held.clear();
  };
  return {
    description: { version: binding.TF_Version },
    run: async (inputs) => runOnce(binding, session, request, inputs),
    hold: async (inputs, names) => {
      drop();
      const results = runSession(binding, session, request, inputs, endpointsOf(request, names));
      for (const [at, name] of names.entries()) held.set(name, results[at]!);
    },
    take: (name) => {
      const info = held.get(name);
      if (!info) throw new Error(`the last run kept no ${name}`);
      try {
        return readOutput(binding, endpointsOf(request, [name])[0]!, info, encodingOf(request));
      } finally {
        held.delete(name);
        binding.deleteTensor(info.id);
      }
    },
  };
}

function endpointsOf({ outputs }: OpenSavedModelRequest, names: string[]): Endpoint[] {
  const known = new Map(outputs.map((output) => [output.key, output]));
  return names.map((name) => {
    const endpoint = known.get(name);
    if (!endpoint) throw new Error(`the model was opened without ${name}`);
    return endpoint;
  });
}

/** One run, synchronous inside the library; every tensor that it made is freed, whatever happens. */
function runOnce(
  binding: Binding,
  session: number,
  request: OpenSavedModelRequest,
  feeds: Record<string, Tensor>,
): Record<string, Tensor> {
  const { outputs } = request;
  const results = runSession(binding, session, request, feeds, outputs);
  try {
    return Object.fromEntries(
      outputs.map((output, at) => [
        output.key,
        readOutput(binding, output, results[at]!, encodingOf(request)),
      ]),
    );
  } finally {
    for (const { id } of results) binding.deleteTensor(id);
  }
}

/** Runs the graph up to the wanted tensors, which the caller must free; the inputs are freed here. */
function runSession(
  binding: Binding,
  session: number,
  request: OpenSavedModelRequest,
  feeds: Record<string, Tensor>,
  wanted: Endpoint[],
): OutputInfo[] {
  const { inputs: declared, asSession } = request;
  const inputs = asSession ? declared.filter(({ key }) => Object.hasOwn(feeds, key)) : declared;
  const ids: number[] = [];
  const names = (endpoints: Endpoint[]) => endpoints.map((endpoint) => endpoint.tensorName).join(',');
  try {
    for (const input of inputs) ids.push(createInput(binding, input, feeds[input.key], encodingOf(request)));
    return binding.runSavedModel(session, [...ids], names(inputs), names(wanted));
  } finally {
    for (const id of ids) binding.deleteTensor(id);
  }
}

function encodingOf({ asSession }: OpenSavedModelRequest): 'latin1' | 'utf8' {
  return asSession ? 'latin1' : 'utf8';
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
  if (!dtype) throw new Error(`${output.key} is of DataType ${info.dtype}, which tfjs-node cannot carry`);
  if (output.dtype !== null && dtype !== output.dtype) {
    throw new Error(`output ${output.key} is declared ${output.dtype} and came as ${dtype}`);
  }
  const data = binding.tensorDataSync(info.id);
  if (!Array.isArray(data)) return { dtype, shape: info.shape, data };
  if (encoding === 'latin1') {
    return { dtype, shape: info.shape, data: data.map((bytes) => Buffer.from(bytes).toString('latin1')) };
  }
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  return { dtype, shape: info.shape, data: data.map((bytes) => decoder.decode(bytes)) };
}
