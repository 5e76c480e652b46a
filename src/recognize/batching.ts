// Joining what several photos ask of one network at the same time: one run with more rows costs less than several.
import { elementCount, type Tensor } from '../formats/tensor.ts';
import type { ModelRunner } from '../runtime/runner.ts';

/** Values of a joined input, at most (16 MiB of float32): 59 faces of 150 × 150, or 2,400 candidates of 24 × 24. */
const MAX_VALUES = 4 * 1024 * 1024;

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
 * joined along the first dimension, the batch. Inputs are float32, as all networks of recognition take them; results are views of the
 * joined outputs. A model whose batch is fixed is given back as it is.
 */
export function batching(runner: ModelRunner): ModelRunner {
  if (runner.inputs.some(({ shape }) => typeof shape?.[0] === 'number')) return runner;
  const waiting: Request[] = [];
  const { parallel = 1 } = runner;
  let running = 0;
  const next = async () => {
    if (running === parallel) return;
    running++;
    while (waiting.length > 0) await runTogether(runner, takeFitting(waiting));
    running--;
  };
  return {
    ...runner,
    run: (inputs) =>
      new Promise((resolve, reject) => {
        waiting.push({ inputs, ...measure(inputs), resolve, reject });
        void next();
      }),
  };
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
    const outputs = await runner.run(joinInputs(requests));
    let row = 0;
    for (const { rows, resolve } of requests) {
      const [from, to] = [row, row + rows];
      row = to;
      resolve(Object.fromEntries(Object.entries(outputs).map(([name, t]) => [name, rowsOf(t, from, to)])));
    }
  } catch (error) {
    for (const { reject } of requests) reject(error);
  }
}

function joinInputs(requests: Request[]): Record<string, Tensor> {
  const rows = requests.reduce((sum, request) => sum + request.rows, 0);
  return Object.fromEntries(
    Object.entries(requests[0]!.inputs).map(([name, { dtype, shape }]) => {
      const joinedShape = [rows, ...shape.slice(1)];
      const joined = new Float32Array(elementCount(joinedShape));
      let offset = 0;
      for (const { inputs } of requests) {
        const part = inputs[name]!.data as Float32Array;
        joined.set(part, offset);
        offset += part.length;
      }
      return [name, { dtype, shape: joinedShape, data: joined }];
    }),
  );
}

function rowsOf({ dtype, shape, data }: Tensor, from: number, to: number): Tensor {
  const values = elementCount(shape.slice(1));
  const part = Array.isArray(data)
    ? data.slice(from * values, to * values)
    : data.subarray(from * values, to * values);
  return { dtype, shape: [to - from, ...shape.slice(1)], data: part };
}
