"""The worker's protocol (docs/architecture.md): reads the request, dispatches the command, emits events on
fd 3."""

import ctypes
import json
import os
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, TextIO

from tk_worker.errors import BAD_INPUT, CONVERSION, WorkerError, first_line

EVENT_FD = 3

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


Command = Callable[[Request, Events], None]


def _export(request: Request, events: Events) -> None:
    from tk_worker.export import run

    run(request, events)


def _check(request: Request, events: Events) -> None:
    from tk_worker.check import run

    run(request, events)


def _onnx2tf(request: Request, events: Events) -> None:
    from tk_worker.onnx2tf_engine import run

    run(request, events)


def _tf_session(request: Request, events: Events) -> None:
    from tk_worker.sessions.tf_session import run

    run(request, events)


def _onnx_session(request: Request, events: Events) -> None:
    from tk_worker.sessions.onnx_session import run

    run(request, events)


def _tflite_session(request: Request, events: Events) -> None:
    from tk_worker.sessions.tflite_session import run

    run(request, events)


def _torch_session(request: Request, events: Events) -> None:
    from tk_worker.sessions.torch_session import run

    run(request, events)


def _reference_session(request: Request, events: Events) -> None:
    from tk_worker.sessions.reference_session import run

    run(request, events)


def _input_session(request: Request, events: Events) -> None:
    from tk_worker.sessions.input_session import run

    run(request, events)


def _noise_session(request: Request, events: Events) -> None:
    from tk_worker.sessions.noise_session import run

    run(request, events)


COMMANDS: dict[str, Command] = {
    "export": _export,
    "check": _check,
    "onnx2tf": _onnx2tf,
    "tf-session": _tf_session,
    "onnx-session": _onnx_session,
    "reference-session": _reference_session,
    "tflite-session": _tflite_session,
    "torch-session": _torch_session,
    "input-session": _input_session,
    "noise-session": _noise_session,
}


def serve() -> int:
    """Reads one request from stdin and runs it. Returns the process's exit code: 0 after a result, 1 after
    an error."""
    _die_with_parent()
    try:
        os.set_inheritable(EVENT_FD, False)
        events = Events(os.fdopen(EVENT_FD, "w", encoding="utf-8"))
    except OSError:
        print("tk_worker: file descriptor 3 is not open; try: … 3>&1 1>&2", file=sys.stderr)
        return 2
    return handle(sys.stdin.readline(), events)


def handle(line: str, events: Events) -> int:
    """Runs one request line; every failure becomes one `error` event."""
    try:
        request = _parse(line)
        COMMANDS[request["command"]](request, events)
        return 0
    except WorkerError as error:
        traceback.print_exc()
        events.error(error)
    except MemoryError:
        events.error(WorkerError("out-of-memory", "the worker ran out of memory", exit=CONVERSION))
    except OSError as error:
        traceback.print_exc()
        events.error(_from_os_error(error))
    except Exception as error:
        traceback.print_exc()
        message = f"unexpected failure in the worker: {first_line(error)}"
        events.error(WorkerError("worker-failed", message, "run again with --verbose", CONVERSION))
    return 1


def _from_os_error(error: OSError) -> WorkerError:
    where = f" {error.filename}" if error.filename else ""
    return WorkerError("io-error", f"{error.strerror or first_line(error)}{where}", exit=CONVERSION)


def _parse(line: str) -> Request:
    try:
        request = json.loads(line)
    except json.JSONDecodeError as error:
        raise WorkerError("bad-request", f"the request is not JSON: {error.msg}", exit=BAD_INPUT) from error
    if not isinstance(request, dict) or request.get("command") not in COMMANDS:
        known = ", ".join(COMMANDS)
        raise WorkerError("bad-request", f"the request's `command` must be one of: {known}", exit=BAD_INPUT)
    return request


def _die_with_parent() -> None:
    """On Linux the kernel ends the worker when tk is killed in a way that lets it run no handler."""
    if sys.platform != "linux":
        return
    pr_set_pdeathsig = 1
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(pr_set_pdeathsig, signal.SIGKILL)
