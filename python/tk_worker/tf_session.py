"""The `tf-session` command: a SavedModel that stays loaded in TensorFlow and answers runs given as .npz files."""

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np

from tk_worker.errors import BAD_INPUT, WorkerError, first_line
from tk_worker.protocol import Events, Request
from tk_worker.tensorflow_import import import_tensorflow


def run(request: Request, events: Events) -> None:
    """Loads `savedModel`, tells its signature, then runs `{id, inputs, outputs}` lines from stdin until it ends.

    Each run gives `{id, ok: true}` or `{id, error}`. Throws WorkerError `bad-savedmodel` (exit 2).
    """
    session = Session(Path(request["savedModel"]))
    events.result(session.describe())
    for line in sys.stdin:
        if line.strip():
            events.result(_answer(session, line))


class Session:
    """`serving_default` of one SavedModel, by its signature's own keys."""

    def __init__(self, folder: Path) -> None:
        self.tf = import_tensorflow()
        try:
            self._loaded = self.tf.saved_model.load(str(folder))
            self._function = self._loaded.signatures["serving_default"]
        except (KeyError, AttributeError) as error:
            message = f"{folder.name} has no signature serving_default: {first_line(error)}"
            raise WorkerError("bad-savedmodel", message, exit=BAD_INPUT) from error
        except Exception as error:
            message = f"TensorFlow cannot load {folder.name}: {first_line(error)}"
            raise WorkerError("bad-savedmodel", message, exit=BAD_INPUT) from error
        self._inputs: dict[str, Any] = self._function.structured_input_signature[1]

    def describe(self) -> dict[str, Any]:
        """TensorFlow's version, inputs and outputs."""
        return {
            "version": self.tf.__version__,
            "inputs": [_spec(name, spec) for name, spec in self._inputs.items()],
            "outputs": [_spec(name, spec) for name, spec in self._function.structured_outputs.items()],
        }

    def run(self, arrays: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        """Runs the signature. Throws WorkerError where an input is missing, unknown or of another dtype."""
        if set(arrays) != set(self._inputs):
            message = f"the signature takes {', '.join(self._inputs)}; given were {', '.join(arrays)}"
            raise WorkerError("bad-inputs", message)
        feeds = {name: self._feed(name, arrays[name]) for name in self._inputs}
        return {name: _to_numpy(tensor) for name, tensor in self._function(**feeds).items()}

    def _feed(self, name: str, array: np.ndarray) -> Any:
        dtype = self._inputs[name].dtype
        if dtype == self.tf.string:
            return self.tf.constant(
                array.astype(object) if array.dtype.kind in "US" else array, self.tf.string
            )
        if dtype == self.tf.bfloat16 and array.dtype == np.uint16:
            return self.tf.bitcast(self.tf.constant(array), self.tf.bfloat16)
        if array.dtype != dtype.as_numpy_dtype:
            raise WorkerError(
                "bad-inputs", f"{name} is {dtype.name} in the signature, {array.dtype} was given"
            )
        return self.tf.constant(array, dtype)


def _answer(session: Session, line: str) -> dict[str, Any]:
    identity: Any = None
    try:
        call = json.loads(line)
        identity = call["id"]
        # Without pickle: strings come as numpy's fixed-width text or bytes.
        with np.load(call["inputs"], allow_pickle=False) as arrays:
            outputs = session.run({name: arrays[name] for name in arrays.files})
        np.savez(call["outputs"], **outputs)  # type: ignore[arg-type]
        return {"id": identity, "ok": True}
    except WorkerError as error:
        return {"id": identity, "error": error.message}
    except Exception as error:
        return {"id": identity, "error": first_line(error)}


def _to_numpy(tensor: Any) -> np.ndarray:
    """An array that .npz can hold without pickle: strings as UTF-8 bytes, bfloat16 as its bits in uint16."""
    array = np.asarray(tensor.numpy())
    if array.dtype == object:
        return array.astype(bytes)
    if tensor.dtype.name == "bfloat16":
        return array.view(np.uint16)
    return array


def _spec(name: str, spec: Any) -> dict[str, Any]:
    shape = None if spec.shape.rank is None else spec.shape.as_list()
    return {"name": name, "dtype": spec.dtype.name, "shape": shape}
