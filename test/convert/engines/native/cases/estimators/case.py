"""What a case is, and what its numbers are drawn from."""

from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

F, D, I64 = np.float32, np.float64, np.int64
RANDOM = np.random.default_rng(5)
NAN = float("nan")


def floats(*sizes: int) -> np.ndarray:
    """Seeded floats."""
    return RANDOM.standard_normal(sizes).astype(F)


def tensor(values: list[Any], dtype: type) -> onnx.TensorProto:
    """An attribute that is a tensor."""
    array = np.array(values, dtype)
    return (
        helper.make_tensor("t", TensorProto.STRING, array.shape, [v.encode() for v in values])
        if dtype is object
        else numpy_helper.from_array(array)
    )


# Operator, inputs, attributes, kinds of the outputs.
Case = tuple[str, list[np.ndarray], dict[str, Any], list[int]]
FLOAT, DOUBLE, INT64, STRING = TensorProto.FLOAT, TensorProto.DOUBLE, TensorProto.INT64, TensorProto.STRING
X = floats(6, 3)
