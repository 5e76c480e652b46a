"""Prints seeded arrays with numpy itself: a JSON array of [dtype, shape, data, text] on stdout.

`data` is base64 of the little-endian elements, or a list of base64 for bytes.
"""

import base64
import json
import sys
from collections.abc import Callable
from typing import Any

import ml_dtypes
import numpy as np

Rng = np.random.Generator
SHAPES = [
    (),
    (0,),
    (1,),
    (2,),
    (7,),
    (3, 0, 2),
    (1, 1),
    (2, 3),
    (4, 1, 5),
    (2, 2, 2, 2),
    (40,),
    (1, 30),
    (3, 26),
]
LARGE = [
    (1001,),
    (1000,),
    (500, 3),
    (7, 200),
    (3, 3, 200),
    (10, 10, 11),
    (2, 1, 700),
    (1, 7, 6, 30),
]


def floats(rng: Rng, size: int, dtype: Any) -> np.ndarray:
    """Values of one of many kinds, so that every layout comes up."""
    kind = int(rng.integers(12))
    bits = {2: np.uint16, 4: np.uint32, 8: np.uint64}[np.dtype(dtype).itemsize]
    if kind == 0:
        return np.frombuffer(rng.bytes(size * np.dtype(bits).itemsize), bits).view(dtype)
    if kind == 1:
        return rng.normal(size=size).astype(dtype)
    if kind == 2:
        return rng.integers(-1000, 1000, size).astype(dtype)
    if kind == 3:
        return (10.0 ** rng.uniform(-6, 6, size)).astype(dtype)
    if kind == 4:
        return (rng.integers(-99, 99, size) / 8).astype(dtype)
    if kind == 5:
        return rng.choice([0.0, -0.0, 1.0, np.inf, -np.inf, np.nan], size).astype(dtype)
    if kind == 6:
        return rng.choice([np.inf, np.nan, 1e-4, 9.9999e-5, 0.1, 1000.0, 99999.5], size).astype(dtype)
    if kind == 7:
        return (10.0 ** rng.integers(-20, 20, size)).astype(dtype)
    if kind == 8:
        return (rng.uniform(0.1, 100.0, size) * rng.choice([1, -1], size)).astype(dtype)
    if kind == 9:
        return rng.choice([1e8, 99999999.0, 0.123456785, 0.5, 2.5e-5, 9.999999995], size).astype(dtype)
    if kind == 10:
        return (2.0 ** rng.integers(-30, 27, size)).astype(dtype)
    return np.round(rng.uniform(-1, 1, size), int(rng.integers(1, 6))).astype(dtype)


def integers(rng: Rng, size: int, dtype: Any) -> np.ndarray:
    info = np.iinfo(dtype)
    if rng.integers(2):
        return rng.integers(max(info.min, -20), 21, size).astype(dtype)
    return rng.integers(info.min, info.max, size, dtype=dtype, endpoint=True)


def texts(rng: Rng, size: int) -> np.ndarray:
    alphabet = [
        b"a",
        b"'",
        b'"',
        b"\\",
        b"\n",
        b"\x00",
        b"\xff",
        b" ",
        b"\xc3\xa9",
        b"",
        b"long " * 6,
    ]
    array = np.empty(size, object)
    for index in range(size):
        array[index] = b"".join(alphabet[i] for i in rng.integers(len(alphabet), size=rng.integers(6)))
    return array


def made(rng: Rng, name: str, size: int) -> np.ndarray:
    if name == "string":
        return texts(rng, size)
    if name == "bool":
        return rng.integers(2, size=size).astype(bool)
    if name == "bfloat16":
        return floats(rng, size, np.float16).astype(ml_dtypes.bfloat16)
    kind: Callable[..., np.ndarray] = floats if name.startswith("float") else integers
    return kind(rng, size, np.dtype(name))


def encoded(array: np.ndarray) -> str | list[str]:
    if array.dtype == object:
        return [base64.b64encode(item).decode() for item in array.ravel()]
    return base64.b64encode(np.ascontiguousarray(array).tobytes()).decode()


def main() -> None:
    np.seterr(all="ignore")
    rng = np.random.default_rng(20261124)
    names = ["float32"] * 6 + ["float16"] * 4 + ["float64"] * 4 + ["bfloat16", "bool", "string"]
    names += [f"{sign}int{width}" for sign in ("", "u") for width in (8, 16, 32, 64)]
    cases = []
    for turn in range(14):
        for name in names:
            for shape in [*SHAPES, LARGE[turn % len(LARGE)]]:
                array = made(rng, name, int(np.prod(shape, dtype=int))).reshape(shape)
                # A session gives a scalar as numpy's scalar, and of strings as bytes.
                printed = array[()] if shape == () else array
                cases.append([name, shape, encoded(array), str(printed)])
    json.dump(cases, sys.stdout)


if __name__ == "__main__":
    main()
