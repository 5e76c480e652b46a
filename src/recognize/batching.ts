// Joining what several photos ask of one network at the same time: one run with more rows costs less than several. What one
// photo asks of a network that idles is shared out, where the network runs in several processes.
import { elementCount, type Tensor, type TensorSpec } from '../formats/tensor.ts';
import type { ModelRunner } from '../runtime/runner.ts';

/** Values of a joined input, at most (16 MiB of float32): 59 faces of 150 × 150, or 2,400 candidates of 24 × 24. */
const MAX_VALUES = 4 * 1024 * 1024;
/** Values of a part that is worth a run of its own: less than one aligned face, 10 candidates of 24 × 24. */
const MIN_PART_VALUES = 16 * 1024;

interface Request {
  inputs: Record<string, Tensor>;
  rows: number;
  values: number;
  /** Requests with the same key fit into one run: same names, types and shapes but for the rows. */
  key: string;
  resolve(outputs: Record<string, Tensor>): void;
  reject(error: unknown): void;
}

/**
 * A runner that runs what waits together: as many calls as go on side by side run at once, and what is asked meanwhile is
 * joined along the first dimension, the batch. A call that finds the network idle is cut into as many parts. Results may
 * be views of joined outputs. A model whose batch is fixed, or with other types than float32, is given back as it is.
 */
export function batching(runner: ModelRunner): ModelRunner {
  if (![...runner.inputs, ...runner.outputs].every(hasRows)) return runner;
  const waiting: Request[] = [];
  const { parallel = 1 } = runner;
  let running = 0;
  const next = async () => {
    if (running === parallel) return;
    running++;
    while (waiting.length > 0) await runTogether(runner, takeFitting(waiting));
    running--;
  };
  const ask = (inputs: Record<string, Tensor>) =>
    new Promise<Record<string, Tensor>>((resolve, reject) => {
      waiting.push({ inputs, ...measure(inputs), resolve, reject });
      void next();
    });
  return {
    ...runner,
    run: async (inputs) => {
      const { rows, values } = measure(inputs);
      const parts = running > 0 ? 1 : Math.min(parallel, rows, Math.floor(values / MIN_PART_VALUES));
      if (parts <= 1) return ask(inputs);
      const edges = Array.from({ length: parts + 1 }, (_, part) => Math.round((part * rows) / parts));
      return join(
        await Promise.all(edges.slice(1).map((end, part) => ask(rowsOf(inputs, edges[part]!, end)))),
      );
    },
  };
}

/** False for a batch that is fixed, a scalar, and what is not float32: none of it can be joined. */
function hasRows({ dtype, shape }: TensorSpec): boolean {
  return dtype === 'float32' && typeof shape?.[0] !== 'number' && shape?.length !== 0;
}

function measure(inputs: Record<string, Tensor>): Pick<Request, 'rows' | 'values' | 'key'> {
  const tensors = Object.entries(inputs);
  return {
    rows: tensors[0]?.[1].shape[0] ?? 0,
    values: Math.max(0, ...tensors.map(([, { shape }]) => elementCount(shape))),
    key: JSON.stringify(tensors.map(([name, { dtype, shape }]) => [name, dtype, shape.slice(1)])),
  };
}

/** Takes the oldest request, and all that fit to it and into the limit, out of the queue. */
function takeFitting(waiting: Request[]): Request[] {
  const taken = [waiting.shift()!];
  let values = taken[0]!.values;
  for (let i = 0; i < waiting.length; ) {
    const request = waiting[i]!;
    if (request.key === taken[0]!.key && values + request.values <= MAX_VALUES) {
      taken.push(request);
      values += request.values;
      waiting.splice(i, 1);
    } else i++;
  }
  return taken;
}

async function runTogether(runner: ModelRunner, requests: Request[]): Promise<void> {
  try {
    if (requests.length === 1) return requests[0]!.resolve(await runner.run(requests[0]!.inputs));
    const outputs = await runner.run(join(requests.map(({ inputs }) => inputs)));
    let row = 0;
    for (const { rows, resolve } of requests) {
      const [from, to] = [row, row + rows];
      row = to;
      resolve(rowsOf(outputs, from, to));
    }
  } catch (error) {
    for (const { reject } of requests) reject(error);
  }
}

/** Tensors of the same names, one below the other. */
function join(parts: Record<string, Tensor>[]): Record<string, Tensor> {
  const joinNamed = (name: string): Tensor => {
    const tensors = parts.map((part) => part[name]!);
    const { dtype, shape } = tensors[0]!;
    const rows = tensors.reduce((sum, tensor) => sum + tensor.shape[0]!, 0);
    const joined = new Float32Array(elementCount([rows, ...shape.slice(1)]));
    let offset = 0;
    for (const { data } of tensors) {
      joined.set(data as Float32Array, offset);
      offset += data.length;
    }
    return { dtype, shape: [rows, ...shape.slice(1)], data: joined };
  };
  return Object.fromEntries(Object.keys(parts[0]!).map((name) => [name, joinNamed(name)]));
}

/** Views of some rows. */
function rowsOf(tensors: Record<string, Tensor>, from: number, to: number): Record<string, Tensor> {
  const cut = ({ dtype, shape, data }: Tensor): Tensor => {
    const values = elementCount(shape.slice(1));
    const part = (data as Float32Array).subarray(from * values, to * values);
    return { dtype, shape: [to - from, ...shape.slice(1)], data: part };
  };
  return Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [name, cut(tensor)]));
}
