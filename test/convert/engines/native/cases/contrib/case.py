"""What a case is, and seeded numbers."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

F, I32 = np.float32, np.int32
RANDOM = np.random.default_rng(3)


class Case(NamedTuple):
    """One node: its inputs in order, None for one that is left out."""

    op: str
    inputs: Sequence[np.ndarray | None]
    attributes: dict[str, Any] = {}  # noqa: RUF012 - nothing changes it
    outputs: int = 1
    # Inputs, by their place, that are fed; all others are initializers.
    fed: Sequence[int] = (0,)
    # Outputs, by their place, that nobody asks for.
    without: Sequence[int] = ()
    domain: str = "com.microsoft"
    # Whether the first size of what is fed is a symbol.
    dynamic: bool = True
    # Where onnxruntime has no kernel for the CPU.
    expected: Sequence[np.ndarray] | None = None


def floats(*sizes: int) -> np.ndarray:
    """Seeded floats."""
    return RANDOM.standard_normal(sizes).astype(F)


def bytes_of(*sizes: int, dtype: type = np.uint8) -> np.ndarray:
    """Seeded integers: uint8, or int8 of 7 bits (without VNNI, onnxruntime's sums of two may saturate)."""
    low, high = (0, 256) if dtype == np.uint8 else (-63, 64)
    return RANDOM.integers(low, high, sizes).astype(dtype)


def caches(positions: int, half: int) -> tuple[np.ndarray, np.ndarray]:
    """Cosines and sines of rotary embedding."""
    angles = np.arange(positions)[:, None] / 10.0 ** np.arange(half)[None]
    return np.cos(angles).astype(F), np.sin(angles).astype(F)
