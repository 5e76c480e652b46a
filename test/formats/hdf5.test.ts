// HDF5 read by position: every dataset and text attribute that h5py sees, in all four generations of the format.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { describeHdf5 } from '../../src/formats/hdf5/file.ts';
import { openByteSource } from '../../src/formats/onnx/byte-source.ts';
import { repoRoot } from '../support/shared.ts';

const folder = mkdtempSync(join(tmpdir(), 'tk-hdf5-'));
const python = join(repoRoot, '.venv/bin/python');

afterAll(() => rmSync(folder, { recursive: true, force: true }));

const MAKE = `
import json, sys
import h5py
import numpy as np

path, generation, block = sys.argv[1], sys.argv[2], int(sys.argv[3])
with h5py.File(path, "w", libver=generation, userblock_size=block) as file:
    file.attrs["model_config"] = "x" * 200_000
    file.attrs["fixed"] = np.bytes_(b"fixed text")
    file.attrs["é"] = "ü"
    file.attrs["number"] = 3
    for at in range(40):
        file.attrs[f"attribute_{at}"] = f"value {at}"
    for at in range(1500):
        file.create_dataset(f"sorted/weight_{at}_{'n' * (at % 60)}", shape=(at % 7, 3), dtype="<f4")
    tracked = file.create_group("tracked", track_order=True)
    for at in range(300):
        tracked.create_dataset(f"w{at}", shape=(2, at % 3 + 1), dtype="<f8")
    for at, dtype in enumerate(["<f2", "i1", "<u8", "<c8", "<c16", "?"]):
        file.create_dataset(f"types/{at}", shape=(2,), dtype=dtype)
    file.create_dataset("scalar", data=np.float64(3.0))
    file.create_dataset("chunks", shape=(100, 100), dtype="<i4", chunks=(10, 10), compression="gzip")
    file["soft"] = h5py.SoftLink("/scalar")
    file["sorted/circle"] = file["sorted"]
    file["committed"] = np.dtype("<i2")
    file.create_dataset("by_committed", shape=(4,), dtype=file["committed"])
with h5py.File(path) as file:
    datasets = {}
    file.visititems(lambda name, item: datasets.update({name: [str(item.dtype), list(item.shape)]})
                    if isinstance(item, h5py.Dataset) else None)
    texts = {key: value if isinstance(value, str) else value.decode() for key, value in file.attrs.items()
             if isinstance(value, (str, bytes))}
print(json.dumps({"datasets": datasets, "texts": texts}))
`;

describe.skipIf(!existsSync(python))('an HDF5 file (needs .venv)', () => {
  it.each([
    ['earliest', 0],
    ['v108', 0],
    ['v110', 512],
    ['latest', 2048],
  ])('of h5py, libver %s, user block of %i bytes', (generation, block) => {
    const path = join(folder, `${generation}.h5`);
    const printed = execFileSync(python, ['-c', MAKE, path, generation, String(block)], { encoding: 'utf8' });
    const expected = JSON.parse(printed);
    const { datasets, attributes } = describeHdf5(openByteSource(path));
    const found = datasets.map(({ path, dtype, shape }) => [path.join('/'), [dtype, shape]]);
    expect(Object.fromEntries(found)).toEqual(expected.datasets);
    expect(Object.fromEntries(attributes)).toEqual(expected.texts);
  });
});
