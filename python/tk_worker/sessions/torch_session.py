"""The `torch-session` command: the torch source of a conversion, loaded again, so that it can be run on new
inputs."""

import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import torch

from tk_worker.errors import WorkerError
from tk_worker.export import Prepared, prepare
from tk_worker.protocol import Events, Request
from tk_worker.sessions.session import Arrays, check_dtype, check_names, serve
from tk_worker.sources import load_source
from tk_worker.sources.weights import seed_of


def run(request: Request, events: Events) -> None:
    """Loads `source` with the fields of an `export` request and serves it. `sourceSha256` and
    `weightsSha256` are the manifest's, null where it has none.

    Throws WorkerError `changed-source` (exit 2) where the source or its weights are not those that were
    converted.
    """
    with tempfile.TemporaryDirectory(prefix="tk-torch-") as scratch:
        source = load_source(request, Path(scratch))
        _check("the source", request.get("sourceSha256"), source.sha256)
        given = source.weights["sha256"] if source.weights else None
        _check("the weights file", request.get("weightsSha256"), given)
        serve(TorchSession(prepare(source, seed_of(request))), events)


class TorchSession:
    """A prepared source."""

    def __init__(self, prepared: Prepared) -> None:
        self._prepared = prepared
        self._dtypes = {spec.name: spec.dtype for spec in prepared.source.inputs}

    def describe(self) -> dict[str, Any]:
        """torch's version, inputs and outputs."""
        probed = self._prepared.probed
        outputs = zip(self._prepared.names, probed.dtypes, probed.shapes, strict=True)
        return {
            "version": torch.__version__,
            "inputs": [
                {"name": spec.name, "dtype": spec.dtype, "shape": list(spec.shape)}
                for spec in self._prepared.source.inputs
            ],
            "outputs": [
                {"name": name, "dtype": dtype, "shape": list(shape)} for name, dtype, shape in outputs
            ],
        }

    def run(self, arrays: Arrays) -> Arrays:
        """Runs once, without gradients."""
        check_names(list(self._dtypes), arrays)
        tensors = [_tensor(name, dtype, arrays[name]) for name, dtype in self._dtypes.items()]
        with torch.no_grad():
            results = self._prepared(*tensors)
        return {name: _array(value) for name, value in zip(self._prepared.names, results, strict=True)}


def _check(what: str, recorded: Any, found: str | None) -> None:
    if recorded != found:
        raise WorkerError("changed-source", f"{what} is not the one that was converted", "convert it again")


def _tensor(name: str, dtype: str, array: np.ndarray) -> torch.Tensor:
    check_dtype(name, dtype, array)
    tensor = torch.from_numpy(np.ascontiguousarray(array).reshape(array.shape))
    return tensor.view(torch.bfloat16) if dtype == "bfloat16" else tensor


def _array(tensor: torch.Tensor) -> np.ndarray:
    tensor = tensor.detach().cpu().contiguous()
    return tensor.view(torch.uint16).numpy() if tensor.dtype is torch.bfloat16 else tensor.numpy()
