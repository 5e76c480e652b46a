"""Operators that ONNX has too, and those of diffusion networks, which have no kernel for the CPU."""

from math import erf, sqrt

import numpy as np

from .case import Case, F, floats


def group_norm(x: np.ndarray, gamma: np.ndarray, beta: np.ndarray, groups: int, silu: bool) -> np.ndarray:
    """Normalisation by groups of the last axis, as its specification says."""
    n, h, w, c = x.shape
    parts = x.reshape(n, h, w, groups, c // groups).astype(np.float64)
    mean = parts.mean((1, 2, 4), keepdims=True)
    unit = (parts - mean) / np.sqrt(parts.var((1, 2, 4), keepdims=True) + 1e-5)
    y = unit.reshape(x.shape) * gamma + beta
    return (y / (1 + np.exp(-y)) if silu else y).astype(F)


def gelu(x: float) -> float:
    """The exact one."""
    return x / 2 * (1 + erf(x / sqrt(2)))


X, SKIP = floats(2, 3, 4, 6), floats(2, 6)
GAMMA, BETA, BIAS = floats(6), floats(6), floats(6)
SUM = X + SKIP[:, None, None] + BIAS
TOKENS, GATE = floats(2, 3, 8), floats(8)
LEFT, RIGHT = np.split(TOKENS + GATE, 2, 2)

CASES = {
    "inverse": Case("Inverse", [floats(2, 3, 3)]),
    # onnxruntime reads this axis only where it is not stored as bytes, and falls over otherwise.
    "expand_dims": Case("ExpandDims", [GAMMA, np.array(-1, np.int32)], expected=[GAMMA[:, None]]),
    "range": Case("Range", [np.array(2, np.int64), np.array(7, np.int64)], dynamic=False),
    "range_step": Case("Range", [np.array(2.0, F), np.array(7.0, F), np.array(1.5, F)], dynamic=False),
    "distances": Case("CDist", [floats(4, 3), floats(5, 3)]),
    "distances_euclidean": Case("CDist", [floats(4, 3), floats(5, 3)], {"metric": "euclidean"}),
    "trilu": Case("Trilu", [floats(2, 4, 4), np.array(-1, np.int64)], {"upper": 0}),
    "gather_nd": Case("GatherND", [floats(3, 4), np.array([[0, 1], [2, 3]], np.int64)]),
    "pad": Case("Pad", [floats(2, 3), np.array([0, 1, 0, 2], np.int64), np.array(1.5, F)]),
    "pad_reflect": Case("Pad", [floats(2, 3), np.array([0, 1, 0, 2], np.int64)], {"mode": "reflect"}),
    "grid_sample": Case("GridSample", [floats(2, 1, 4, 4), floats(2, 3, 3, 2)], fed=(0, 1)),
    "grid_sample_cubic": Case(
        "GridSample",
        [floats(2, 1, 4, 4), floats(2, 3, 3, 2)],
        {"mode": "bicubic", "padding_mode": "border", "align_corners": 1},
        fed=(0, 1),
    ),
    "transpose_matmul": Case(
        "TransposeMatMul",
        [floats(2, 5, 3), floats(2, 4, 5)],
        {"transA": 1, "transB": 1, "alpha": 0.5},
    ),
    "group_norm": Case(
        "GroupNorm",
        [X, GAMMA, BETA],
        {"groups": 3, "activation": 0, "channels_last": 1},
        expected=[group_norm(X, GAMMA, BETA, 3, False)],
    ),
    "skip_group_norm": Case(
        "SkipGroupNorm",
        [X, GAMMA, BETA, SKIP, BIAS],
        {"groups": 2, "activation": 1},
        2,
        fed=(0, 3),
        expected=[group_norm(SUM, GAMMA, BETA, 2, True), SUM],
    ),
    "bias_split_gelu": Case(
        "BiasSplitGelu",
        [TOKENS, GATE],
        expected=[LEFT * np.vectorize(gelu)(RIGHT).astype(F)],
    ),
    "bias_add": Case("BiasAdd", [TOKENS, GATE, TOKENS], fed=(0, 2), expected=[TOKENS + GATE + TOKENS]),
}
