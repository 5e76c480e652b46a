"""Reads a request from stdin, runs its command, and answers on file descriptor 3."""

import ctypes
import importlib
import json
import os
import signal
import sys
import traceback
from contextlib import suppress

from tk_worker.errors import (
    BAD_INPUT,
    CONVERSION,
    WorkerError,
    environment_error,
    first_line,
    is_full_disk,
)
from tk_worker.protocol import Events, Request

EVENT_FD = 3

# The module of each command, imported when it is asked for: it has a function `run(request, events)`.
COMMANDS = {
    "export": "tk_worker.export",
    "check": "tk_worker.check",
    "onnx2tf": "tk_worker.onnx2tf_engine",
    "tf-session": "tk_worker.sessions.tf_session",
    "onnx-session": "tk_worker.sessions.onnx_session",
    "reference-session": "tk_worker.sessions.reference_session",
    "tflite-session": "tk_worker.sessions.tflite_session",
    "torch-session": "tk_worker.sessions.torch_session",
    "input-session": "tk_worker.sessions.input_session",
    "noise-session": "tk_worker.sessions.noise_session",
}


def run(request: Request, events: Events) -> None:
    """Runs the request's command.

    Raises WorkerError, and what the command's libraries raise.
    """
    importlib.import_module(COMMANDS[request["command"]]).run(request, events)


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
        run(request, events)
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
    text = f"{error.strerror or first_line(error)}{where}"
    if is_full_disk(error):
        return environment_error(
            "io-error", text, "free some space, or set TMPDIR to a folder on another disk"
        )
    return WorkerError("io-error", text, exit=CONVERSION)


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
