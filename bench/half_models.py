"""Writes networks that compute in half precision, random weights, for bench/half-precision.mjs.

Usage: half_models.py FOLDER
"""

import sys
from pathlib import Path
from typing import Any

import ml_dtypes
import numpy as np
import onnx
from onnx import NodeProto, TensorProto, helper, numpy_helper

BLOCKS = [1, 8, 32]
WIDTH = 64
TYPES: dict[str, tuple[int, Any]] = {
    "float16": (TensorProto.FLOAT16, np.float16),
    "bfloat16": (TensorProto.BFLOAT16, ml_dtypes.bfloat16),
}


def write(blocks: int, dtype: str, path: Path) -> None:
    """Residual blocks x + tanh(x · W), 64 wide, every step in half precision."""
    random = np.random.default_rng(blocks)
    code, numpy_type = TYPES[dtype]
    nodes: list[NodeProto] = []
    weights: list[TensorProto] = []
    last = "x"
    for at in range(blocks):
        values = random.standard_normal((WIDTH, WIDTH)) / np.sqrt(WIDTH)
        weights.append(numpy_helper.from_array(values.astype(numpy_type), f"w{at}"))
        total = "y" if at == blocks - 1 else f"s{at}"
        nodes += [
            helper.make_node("MatMul", [last, f"w{at}"], [f"p{at}"]),
            helper.make_node("Tanh", [f"p{at}"], [f"a{at}"]),
            helper.make_node("Add", [last, f"a{at}"], [total]),
        ]
        last = total
    x, y = (helper.make_tensor_value_info(name, code, ["N", WIDTH]) for name in "xy")
    graph = helper.make_graph(nodes, "g", [x], [y], weights)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.save(model, str(path))


if __name__ == "__main__":
    for blocks in BLOCKS:
        for dtype in TYPES:
            write(blocks, dtype, Path(sys.argv[1]) / f"{dtype}-{blocks}.onnx")
