"""State dicts from checkpoints, without executing pickle (docs/checkpoints.md), and fitting them to a
network."""

import io
import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import numpy as np
import torch
from torch import nn

from tk_worker.archives import open_archive
from tk_worker.errors import WorkerError, first_line

# Wrappers that trainers put around a network: DataParallel (`module.`), MagFace's builder
# (`features.module.`).
_PREFIXES = (
    "",
    "module.",
    "features.module.",
    "module.features.",
    "module.features.module.",
    "features.",
    "model.",
)
_WRAPPERS = ("state_dict", "model", "model_state_dict")
_SHOWN = 10
_NUMBER = re.compile(r"^[<>=|]?[bhilqBHILQefd?iuf][1248]?$")


class _NumpyDtype:
    """Stands in for numpy.dtype while unpickling: plain numbers only."""

    def __init__(self, code: str, align: bool = False, copy: bool = False) -> None:
        if not isinstance(code, str) or not _NUMBER.match(code):
            raise ValueError(f"numpy dtype {code!r} is no plain number")
        self.code = code

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        if len(state) > 1 and state[1] in ("<", ">"):
            self.code = state[1] + self.code.lstrip("<>=|")


def _numpy_scalar(dtype: _NumpyDtype, data: bytes) -> Any:
    """Stands in for numpy's scalar constructor: one number from its bytes."""
    return np.frombuffer(data, np.dtype(dtype.code), 1)[0].item()


def _concrete_dtype(code: str) -> type[_NumpyDtype]:
    """numpy ≥ 1.25 may name a dtype's class instead of its code."""
    return type(
        f"_NumpyDtype_{code}", (_NumpyDtype,), {"__init__": lambda self: _NumpyDtype.__init__(self, code)}
    )


_CLASSES = {
    "Bool": "?", "Int8": "i1", "Int16": "i2", "Int32": "i4", "Int64": "i8", "UInt8": "u1", "UInt16": "u2",
    "UInt32": "u4", "UInt64": "u8", "Float16": "f2", "Float32": "f4", "Float64": "f8",
}  # fmt: skip

_ALLOWED: list[Any] = [
    (_numpy_scalar, "numpy.core.multiarray.scalar"),
    (_numpy_scalar, "numpy._core.multiarray.scalar"),
    (_NumpyDtype, "numpy.dtype"),
    *((_concrete_dtype(code), f"numpy.dtypes.{name}DType") for name, code in _CLASSES.items()),
]


def load_safely(file: Path | IO[bytes], label: str) -> Any:
    """torch.load without pickle's power: tensors, containers and numpy's plain numbers.

    Throws WorkerError `unsafe-checkpoint` naming the global that it would have to run,
    `unreadable-checkpoint`.
    """
    try:
        with torch.serialization.safe_globals(_ALLOWED):
            return torch.load(file, map_location="cpu", weights_only=True)
    except WorkerError:
        raise
    except Exception as error:
        raise _explain(error, label) from error


def read_state_dict(path: Path) -> dict[str, torch.Tensor]:
    """The tensors of a checkpoint, out of its wrapper, with their own keys."""
    return read_checkpoint(path).tensors


@dataclass
class Checkpoint:
    """Tensors by key, and the other entries that stood beside them (`epoch`, `optimizer`)."""

    tensors: dict[str, torch.Tensor]
    beside: list[str] = field(default_factory=list)


def read_checkpoint(path: Path) -> Checkpoint:
    """Reads a checkpoint file, zip or legacy. Throws WorkerError where it is missing, damaged, hostile or
    no state dict."""
    if not path.is_file():
        raise WorkerError("missing-weights", f"there is no checkpoint at {path}", "check --weights")
    _check_container(path)
    return _unwrap(load_safely(path, path.name), path.name)


def _check_container(path: Path) -> None:
    """Bounds a zip before torch reads it, and says so when a whole model was given for its weights."""
    with path.open("rb") as stream:
        head = stream.read(4)
    if not head.startswith(b"PK"):
        return
    with open_archive(path) as archive:
        names = [member.filename for member in archive.infolist()]
    if any(name.endswith("constants.pkl") for name in names):
        raise WorkerError(
            "not-a-checkpoint",
            f"{path.name} is a TorchScript model, not a checkpoint",
            f"convert it by itself: tk convert {path.name}",
        )


