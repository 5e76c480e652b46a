"""Zip archives from strangers: bounded before anything reads them, and copied member by member where two zip
readers could otherwise see two different archives."""

import zipfile
from collections.abc import Callable
from pathlib import Path

from tk_worker.errors import WorkerError

# torch stores its archives uncompressed; a compressed copy of real weights stays well within this factor.
_MAX_RATIO = 20
_SLACK = 64 * 2**20
_MAX_MEMBERS = 200_000


def open_archive(path: Path) -> zipfile.ZipFile:
    """Opens a zip whose members are bounded and named once.

    Throws WorkerError `unreadable-archive` or `suspicious-archive` (both exit 2).
    """
    try:
        archive = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        message = f"{path.name} is no readable zip archive (truncated?): {error}"
        raise WorkerError("unreadable-archive", message) from error
    members = archive.infolist()
    declared = sum(member.file_size for member in members)
    if len(members) > _MAX_MEMBERS or declared > _MAX_RATIO * path.stat().st_size + _SLACK:
        raise WorkerError(
            "suspicious-archive",
            f"{path.name} declares {declared:,} bytes in {len(members):,} members, absurd for its size",
        )
    if len({member.filename for member in members}) != len(members):
        raise WorkerError("suspicious-archive", f"{path.name} holds two members of one name; refused")
    return archive


def read_member(archive: zipfile.ZipFile, name: str) -> bytes:
    """Bytes of a member. Throws WorkerError `unreadable-archive` where it is damaged."""
    try:
        return archive.read(name)
    except (zipfile.BadZipFile, OSError, EOFError, KeyError, RuntimeError, ValueError) as error:
        label = Path(archive.filename or "archive").name
        message = f"{label} is damaged at member {name}: {error}"
        raise WorkerError("unreadable-archive", message) from error
    except Exception as error:
        if type(error).__module__ in ("zlib", "lzma"):
            raise WorkerError("unreadable-archive", f"member {name} is damaged: {error}") from error
        raise


def copy_archive(
    archive: zipfile.ZipFile, target: Path, sanitise: Callable[[str, bytes], bytes | None]
) -> None:
    """Writes the archive anew with what `sanitise` makes of each member; None leaves it out, throwing
    refuses all."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as copy:
        for member in archive.infolist():
            if member.is_dir():
                continue
            data = read_member(archive, member.filename)
            clean = sanitise(member.filename, data)
            if clean is not None:
                copy.writestr(zipfile.ZipInfo(member.filename), clean)
