"""The `tflite-session` command: a TFLite file in LiteRT's interpreter."""

import re
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from tk_worker.errors import BAD_INPUT, WorkerError, first_line
from tk_worker.protocol import Events, Request
from tk_worker.sessions.session import Arrays, check_dtype, check_names, serve, storable

Details = dict[str, Any]


def run(request: Request, events: Events) -> None:
    """Loads `tflite` and serves it: the signature `signature`, or the only one, or, where the file has none,
    its tensors.

    Throws WorkerError `bad-tflite` (exit 2).
    """
    serve(TfliteSession(Path(request["tflite"]), request.get("signature")), events)


class TfliteSession:
    """One subgraph of one file, by the names of its signature; without one by those of its tensors, the
    `serving_default_` before and the `:0` after them taken off."""

    def __init__(self, path: Path, key: str | None) -> None:
        # Imported here: its module loads a native library that not every machine has.
        from ai_edge_litert.interpreter import Interpreter, OpResolverType

        try:
            # Without the delegate that would compute by other kernels than the reference ones.
            self._interpreter = Interpreter(
                model_path=str(path),
                experimental_op_resolver_type=OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES,
            )
            self._interpreter.allocate_tensors()
        except Exception as error:
            message = f"LiteRT cannot load {path.name}: {first_line(error)}"
            raise WorkerError("bad-tflite", message, exit=BAD_INPUT) from error
        self._runner = self._signature_runner(path, key)
        if self._runner is not None:
            self._inputs: dict[str, Details] = self._runner.get_input_details()
            self._outputs: dict[str, Details] = self._runner.get_output_details()
        else:
            self._inputs = _by_name(self._interpreter.get_input_details())
            self._outputs = _by_name(self._interpreter.get_output_details())

    def describe(self) -> dict[str, Any]:
        """LiteRT's version, inputs and outputs."""
        return {
            "version": version("ai-edge-litert"),
            "inputs": [_spec(name, details) for name, details in self._inputs.items()],
            "outputs": [_spec(name, details) for name, details in self._outputs.items()],
        }

    def run(self, arrays: Arrays) -> Arrays:
        """Runs once, the inputs resized where their sizes are free. Throws WorkerError where one is missing,
        unknown, of another dtype or shape."""
        check_names(list(self._inputs), arrays)
        feeds = {name: _feed(name, self._inputs[name], array) for name, array in arrays.items()}
        values = self._runner(**feeds) if self._runner is not None else self._invoke(feeds)
        return {name: storable(np.array(value)) for name, value in values.items()}

    def _invoke(self, feeds: Arrays) -> Arrays:
        for name, array in feeds.items():
            self._interpreter.resize_tensor_input(self._inputs[name]["index"], array.shape)
        self._interpreter.allocate_tensors()
        for name, array in feeds.items():
            self._interpreter.set_tensor(self._inputs[name]["index"], array)
        self._interpreter.invoke()
        return {
            name: self._interpreter.get_tensor(details["index"]) for name, details in self._outputs.items()
        }

    def _signature_runner(self, path: Path, key: str | None) -> Any:
        known = list(self._interpreter.get_signature_list())
        if key is None and len(known) > 1 and "serving_default" in known:
            key = "serving_default"
        if key is None and len(known) <= 1:
            return self._interpreter.get_signature_runner(known[0]) if known else None
        if key not in known:
            message = f"{path.name} has no signature {key}; it has: {', '.join(known) or 'none'}"
            raise WorkerError("bad-tflite", message, exit=BAD_INPUT)
        return self._interpreter.get_signature_runner(key)


def _by_name(details: list[Details]) -> dict[str, Details]:
    bare = [re.sub(r":\d+$", "", entry["name"].removeprefix("serving_default_")) for entry in details]
    names = bare if len(set(bare)) == len(bare) else [entry["name"] for entry in details]
    return dict(zip(names, details, strict=True))


def _dtype(details: Details) -> str:
    kind = np.dtype(details["dtype"])
    return "string" if kind.kind in "SUO" else kind.name


def _spec(name: str, details: Details) -> dict[str, Any]:
    signature = details.get("shape_signature")
    # Files without free sizes have an empty one.
    sizes = details["shape"] if signature is None or len(signature) == 0 else signature
    return {
        "name": name,
        "dtype": _dtype(details),
        "shape": [None if size < 0 else int(size) for size in sizes],
    }


def _feed(name: str, details: Details, array: np.ndarray) -> np.ndarray:
    spec = _spec(name, details)
    check_dtype(name, spec["dtype"], array)
    fits = len(spec["shape"]) == array.ndim and all(
        size is None or size == given for size, given in zip(spec["shape"], array.shape, strict=True)
    )
    if not fits:
        message = f"{name} has the shape {spec['shape']} in the file, {list(array.shape)} was given"
        raise WorkerError("bad-inputs", message.replace("None", "?"))
    if spec["dtype"] == "string":
        texts = [text.encode() if isinstance(text, str) else text for text in array.ravel().tolist()]
        return np.array([*texts, None], object)[:-1].reshape(array.shape)
    return np.ascontiguousarray(array).reshape(array.shape)
