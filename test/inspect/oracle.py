"""What the real saved_model_cli prints: one process imports TensorFlow, then forks once per call.

A fork per call, because the order of a function's options depends on a counter that starts with the process.
stdin: JSON {"make": directory for the models of models.py or null, "calls": [{"id", "verb", "args"}]}; the
verb is `show` where none is named. stdout: one JSON object of id to printed text; a failure is `!` and its
text.
"""

import contextlib
import io
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["CUDA_VISIBLE_DEVICES"] = ""
sys.path.insert(0, str(Path(__file__).parent))

from absl import flags
from tensorflow.python.tools import saved_model_cli as cli


def call(verb: str, args: list[str]) -> str:
    """Runs one of the tool's own verbs and returns its stdout."""
    flags.FLAGS(["saved_model_cli", *args])
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        getattr(cli, verb)()
    return printed.getvalue()


def make_models(directory: str) -> str:
    """Makes the models of models.py."""
    from models import main

    with contextlib.redirect_stdout(sys.stderr):
        main(directory)
    return "made"


def forked(work: Callable[[], str]) -> str:
    """What `work` returns in a child process; an exception comes back as `!` and its text."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        try:
            text = work()
        except BaseException as error:
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
    request = json.load(sys.stdin)
    results: dict[str, str] = {}
    if request["make"]:
        results["make"] = forked(lambda: make_models(request["make"]))
    for asked in request["calls"]:
        verb, args = asked.get("verb", "show"), asked["args"]
        results[asked["id"]] = forked(lambda verb=verb, args=args: call(verb, args))
    json.dump(results, sys.stdout)


if __name__ == "__main__":
    main()
