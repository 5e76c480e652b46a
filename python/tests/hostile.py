"""Payloads for tests: what a pickle of them would do is make a sentinel file."""

import contextlib
import io
import os
import pickle
import zipfile
from pathlib import Path
from typing import Any

import torch


class Payload:
    """Unpickled without restriction, it runs `touch SENTINEL`."""

    def __init__(self, sentinel: Path) -> None:
        self.sentinel = sentinel

    def __reduce__(self) -> tuple[Any, tuple[str]]:
        return os.system, (f"touch {self.sentinel}",)


def saved(payload: Any, legacy: bool = False) -> bytes:
    """Bytes of torch.save."""
    buffer = io.BytesIO()
    torch.save(payload, buffer, _use_new_zipfile_serialization=not legacy)
    return buffer.getvalue()


def fires(data: bytes, sentinel: Path) -> bool:
    """True where full unpickling runs the payload: shows that the test's file is hostile. Removes the
    sentinel."""
    with contextlib.suppress(pickle.UnpicklingError, RuntimeError, EOFError, TypeError, AttributeError):
        torch.load(io.BytesIO(data), weights_only=False)
    fired = sentinel.exists()
    sentinel.unlink(missing_ok=True)
    return fired


def replace_members(path: Path, target: Path, members: dict[str, bytes]) -> Path:
    """Copies a zip with members replaced or added; names are given without the archive's top folder."""
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(target, "w") as copy:
        top = source.namelist()[0].partition("/")[0]
        for name in source.namelist():
            inner = name.partition("/")[2]
            if inner not in members:
                copy.writestr(name, source.read(name))
        for inner, data in members.items():
            copy.writestr(f"{top}/{inner}", data)
    return target
