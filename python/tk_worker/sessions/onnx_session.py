"""The `onnx-session` command: an ONNX file in Python's onnxruntime, which carries bfloat16 too."""

import ctypes
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime

from tk_worker.errors import BAD_INPUT, WorkerError, first_line
from tk_worker.protocol import Events, Request
from tk_worker.sessions.session import Arrays, check_dtype, check_names, serve, storable

_TYPES = {
    "float": "float32",
    "double": "float64",
    "float16": "float16",
    "bfloat16": "bfloat16",
    "int8": "int8",
    "int16": "int16",
    "int32": "int32",
    "int64": "int64",
    "uint8": "uint8",
    "uint16": "uint16",
    "uint32": "uint32",
    "uint64": "uint64",
    "bool": "bool",
    "string": "string",
}
_BFLOAT16 = 16


def run(request: Request, events: Events) -> None:
    """Loads `onnx` on the CPU, its graph optimised unless `optimize` is false, and serves it.

    Throws WorkerError `bad-onnx` (exit 2).
    """
    optimize, exact_sums = bool(request.get("optimize", True)), bool(request.get("exactSums", False))
    one_thread = bool(request.get("oneThread", False))
    serve(OnnxSession(Path(request["onnx"]), optimize, exact_sums, one_thread), events)


def _session(path: Path, optimize: bool, exact_sums: bool, one_thread: bool) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    # As formats/onnx/integer-sums.ts: an LSTM's states are quantised by groups, one a thread.
    if one_thread:
        options.intra_op_num_threads = 1
    # As runtime/host/onnxruntime.ts: sums of products of uint8 and int8 that do not saturate.
    if exact_sums:
        options.add_session_config_entry("session.x64quantprecision", "1")
    # As there: products between DequantizeLinear and QuantizeLinear stay products of floats.
    options.add_session_config_entry("session.disable_quant_qdq", "1")
    levels = onnxruntime.GraphOptimizationLevel
    options.graph_optimization_level = levels.ORT_ENABLE_ALL if optimize else levels.ORT_DISABLE_ALL
    try:
        return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except Exception:
        if not exact_sums:
            raise
        return _session(path, optimize, False, one_thread)


class OnnxSession:
    """One ONNX file."""

    def __init__(self, path: Path, optimize: bool, exact_sums: bool, one_thread: bool) -> None:
        try:
            self._session = _session(path, optimize, exact_sums, one_thread)
        except Exception as error:
            message = f"onnxruntime cannot load {path.name}: {first_line(error)}"
            raise WorkerError("bad-onnx", message, exit=BAD_INPUT) from error
        self._inputs = {spec.name: _dtype(spec) for spec in self._session.get_inputs()}
        self._outputs = {spec.name: _dtype(spec) for spec in self._session.get_outputs()}

    def describe(self) -> dict[str, Any]:
        """onnxruntime's version, inputs and outputs."""
        return {
            "version": onnxruntime.__version__,
            "inputs": [_spec(spec) for spec in self._session.get_inputs()],
            "outputs": [_spec(spec) for spec in self._session.get_outputs()],
        }

    def run(self, arrays: Arrays) -> Arrays:
        """Runs once. Throws WorkerError where an input is missing, unknown or of another dtype."""
        check_names(list(self._inputs), arrays)
        for name, array in arrays.items():
            check_dtype(name, self._inputs[name], array)
        feeds = {name: _feed(array) for name, array in arrays.items()}
        names = list(self._outputs)
        if "bfloat16" in {*self._inputs.values(), *self._outputs.values()}:
            # numpy has no bfloat16, which onnxruntime's own values carry (and they carry no strings).
            values = {name: _ort_value(array, self._inputs[name]) for name, array in feeds.items()}
            results = self._session.run_with_ort_values(names, values)
            return {name: _array(value) for name, value in zip(names, results, strict=True)}
        results = self._session.run(names, feeds)
        return {name: storable(np.asarray(value)) for name, value in zip(names, results, strict=True)}


def _dtype(spec: Any) -> str:
    """The element type of `tensor(float)`."""
    inner = spec.type.removeprefix("tensor(").removesuffix(")")
    if spec.type.startswith("tensor(") and inner in _TYPES:
        return _TYPES[inner]
    raise WorkerError("uncarried-type", f"{spec.name} is {spec.type}, which no runner here can carry")


def _spec(spec: Any) -> dict[str, Any]:
    return {"name": spec.name, "dtype": _dtype(spec), "shape": list(spec.shape)}


def _feed(array: np.ndarray) -> np.ndarray:
    if array.dtype.kind not in "US":
        return np.ascontiguousarray(array).reshape(array.shape)
    texts = [text.decode() if isinstance(text, bytes) else text for text in array.ravel().tolist()]
    return np.array([*texts, None], object)[:-1].reshape(array.shape)


def _ort_value(array: np.ndarray, dtype: str) -> Any:
    make = onnxruntime.OrtValue
    if dtype == "bfloat16":
        return make.ortvalue_from_numpy_with_onnx_type(array, _BFLOAT16)
    return make.ortvalue_from_numpy(array)


def _array(value: Any) -> np.ndarray:
    if value.element_type() != _BFLOAT16:
        return np.asarray(value.numpy())
    # The bits are copied from where onnxruntime keeps them.
    shape = tuple(value.shape())
    count = int(np.prod(shape, dtype=np.int64))
    if count == 0:
        return np.zeros(shape, np.uint16)
    return np.array((ctypes.c_uint16 * count).from_address(value.data_ptr())).reshape(shape)
