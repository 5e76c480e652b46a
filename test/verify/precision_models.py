"""Writes ONNX files into a folder: ops as they were before opset 7, and networks in half precision.

Usage: precision_models.py FOLDER
"""

import sys
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

RANDOM = np.random.default_rng(5)


def save(path: Path, nodes: list, shapes: list[list], weights: dict, kind: int, opset: int) -> None:
    values = [
        helper.make_tensor_value_info(name, kind, shape) for name, shape in zip("xy", shapes, strict=True)
    ]
    initializers = [numpy_helper.from_array(array, name) for name, array in weights.items()]
    declared = [helper.make_tensor_value_info(i.name, i.data_type, i.dims) for i in initializers]
    graph = helper.make_graph(nodes, "g", [values[0], *declared], [values[1]], initializers)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8)
    onnx.save(model, str(path))


def old_axis(folder: Path) -> None:
    """Add of opset 6 whose second operand lies along the channels, not the rows as numpy would have it."""
    bias = RANDOM.standard_normal(3).astype(np.float32)
    node = helper.make_node("Add", ["x", "b"], ["y"], axis=1, broadcast=1, name="add")
    save(folder / "axis.onnx", [node], [[2, 3, 3], [2, 3, 3]], {"b": bias}, TensorProto.FLOAT, 6)


def half(folder: Path) -> None:
    """Convolution, activation and matrix in float16 throughout; the same with only its weights in float16."""
    weights = {
        "w": RANDOM.standard_normal((8, 3, 3, 3)).astype(np.float16) / np.float16(4),
        "m": RANDOM.standard_normal((8 * 36, 10)).astype(np.float16) / np.float16(8),
    }
    body = [
        helper.make_node("Sigmoid", ["c"], ["s"]),
        helper.make_node("Flatten", ["s"], ["f"]),
    ]
    nodes = [
        helper.make_node("Conv", ["x", "w"], ["c"], kernel_shape=[3, 3]),
        *body,
        helper.make_node("MatMul", ["f", "m"], ["y"]),
    ]
    shapes = [["N", 3, 8, 8], ["N", 10]]
    save(folder / "half.onnx", nodes, shapes, weights, TensorProto.FLOAT16, 17)
    widened = [
        *(helper.make_node("Cast", [name], [f"{name}32"], to=TensorProto.FLOAT) for name in weights),
        helper.make_node("Conv", ["x", "w32"], ["c"], kernel_shape=[3, 3]),
        *body,
        helper.make_node("MatMul", ["f", "m32"], ["y"]),
    ]
    save(folder / "half-weights.onnx", widened, shapes, weights, TensorProto.FLOAT, 17)


if __name__ == "__main__":
    old_axis(Path(sys.argv[1]))
    half(Path(sys.argv[1]))
