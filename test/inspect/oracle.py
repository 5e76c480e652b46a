"""What the real saved_model_cli prints: one process imports TensorFlow, then forks once per call.

A fork per call, because the order of a function's options depends on a counter that starts with the process.
stdin: a JSON list of {"id", "args"}, args being those after `show`; stdout: one JSON object of id to printed text.
"""

import contextlib
import io
import json
import os
import sys

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["CUDA_VISIBLE_DEVICES"] = ""

from absl import flags  # noqa: E402
from tensorflow.python.tools import saved_model_cli as cli  # noqa: E402


def show(args: list[str]) -> str:
    """Runs the tool's own `show` and returns its stdout."""
    flags.FLAGS(["saved_model_cli", *args])
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        cli.show()
    return printed.getvalue()


def forked(args: list[str]) -> str:
    """`show` in a child of its own; an exception comes back as `!` and its text."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        try:
            text = show(args)
        except Exception as error:
            text = f"!{type(error).__name__}: {error}"
        with os.fdopen(writer, "wb") as stream:
            stream.write(text.encode("utf-8", "surrogateescape"))
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader, "rb") as stream:
        text = stream.read().decode("utf-8")
    os.waitpid(child, 0)
    return text


def main() -> None:
    json.dump({call["id"]: forked(call["args"]) for call in json.load(sys.stdin)}, sys.stdout)


if __name__ == "__main__":
    main()
