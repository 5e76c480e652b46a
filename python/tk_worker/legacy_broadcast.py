"""Two-operand ops as they were before opset 7, when an attribute said where the smaller operand lies: ONNX's
reference evaluator knows only broadcasting from the last axis on."""

from typing import Any

import numpy as np
from onnx import ModelProto
from onnx.reference.op_run import OpRun
from onnx.reference.ops import load_op

from tk_worker.onnx_file import opset_of

_NAMES = ["Add", "And", "Div", "Equal", "Greater", "Less", "Mul", "Or", "Pow", "Sub", "Xor"]
_NUMPY_BROADCAST = 7


def legacy_ops(model: ModelProto) -> list[type[OpRun]]:
    """The ops that a model of its opset needs instead of the evaluator's own."""
    version = opset_of(model)
    return [_with_axis(name, version) for name in _NAMES] if version < _NUMPY_BROADCAST else []


def _with_axis(name: str, version: int) -> type[OpRun]:
    base = load_op("", name, version)

    def run(self: Any, x: np.ndarray, y: np.ndarray, **linked: Any) -> Any:
        axis = next((each.i for each in self.onnx_node.attribute if each.name == "axis"), None)
        if axis is not None:
            y = y.reshape(y.shape + (1,) * (x.ndim - axis % x.ndim - y.ndim))
        return base.run(self, x, y, **linked)

    return type(name, (base,), {"op_domain": "", "run": run})