def _unwrap(loaded: Any, label: str) -> Checkpoint:
    beside: list[str] = []
    for _ in range(3):
        if not isinstance(loaded, Mapping):
            raise WorkerError(
                "not-a-checkpoint", f"{label} holds a {type(loaded).__name__}, not a state dict"
            )
        wrapper = next((key for key in _WRAPPERS if isinstance(loaded.get(key), Mapping)), None)
        if wrapper is None:
            break
        beside += [str(key) for key in loaded if key != wrapper]
        loaded = loaded[wrapper]
    tensors = {str(key): value for key, value in loaded.items() if isinstance(value, torch.Tensor)}
    beside += [str(key) for key in loaded if str(key) not in tensors]
    if not tensors:
        raise WorkerError(
            "not-a-checkpoint", f"{label} holds no tensors; its keys: {_some(list(map(str, loaded)))}"
        )
    return Checkpoint(tensors, beside)


@dataclass(frozen=True)
class Fit:
    """What did not fit: keys of the checkpoint that were not used, parameters that it lacked."""

    dropped: list[str]
    missing: list[str]


def fit(
    module: nn.Module, checkpoint: Checkpoint, drops: tuple[str, ...], allow_partial: bool, label: str
) -> Fit:
    """Loads a checkpoint into a network, strictly but for `drops` (prefixes of keys, by declaration).

    Throws WorkerError `weights-do-not-fit` listing missing and unexpected keys and shapes that differ; also,
    with `allow_partial`, where nothing fits.
    """
    expected = {key: tuple(tensor.shape) for key, tensor in module.state_dict().items()}
    prefix = max(
        _PREFIXES,
        key=lambda option: sum(
            key.removeprefix(option) in expected for key in checkpoint.tensors if key.startswith(option)
        ),
    )
    used = {
        key.removeprefix(prefix): tensor
        for key, tensor in checkpoint.tensors.items()
        if key.startswith(prefix)
    }
    foreign = [key for key in checkpoint.tensors if not key.startswith(prefix)]
    foreign += [prefix + key for key in used if key not in expected]
    declared = [key for key in foreign if key.removeprefix("module.").startswith(drops)] if drops else []
    unexpected = [key for key in foreign if key not in declared]
    # Batch normalisation counts batches for training only; checkpoints older than the counter lack it.
    missing = [key for key in expected if key not in used and not key.endswith("num_batches_tracked")]
    shapes = [
        f"{key} has {list(tensor.shape)}, the network {list(expected[key])}"
        for key, tensor in used.items()
        if key in expected and tuple(tensor.shape) != expected[key]
    ]
    fitting = used.keys() & expected.keys()
    if shapes or not fitting or ((missing or unexpected) and not allow_partial):
        raise _misfit(label, missing, unexpected, shapes, bool(fitting))
    module.load_state_dict({key: tensor for key, tensor in used.items() if key in expected}, strict=False)
    return Fit(dropped=[*checkpoint.beside, *declared, *unexpected], missing=missing)


def _misfit(
    label: str, missing: list[str], unexpected: list[str], shapes: list[str], some_fit: bool
) -> WorkerError:
    parts = []
    if missing:
        parts.append(f"{len(missing)} missing ({_some(missing)})")
    if unexpected:
        parts.append(f"{len(unexpected)} unexpected ({_some(unexpected)})")
    if shapes:
        parts.append(f"{len(shapes)} of another shape ({_some(shapes)})")
    if some_fit and not shapes:
        hint = "--allow-partial loads what fits"
    else:
        hint = "is it a checkpoint of this network? What it holds is listed by: tk inspect FILE --variables"
    return WorkerError("weights-do-not-fit", f"{label} does not fit the network: {'; '.join(parts)}", hint)


def _some(items: list[str]) -> str:
    more = f", … {len(items) - _SHOWN} more" if len(items) > _SHOWN else ""
    return ", ".join(items[:_SHOWN]) + more


def _explain(error: Exception, label: str) -> WorkerError:
    text = str(error)
    blocked = re.search(r"(?:GLOBAL|global:?) `?([A-Za-z_][\w.]*\.[\w.]+)", text)
    if blocked or "weights_only" in text.lower() or "WeightsUnpickler" in text:
        detail = re.search(r"WeightsUnpickler error: ([^\n]+)", text)
        reason = (
            f"it would run {blocked[1]}"
            if blocked
            else detail[1].strip()
            if detail
            else "it needs more of pickle"
        )
        return WorkerError(
            "unsafe-checkpoint",
            f"{label} is refused: {reason}, and loading it would execute code",
            "save a state dict instead: torch.save(model.state_dict(), path)",
        )
    return WorkerError(
        "unreadable-checkpoint", f"{label} is no readable checkpoint (truncated?): {first_line(error, 200)}"
    )


def is_zip(data: bytes) -> bool:
    """True where the bytes are a zip archive."""
    return zipfile.is_zipfile(io.BytesIO(data))
