"""The `tf-session` command: a SavedModel that stays loaded in TensorFlow."""

from pathlib import Path
from typing import Any

import numpy as np

from tk_worker.errors import BAD_INPUT, WorkerError, first_line
from tk_worker.protocol import Events, Request
from tk_worker.sessions.session import serve, storable
from tk_worker.tensorflow_import import import_tensorflow


def run(request: Request, events: Events) -> None:
    """Loads `savedModel` and serves it. `tags` and `signature` are `serve` and `serving_default` where not
    given; with `asSession` inputs may be left out and strings are bytes, as latin-1 text with a mark at the
    end. `tensors`, names of the graph's tensors by key, are given instead of the signature's outputs.

    Throws WorkerError `bad-savedmodel` (exit 2).
    """
    session = TensorflowSession(
        Path(request["savedModel"]),
        tags=request.get("tags", ["serve"]),
        key=request.get("signature", "serving_default"),
        as_session=bool(request.get("asSession", False)),
    )
    if "tensors" in request:
        session.give(request["tensors"])
    serve(session, events)


END_MARK = "."


class TensorflowSession:
    """One signature of one SavedModel, run by its SignatureDef's own keys and tensor names.

    The loader of TF 1 is used, since tf.saved_model.load calls inputs by Python's names: `input.1` would
    be `input_1`.
    """

    def __init__(self, folder: Path, tags: list[str], key: str, as_session: bool) -> None:
        self._as_session = as_session
        self.tf = import_tensorflow()
        v1 = self.tf.compat.v1
        v1.logging.set_verbosity(v1.logging.ERROR)
        self._session = v1.Session(graph=self.tf.Graph())
        try:
            meta_graph = v1.saved_model.load(self._session, tags, str(folder))
        except Exception as error:
            message = f"TensorFlow cannot load {folder.name}: {first_line(error)}"
            raise WorkerError("bad-savedmodel", message, exit=BAD_INPUT) from error
        if key not in meta_graph.signature_def:
            known = ", ".join(sorted(meta_graph.signature_def)) or "none"
            message = f"{folder.name} has no signature {key}; it has: {known}"
            raise WorkerError("bad-savedmodel", message, exit=BAD_INPUT)
        signature = meta_graph.signature_def[key]
        self._inputs: dict[str, Any] = dict(signature.inputs)
        self._outputs: dict[str, Any] = dict(signature.outputs)

    def give(self, tensors: dict[str, str]) -> None:
        """Lets runs give tensors of the graph. Throws WorkerError `bad-savedmodel` where one is not there."""
        graph = self._session.graph
        try:
            self._outputs = {key: graph.get_tensor_by_name(name) for key, name in tensors.items()}
        except (KeyError, ValueError) as error:
            raise WorkerError("bad-savedmodel", first_line(error), exit=BAD_INPUT) from error

    def describe(self) -> dict[str, Any]:
        """TensorFlow's version, inputs and outputs."""
        return {
            "version": self.tf.__version__,
            "inputs": [self._spec(name, info) for name, info in sorted(self._inputs.items())],
            "outputs": [self._spec(name, info) for name, info in sorted(self._outputs.items())],
        }

    def run(self, arrays: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        """Runs the signature. Throws WorkerError where an input is missing, unknown or of another dtype."""
        given = set(arrays)
        if not (given <= set(self._inputs) if self._as_session else given == set(self._inputs)):
            message = f"the signature takes {', '.join(self._inputs)}; given were {', '.join(arrays)}"
            raise WorkerError("bad-inputs", message)
        feeds = {self._inputs[name].name: self._feed(name, array) for name, array in arrays.items()}
        values = self._session.run({name: info.name for name, info in self._outputs.items()}, feeds)
        return {name: self._storable(_array(value), name) for name, value in values.items()}

    def _feed(self, name: str, array: np.ndarray) -> np.ndarray:
        dtype = self.tf.as_dtype(self._inputs[name].dtype)
        if dtype == self.tf.string:
            if not self._as_session:
                return array.astype(object)
            values = [text[: -len(END_MARK)].encode("latin-1") for text in array.ravel().tolist()]
            return np.array([*values, None], object)[:-1].reshape(array.shape)
        if dtype == self.tf.bfloat16 and array.dtype == np.uint16:
            return array.view(dtype.as_numpy_dtype)
        if array.dtype != dtype.as_numpy_dtype:
            raise WorkerError(
                "bad-inputs", f"{name} is {dtype.name} in the signature, {array.dtype} was given"
            )
        return array

    def _storable(self, array: np.ndarray, name: str) -> np.ndarray:
        """An array that .npz can hold without pickle: strings as UTF-8 bytes, bfloat16 as its bits in
        uint16."""
        if array.dtype == object and self._as_session:
            marked = [value.decode("latin-1") + END_MARK for value in array.ravel().tolist()]
            return np.array(marked, dtype=str).reshape(array.shape)
        is_bfloat16 = self.tf.as_dtype(self._outputs[name].dtype) == self.tf.bfloat16
        return array.view(np.uint16) if is_bfloat16 else storable(array)

    def _spec(self, name: str, info: Any) -> dict[str, Any]:
        shape = info.shape if self.tf.is_tensor(info) else self.tf.TensorShape(info.tensor_shape)
        sizes = None if shape.rank is None else shape.as_list()
        return {"name": name, "dtype": self.tf.as_dtype(info.dtype).name, "shape": sizes}


def _array(value: Any) -> np.ndarray:
    """A session gives a scalar string as bytes, which must not become numpy's fixed-width ones."""
    return np.array(value, dtype=object) if isinstance(value, bytes) else np.asarray(value)
