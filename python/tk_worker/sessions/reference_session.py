"""The `reference-session` command: an ONNX file in onnx's own reference evaluator, which has onnx's own ops
in every opset, and none of onnxruntime's, for what onnxruntime has no kernel for."""

from pathlib import Path
from typing import Any

import ml_dtypes
import numpy as np
import onnx
from onnx.reference import ReferenceEvaluator

from tk_worker.errors import BAD_INPUT, WorkerError, first_line
from tk_worker.legacy_broadcast import legacy_ops
from tk_worker.onnx_file import graph_inputs, tensor_specs
from tk_worker.protocol import Events, Request
from tk_worker.sessions.session import Arrays, check_dtype, check_names, serve, storable
from tk_worker.torch_ops import TORCH_OPS


def run(request: Request, events: Events) -> None:
    """Loads `onnx` and serves it.

    Throws WorkerError `bad-onnx` (exit 2) where it has an op that the evaluator lacks.
    """
    serve(ReferenceSession(Path(request["onnx"])), events)


class ReferenceSession:
    """One ONNX file; convolutions and pools run in torch, and in numpy where torch has no such type."""

    def __init__(self, path: Path) -> None:
        try:
            model = onnx.load(str(path))
            ops = [*TORCH_OPS, *legacy_ops(model)]
            self._evaluator = ReferenceEvaluator(model, new_ops=ops)
        except Exception as error:
            raise WorkerError("bad-onnx", first_line(error), exit=BAD_INPUT) from error
        self._inputs = tensor_specs(graph_inputs(model))
        self._outputs = tensor_specs(model.graph.output)

    def describe(self) -> dict[str, Any]:
        """onnx's version, inputs and outputs."""
        return {"version": onnx.__version__, "inputs": self._inputs, "outputs": self._outputs}

    def run(self, arrays: Arrays) -> Arrays:
        """Runs once. Throws WorkerError where an input is missing, unknown or of another dtype or shape."""
        dtypes = {str(spec["name"]): str(spec["dtype"]) for spec in self._inputs}
        check_names(list(dtypes), arrays)
        for name, array in arrays.items():
            check_dtype(name, dtypes[name], array)
        feeds = {name: _feed(array, dtypes[name]) for name, array in arrays.items()}
        names = [str(spec["name"]) for spec in self._outputs]
        with np.errstate(all="ignore"):
            values = self._evaluator.run(names, feeds)
        return {name: _given(name, value) for name, value in zip(names, values, strict=True)}


def _feed(array: np.ndarray, dtype: str) -> np.ndarray:
    if dtype == "bfloat16":
        return array.view(ml_dtypes.bfloat16)
    return array.astype(object) if dtype == "string" else array


def _given(name: str, value: Any) -> np.ndarray:
    if isinstance(value, list) or value is None:
        raise WorkerError("uncarried-type", f"{name} is no tensor")
    array = np.asarray(value)
    return array.view(np.uint16) if array.dtype == ml_dtypes.bfloat16 else storable(array)
