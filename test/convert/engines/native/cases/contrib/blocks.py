"""Weights of 4 and 8 bits by blocks."""

from typing import Any

import numpy as np

from .case import I32, RANDOM, Case, bytes_of, floats


def product(columns: int, bits: int, size: int, zeros: str = "", half: bool = False, **more: Any) -> Case:
    """Five rows of packed weights, with zero points of their own where asked."""
    rows, blocks = 5, -(-columns // size)
    scales = floats(rows, blocks)
    points = {
        "": None,
        "packed": bytes_of(rows, -(-blocks * bits // 8)),
        "floats": floats(rows, blocks),
    }[zeros]
    inputs = [
        floats(2, 3, columns),
        bytes_of(rows, blocks, size * bits // 8),
        scales,
        points,
    ]
    inputs += [more.get("groups"), more.get("bias")]
    while inputs[-1] is None:
        inputs.pop()
    if half:
        inputs = [
            each.astype(np.float16) if each is not None and each.dtype == np.float32 else each
            for each in inputs
        ]
    attributes = {"K": columns, "N": rows, "bits": bits, "block_size": size}
    return Case("MatMulNBits", inputs, attributes)


def rows(bits: int, zeros: bool, half: bool = False) -> Case:
    """Some rows of a packed table of 6 by 32."""
    blocks, size = 2, 16
    table = bytes_of(6, 32 * bits // 8)
    scales = floats(6, blocks).astype(np.float16 if half else np.float32)
    points = [bytes_of(6, blocks * bits // 8)] if zeros else []
    at = np.array([[0, 5], [-1, 2]], np.int64)
    attributes = {
        "bits": bits,
        "block_size": size,
        "gather_axis": 0,
        "quantize_axis": 1,
    }
    return Case("GatherBlockQuantized", [table, at, scales, *points], attributes, fed=(1,))


CASES = {
    "nbits_4": product(64, 4, 32),
    "nbits_4_zeros": product(64, 4, 32, "packed"),
    "nbits_4_odd_blocks": product(72, 4, 16, "packed", bias=floats(5)),
    "nbits_4_unfilled_block": product(40, 4, 16, "floats"),
    "nbits_4_groups": product(64, 4, 16, groups=RANDOM.integers(0, 4, 64).astype(I32)),
    "nbits_4_groups_floats": product(64, 4, 16, "floats", groups=RANDOM.integers(0, 4, 64).astype(I32)),
    "nbits_8": product(64, 8, 32),
    "nbits_8_zeros": product(40, 8, 16, "packed"),
    "nbits_half": product(64, 4, 32, "packed", half=True),
    "gather_blocks_4": rows(4, False),
    "gather_blocks_4_zeros": rows(4, True, half=True),
    "gather_blocks_8": rows(8, False),
    "gather_blocks_8_zeros": rows(8, True),
}
