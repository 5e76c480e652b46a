"""The `input-session` command: inputs that a Python file of the user makes, one case a run; no arrays mean
the end."""

import importlib.util
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from tk_worker.errors import BAD_INPUT, WorkerError, first_line
from tk_worker.protocol import Events, Request
from tk_worker.sessions.session import Arrays, serve


def run(request: Request, events: Events) -> None:
    """Imports `file` and iterates over what its `inputs(specs, seed)` gives: mappings of input names to
    arrays.

    Throws WorkerError `bad-input-code` (exit 2).
    """
    serve(InputSession(Path(request["file"]), request["specs"], int(request["seed"])), events)


class InputSession:
    """One generator."""

    def __init__(self, path: Path, specs: list[dict[str, Any]], seed: int) -> None:
        try:
            self._cases: Iterator[Any] = iter(_function(path)(specs, seed))
        except (KeyboardInterrupt, MemoryError):
            raise
        except BaseException as error:
            message = f"{path.name} cannot be used: {first_line(error)}"
            raise WorkerError("bad-input-code", message, exit=BAD_INPUT) from error

    def describe(self) -> dict[str, Any]:
        """Nothing to tell."""
        return {"version": "", "inputs": [], "outputs": []}

    def run(self, arrays: Arrays) -> Arrays:
        """The next case. Throws WorkerError where it is no mapping of arrays."""
        case = next(self._cases, None)
        if case is None:
            return {}
        if not isinstance(case, Mapping) or not case:
            raise WorkerError("bad-input-code", "it yielded no mapping of arrays by input")
        return {str(name): _array(str(name), value) for name, value in case.items()}


def _function(path: Path) -> Any:
    sys.path.insert(0, str(path.parent))
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    function = getattr(module, "inputs", None)
    if not callable(function):
        raise TypeError("it has no function `inputs(specs, seed)`")
    return function


def _array(name: str, value: Any) -> np.ndarray:
    array = np.asarray(value)
    if array.dtype == object:
        raise WorkerError("bad-input-code", f"{name} is an array of objects")
    return array
