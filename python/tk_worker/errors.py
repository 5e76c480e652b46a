"""The one exception that becomes an `error` event, and the exit codes that it may carry."""

import errno
import re

BAD_INPUT = 2
ENVIRONMENT = 3
CONVERSION = 4

_ANSI = re.compile(r"\x1b\[[0-9;]*m")
# TensorFlow and Keras set a whole traceback, and which layer was called, before the text of what went wrong.
_PREFACES = re.compile(
    r"(?:\s*in user code:.*^\s*(?:[\w.]*\.)?\w*(?:Error|Exception): "
    r"|\s*Exception encountered when calling layer [^\n]*\n)+",
    re.DOTALL | re.MULTILINE,
)


class WorkerError(Exception):
    """A failure with one clear line for the user.

    code: stable kebab-case name; message: what is wrong and where; hint: how to mend it; exit: 2, 3 or 4.
    """

    def __init__(self, code: str, message: str, hint: str | None = None, exit: int = BAD_INPUT) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.hint = hint
        self.exit = exit


def conversion_error(code: str, message: str, hint: str | None = None) -> WorkerError:
    """The conversion itself failed (exit 4)."""
    return WorkerError(code, message, hint, CONVERSION)


def environment_error(code: str, message: str, hint: str | None = "run: tk setup") -> WorkerError:
    """The environment lacks something (exit 3)."""
    return WorkerError(code, message, hint, ENVIRONMENT)


def is_full_disk(error: OSError) -> bool:
    """True where no space, or no quota, is left."""
    return error.errno in (errno.ENOSPC, errno.EDQUOT)


def first_line(error: BaseException, limit: int = 400) -> str:
    """The first non-empty line of an exception's text, with its type, cut to `limit` characters."""
    said = _ANSI.sub("", str(error))
    preface = _PREFACES.match(said)
    said = said[preface.end() :] if preface else said
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    text = f"{type(error).__name__}: {lines[0]}" if lines else type(error).__name__
    return text if len(text) <= limit else f"{text[: limit - 1]}…"


def root_cause(error: BaseException) -> BaseException:
    """The exception that started a chain: torch's exporters wrap what went wrong in pages of advice."""
    while error.__cause__ is not None:
        error = error.__cause__
    return error
