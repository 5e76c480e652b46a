"""What a case is, and what it is fed with."""

import numpy as np

# A model as ONNX's parser takes it, and what it is fed with, run by run.
Case = tuple[str, list[dict[str, np.ndarray]]]

F = np.float32


def image(size: int) -> np.ndarray:
    """Seeded floats of one image."""
    return np.random.default_rng(size).standard_normal([1, 2, size, size]).astype(F)


def vector(seed: int, at_least: float = -9.0) -> np.ndarray:
    """Seeded floats by channel."""
    return np.maximum(np.random.default_rng(seed).standard_normal(2), at_least).astype(F)
