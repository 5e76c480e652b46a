// --failures: the inputs on which something failed, written so that the failure can be repeated.
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { writeNpz } from '../formats/npy/npz.ts';
import type { Tensor } from '../formats/tensor.ts';
import { unwritable } from '../system-failure.ts';
import type { Case } from './cases.ts';

/**
 * Writes a case's inputs as `FOLDER/LABEL.npz` and gives the path.
 *
 * @throws TkError `unwritable` (exit 2)
 */
export async function writeFailure(folder: string, { label, inputs }: Case): Promise<string> {
  const name = label.replace(/\.npz$/, '').replace(/[^\w.-]+/g, '-');
  const path = join(folder, `${name}.npz`);
  try {
    mkdirSync(folder, { recursive: true });
    await writeNpz(
      path,
      Object.entries(inputs).map(([key, tensor]) => [key, storable(tensor)]),
    );
    return path;
  } catch (cause) {
    rmSync(path, { force: true });
    throw unwritable(path, cause, 'name another --failures');
  }
}

/** numpy has no bfloat16: its bits stand as uint16, which --input-data takes back. */
function storable(tensor: Tensor): Tensor {
  return tensor.dtype === 'bfloat16' ? { ...tensor, dtype: 'uint16' } : tensor;
}
