"""Hashes of files: the source, the weights, and every Python file that a conversion imported."""

import hashlib
import os
import sys
import sysconfig
from pathlib import Path


def sha256(path: Path) -> str:
    """Hex digest of a file's bytes."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while block := stream.read(2**20):
            digest.update(block)
    return digest.hexdigest()


def imported_files() -> list[dict[str, str]]:
    """Path and sha256 of every imported Python file outside stdlib and site-packages, sorted."""
    installed = {sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")}
    roots = tuple(f"{folder}{os.sep}" for place in installed for folder in (place, os.path.realpath(place)))
    files = {file for module in list(sys.modules.values()) if (file := _file_of(module))}
    # torch brings thousands of modules: only what is left of them is looked at closer.
    paths = {Path(file).resolve() for file in files if not file.startswith(roots)}
    own = (path for path in sorted(paths) if path.is_file() and not str(path).startswith(roots))
    return [{"path": str(path), "sha256": sha256(path)} for path in own]


def _file_of(module: object) -> str | None:
    file = getattr(module, "__file__", None)
    return file if isinstance(file, str) and file.endswith(".py") else None
