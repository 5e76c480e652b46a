// A case: the inputs of one run, and what they must be.
import { badInput } from '../errors.ts';
import { openNpz } from '../formats/npy/npz.ts';
import { fitsShape, shapeText, type Tensor, type TensorSpec } from '../formats/tensor.ts';

/** One run of every model: inputs by name and, where torch's outputs on them are stored, those. */
export interface Case {
  /** E.g. `seed 42, batch 2`. */
  label: string;
  inputs: Record<string, Tensor>;
  reference: Record<string, Tensor> | null;
  /** Who is said to have given `reference`; default `torch`. */
  referenceName?: string | undefined;
  /** What runners gave on another occasion (--against). */
  saved?: { label: string; outputs: Record<string, Tensor> }[] | undefined;
  /** Inputs that are meant to hold one value or to overflow: they are not refused for that. */
  stress?: boolean | undefined;
}

/** A case that is made or read when it is asked for, so that memory holds one at a time. */
export interface CaseSource {
  label: string;
  read: () => Promise<Case>;
}

const REFERENCE_KEY = /^b(\d+)\/(in|out)\/([\s\S]+)$/;

/**
 * Torch's inputs and outputs from a reference.npz, a case a batch.
 *
 * @throws TkError `bad-npz`, `bad-npy` and what `openZip` throws (exit 2)
 */
export async function readReference(path: string): Promise<Case[]> {
  const npz = await openNpz(path);
  try {
    const byBatch = new Map<number, Case & { reference: Record<string, Tensor> }>();
    for (const key of npz.keys) {
      const [, batch, side, name] = REFERENCE_KEY.exec(key) ?? [];
      if (!name) throw badInput('bad-npz', `${path} has the array ${key}, which is no reference`);
      const label = `reference, batch ${batch}`;
      const entry = byBatch.get(Number(batch)) ?? { label, inputs: {}, reference: {} };
      byBatch.set(Number(batch), entry);
      entry[side === 'in' ? 'inputs' : 'reference'][name] = await npz.read(key);
    }
    return [...byBatch.entries()].sort(([a], [b]) => a - b).map(([, entry]) => entry);
  } finally {
    await npz.close();
  }
}

/**
 * Refuses inputs that could not tell two networks apart: every tensor of a case with more than one element holds one
 * value throughout.
 *
 * @throws TkError `constant-inputs` (exit 2)
 */
export function refuseConstant({ label, inputs, stress }: Case): void {
  if (stress) return;
  const telling = Object.values(inputs).filter(({ data }) => data.length > 1);
  if (telling.length === 0 || !telling.every(isConstant)) return;
  throw badInput(
    'constant-inputs',
    `${label}: every input holds one value throughout, which cannot tell two networks apart`,
    'give inputs that vary',
  );
}

function isConstant({ data }: Tensor): boolean {
  const first = data[0];
  const allNaN = Number.isNaN(first);
  for (let i = 1; i < data.length; i++) {
    if (allNaN ? !Number.isNaN(data[i]) : data[i] !== first) return false;
  }
  return true;
}

/**
 * Checks that a case fits the declared inputs: the same names, types, ranks and fixed sizes.
 *
 * @throws TkError `bad-input-data` (exit 2)
 */
export function checkCase({ label, inputs }: Case, specs: TensorSpec[]): void {
  for (const { name, dtype, shape } of specs) {
    const tensor = inputs[name];
    if (!tensor) throw badInput('bad-input-data', `${label} has no array for the input ${name}`);
    if (tensor.dtype !== dtype) {
      throw badInput(
        'bad-input-data',
        `${label}: input ${name} is ${dtype}, the array is ${tensor.dtype}`,
        'cast it yourself: nothing is cast here',
      );
    }
    if (!fitsShape(tensor.shape, shape)) {
      throw badInput(
        'bad-input-data',
        `${label}: input ${name} is ${shapeText(shape)}, the array is ${shapeText(tensor.shape)}`,
      );
    }
  }
  const extra = Object.keys(inputs).find((name) => !specs.some((spec) => spec.name === name));
  if (extra !== undefined) {
    const names = specs.map(({ name }) => name).join(', ');
    throw badInput('bad-input-data', `${label} has an array ${extra}, and the model's inputs are: ${names}`);
  }
}
