"""The worker's protocol (docs/architecture.md): what a request is, and the events that answer it."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TextIO

from tk_worker.errors import WorkerError

Request = dict[str, Any]


class Events:
    """Writes events as JSON lines; safe to use from several threads."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._lock = threading.Lock()

    def emit(self, event: str, **fields: Any) -> None:
        """Writes one event with its fields."""
        line = json.dumps({"event": event, **fields}, allow_nan=False)
        with self._lock:
            self._stream.write(line + "\n")
            self._stream.flush()

    def result(self, value: Any) -> None:
        """The command's answer."""
        self.emit("result", value=value)

    def log(self, message: str, level: str = "info") -> None:
        """A line that people see with `--verbose`; level `warning` is always shown."""
        self.emit("log", level=level, message=message)

    def error(self, error: WorkerError) -> None:
        """The failure that ends the command."""
        self.emit("error", code=error.code, message=error.message, hint=error.hint, exit=error.exit)

    @contextmanager
    def stage(self, stage: str) -> Iterator[None]:
        """Progress events around a stage, with its time in milliseconds; nothing on failure but the start."""
        self.emit("progress", stage=stage, state="start", message=None, ms=None)
        started = time.perf_counter()
        yield
        elapsed = round((time.perf_counter() - started) * 1000)
        self.emit("progress", stage=stage, state="done", message=None, ms=elapsed)
