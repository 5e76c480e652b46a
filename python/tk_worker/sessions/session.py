"""What every session does alike: tells its inputs and outputs, then answers runs from stdin until it ends.

In the .npz files strings are numpy's fixed-width text or bytes, and bfloat16 is its bits as uint16: no
pickle.
"""

import json
import sys
from typing import Any, Protocol

import numpy as np

from tk_worker.errors import WorkerError, first_line, is_full_disk
from tk_worker.protocol import Events

Arrays = dict[str, np.ndarray]


class Session(Protocol):
    """A loaded model."""

    def describe(self) -> dict[str, Any]:
        """`version` of the runtime; `inputs` and `outputs` as `{name, dtype, shape}`."""

    def run(self, arrays: Arrays) -> Arrays:
        """Runs once on arrays by input name."""


def serve(session: Session, events: Events) -> None:
    """Tells what the model is, then runs `{id, inputs, outputs}` lines, each giving `{id, ok: true}` or
    `{id, error}`."""
    events.result(session.describe())
    for line in sys.stdin:
        if line.strip():
            events.result(_answer(session, line))


def check_names(declared: list[str], arrays: Arrays) -> None:
    """Throws WorkerError `bad-inputs` where the arrays are not those of the declared inputs."""
    if set(declared) != set(arrays):
        message = f"the model takes {', '.join(declared)}; given were {', '.join(arrays)}"
        raise WorkerError("bad-inputs", message)


def check_dtype(name: str, declared: str, array: np.ndarray) -> None:
    """Throws WorkerError `bad-inputs` where an array has another element type: nothing is cast."""
    given = "string" if array.dtype.kind in "US" else array.dtype.name
    if given != ("uint16" if declared == "bfloat16" else declared):
        raise WorkerError("bad-inputs", f"{name} is {declared} in the model, {given} was given")


def storable(array: np.ndarray) -> np.ndarray:
    """An array that .npz can hold without pickle: strings as UTF-8 bytes."""
    if array.dtype != object:
        return array
    encoded = [value.encode() if isinstance(value, str) else value for value in array.ravel().tolist()]
    return np.array(encoded, dtype=bytes).reshape(array.shape)


def _answer(session: Session, line: str) -> dict[str, Any]:
    identity: Any = None
    try:
        call = json.loads(line)
        identity = call["id"]
        with np.load(call["inputs"], allow_pickle=False) as arrays:
            outputs = session.run({name: arrays[name] for name in arrays.files})
        np.savez(call["outputs"], **outputs)  # type: ignore[arg-type]
        return {"id": identity, "ok": True}
    except WorkerError as error:
        return {"id": identity, "error": error.message}
    except OSError as error:
        # No fault of the model's, nor of its inputs: it ends the session.
        if is_full_disk(error):
            raise
        return {"id": identity, "error": first_line(error)}
    except Exception as error:
        return {"id": identity, "error": first_line(error)}
