"""Writes what numpy writes, for the .npy and .npz tests. Usage: oracle.py FOLDER"""

import sys
from pathlib import Path

import numpy as np
from numpy.lib import format as npy_format

folder = Path(sys.argv[1])
grid = np.arange(6).reshape(2, 3)

ARRAYS = {
    "bool": grid % 2 == 0,
    "int8": (grid - 3).astype(np.int8),
    "int16": (grid * -1000).astype(np.int16),
    "int32": (grid * -100000).astype(np.int32),
    "int64": grid.astype(np.int64) * -(2**60) + 1,
    "uint8": (grid * 50).astype(np.uint8),
    "uint16": (grid * 13000).astype(np.uint16),
    "uint32": (grid * 800_000_000).astype(np.uint32),
    "uint64": grid.astype(np.uint64) * np.uint64(2**61) + np.uint64(1),
    "float16": (grid / 7).astype(np.float16),
    "float32": (grid / 7).astype(np.float32),
    "float64": grid / 7,
    "string": np.array([["a", "béta", "𝛾δ"], ["", "x" * 9, "日本"]]),
    "scalar": np.float32(2.5),
    "vector": np.array([1.5, np.nan, -np.inf], np.float32),
    "empty": np.zeros((0, 4), np.float32),
    "fortran": np.asfortranarray(np.arange(24, dtype=np.int32).reshape(2, 3, 4)),
    "big-endian": (grid / 7).astype(">f8"),
    "bytes": np.array([b"ab", "é".encode()]),
    "complex": grid.astype(np.complex64),
    "dates": np.array(["2026-01-01"], "M8[D]"),
    "structured": np.zeros(2, [("a", "<f4"), ("b", "<i4")]),
}
for name, array in ARRAYS.items():
    np.save(folder / f"{name}.npy", array)
np.save(folder / "objects.npy", np.array([{"a": 1}], dtype=object), allow_pickle=True)
for version in ((2, 0), (3, 0)):
    with (folder / f"version{version[0]}.npy").open("wb") as file:
        npy_format.write_array(file, grid.astype(np.float32), version=version)
np.savez(folder / "stored.npz", **{"b1/in/x": ARRAYS["float32"], "ids": ARRAYS["int64"]})
np.savez_compressed(folder / "deflated.npz", zeros=np.zeros((1000, 1000), np.float32), ids=ARRAYS["int64"])
