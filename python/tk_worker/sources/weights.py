"""Puts a request's weights into a network that stands: a file, or seeded random ones."""

from pathlib import Path
from typing import Any

from torch import nn

from tk_worker.checkpoints import Fit, fit, read_checkpoint
from tk_worker.files import sha256
from tk_worker.protocol import Request


def load_file(module: nn.Module, request: Request, drops: tuple[str, ...] = ()) -> tuple[dict[str, Any], Fit]:
    """Loads `--weights`; gives the manifest's record and what did not fit."""
    path = Path(request["weights"])
    checkpoint = read_checkpoint(path)
    fitted = fit(module, checkpoint, drops, bool(request.get("allowPartial")), path.name)
    return record("file", path.name, digest=sha256(path)), fitted


def record(kind: str, name: str, digest: str | None = None, seed: int | None = None) -> dict[str, Any]:
    """The manifest's record of weights."""
    return {"kind": kind, "name": name, "sha256": digest, "seed": seed}


def seed_of(request: Request) -> int:
    """The request's seed; 42 where none is given."""
    seed = request.get("seed")
    return 42 if seed is None else int(seed)
