"""The `noise-session` command: an ONNX graph run twice by one evaluator, as it is and with every float as
float64, so that what rounding alone does is told apart from what a runtime does."""

from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx.reference import ReferenceEvaluator

from tk_worker.errors import BAD_INPUT, WorkerError, first_line
from tk_worker.onnx_float64 import to_float64
from tk_worker.protocol import Events, Request
from tk_worker.sessions.session import Arrays, serve
from tk_worker.torch_ops import TORCH_OPS


def run(request: Request, events: Events) -> None:
    """Loads `onnx` and serves it: a run gives `exact/NAME` (float64) and `rounded/NAME` for every tensor of
    `tensors` (default: the graph's outputs) that is a float.

    Throws WorkerError `no-noise` (exit 2) where the evaluator cannot take the graph.
    """
    serve(NoiseSession(Path(request["onnx"]), request.get("tensors")), events)


class NoiseSession:
    """One graph in two precisions."""

    def __init__(self, path: Path, tensors: list[str] | None) -> None:
        try:
            model = onnx.load(str(path))
            self._inputs = {value.name for value in model.graph.input}
            outputs = [value.name for value in model.graph.output]
            self._names = tensors if tensors is not None else outputs
            for name in self._names:
                if name not in outputs:
                    model.graph.output.append(onnx.ValueInfoProto(name=name))
            self._rounded = ReferenceEvaluator(model, new_ops=TORCH_OPS)
            self._exact = ReferenceEvaluator(to_float64(model), new_ops=TORCH_OPS)
        except Exception as error:
            message = f"rounding cannot be measured on {path.name}: {first_line(error)}"
            raise WorkerError("no-noise", message, exit=BAD_INPUT) from error

    def describe(self) -> dict[str, Any]:
        """The evaluator's version; its outputs are those of `run`."""
        return {"version": onnx.__version__, "inputs": [], "outputs": []}

    def run(self, arrays: Arrays) -> Arrays:
        """Both runs. Throws WorkerError where an op fails in one of them."""
        feeds = {name: array for name, array in arrays.items() if name in self._inputs}
        wide = {
            name: array.astype(np.float64) if array.dtype.kind == "f" else array
            for name, array in feeds.items()
        }
        with np.errstate(all="ignore"):
            rounded = self._rounded.run(self._names, feeds)
            exact = self._exact.run(self._names, wide)
        results: Arrays = {}
        for name, low, high in zip(self._names, rounded, exact, strict=True):
            low, high = np.asarray(low), np.asarray(high)
            if low.dtype.kind == "f" and high.dtype == np.float64 and low.shape == high.shape:
                results |= {f"rounded/{name}": low, f"exact/{name}": high}
        return results
