"""Hashes of files: the source, the weights, and every Python file that a conversion imported."""

import hashlib
import sys
import sysconfig
from pathlib import Path


def sha256(path: Path) -> str:
    """Hex digest of a file's bytes."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def imported_files() -> list[dict[str, str]]:
    """Path and sha256 of every imported Python file outside the standard library and site-packages, sorted."""
    paths = {Path(file).resolve() for module in list(sys.modules.values()) if (file := _file_of(module))}
    return [{"path": str(path), "sha256": sha256(path)} for path in sorted(paths) if _is_own(path)]


def _file_of(module: object) -> str | None:
    file = getattr(module, "__file__", None)
    return file if isinstance(file, str) and file.endswith(".py") else None


def _is_own(path: Path) -> bool:
    installed = {sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")}
    return path.is_file() and not any(path.is_relative_to(Path(folder).resolve()) for folder in installed)
