"""Fixtures of the worker's tests: run a command in this process, find the shared real data."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tk_worker import dispatch
from tk_worker.protocol import Events

ROOT = Path(__file__).resolve().parents[2]
SHARED = Path(os.environ.get("TK_SHARED", ROOT.parent / "shared")) / "data"
FACE_API = ROOT / "node_modules" / "@vladmandic" / "face-api" / "model"

Run = Callable[..., dict[str, Any]]


class _Recorder:
    """A text stream that keeps the events written to it."""

    def __init__(self) -> None:
        self.events: list[dict[str, Any]] = []

    def write(self, line: str) -> int:
        self.events.append(json.loads(line))
        return len(line)

    def flush(self) -> None: ...


@pytest.fixture
def run() -> Run:
    """Runs a command as the worker does and gives its result; raises its WorkerError."""

    def run_command(command: str, **request: Any) -> dict[str, Any]:
        recorder = _Recorder()
        dispatch.run({"command": command, **request}, Events(recorder))  # type: ignore[arg-type]
        (result,) = [event["value"] for event in recorder.events if event["event"] == "result"]
        return result

    return run_command


@pytest.fixture
def export(run: Run, tmp_path: Path) -> Run:
    """Exports a source to `tmp_path/out`."""

    def export_source(source: str | Path, **request: Any) -> dict[str, Any]:
        out = tmp_path / "out"
        out.mkdir(exist_ok=True)
        return run("export", source=str(source), outDir=str(out), **request)

    return export_source


@pytest.fixture
def sentinel(tmp_path: Path) -> Path:
    """A file that hostile payloads try to make; a test asserts that it is not there."""
    return tmp_path / "payload-ran"


@pytest.fixture
def shared() -> Path:
    """The shared real data; the test skips where it is absent."""
    if not SHARED.is_dir():
        pytest.skip("needs shared/data")
    return SHARED


@pytest.fixture
def face_api() -> Path:
    """face-api's model folder; the test skips where the npm packages are not installed."""
    if not FACE_API.is_dir():
        pytest.skip("needs node_modules")
    return FACE_API
