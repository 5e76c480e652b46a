"""onnx2tf on ONNX's backend tests, for bench/node-tests.mjs, which sets PYTHONPATH.

One job a line on stdin: {"name", "model", "data"}; one verdict a line on stdout: {"name", "verdict": "pass" |
"wrong" | "failed", "reason", "seconds", "processor"}. The packages are imported once, and each test is
converted in a fork of its own, so that the times are those of the conversion alone; the first line,
{"imports": seconds of the processor}, is what a fresh process would add.

onnx2tf puts channels last and names tensors by itself, which is its way and no fault. Inputs are fed and
outputs compared in the order of the ONNX graph, each in its own order of axes or any other: whatever order
gives the expected numbers is taken as right, a number may come as a vector of one, and what does not pass by
its defaults is converted again with its option to keep the inputs' layout. Where the simplifier that it calls
fails, it goes on without, as it does by itself.
"""

import json
import os
import resource
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from itertools import islice, permutations, product
from pathlib import Path
from typing import Any
from unittest import mock

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import numpy as np
import onnx
import onnx2tf  # noqa: F401 - imported before the forks
import tensorflow as tf  # noqa: F401
from backend_oracle import difference, read

from tk_worker import onnx2tf_engine
from tk_worker.errors import WorkerError

LIMIT = 600
MOST_ORDERS = 256

Arrays = list[np.ndarray]


def stopwatch() -> Callable[[], dict[str, float]]:
    """Gives what has passed since it was made: by the clock, and of the processor with ended children."""

    def used() -> float:
        both = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
        return sum(each.ru_utime + each.ru_stime for each in both)

    start, before = time.perf_counter(), used()
    return lambda: {"seconds": time.perf_counter() - start, "processor": used() - before}


def orders(rank: int) -> list[tuple[int, ...]]:
    """Every order of axes, the given one first and then channels last."""
    given = tuple(range(rank))
    last = [(0, *range(2, rank), 1)] if rank >= 3 else []
    rest = [order for order in permutations(given) if order != given and order not in last]
    return [given, *last, *rest]


def arranged(model: Any, names: list[str], feeds: Arrays) -> Iterator[Arrays]:
    """The feeds in every order of axes that the model's inputs take; an input that it dropped is left out."""
    by_name = dict(zip(names, feeds, strict=True))
    taken = [by_name.get(tensor.name.split(":")[0]) for tensor in model.inputs]
    if any(each is None for each in taken):
        taken = list(feeds)
    choices = []
    for tensor, feed in zip(model.inputs, taken, strict=False):
        fitting = [np.transpose(feed, order) for order in orders(feed.ndim)]
        if feed.ndim == 0:
            fitting.append(feed.reshape(1))
        choices.append([each for each in fitting if fits(tuple(tensor.shape), each.shape)])
    return (list(choice) for choice in islice(product(*choices), MOST_ORDERS))


def fits(declared: tuple[int | None, ...], actual: tuple[int, ...]) -> bool:
    """Whether an array may be fed."""
    return len(declared) == len(actual) and all(
        theirs is None or theirs == ours for theirs, ours in zip(declared, actual, strict=True)
    )


def mismatch(results: Arrays, expected: Arrays) -> str | None:
    """Why the outputs are not the expected ones in any order of axes, or None."""
    if len(results) != len(expected):
        return f"{len(results)} outputs, expected {len(expected)}"
    for actual, wanted in zip(results, expected, strict=True):
        reasons = [difference(np.transpose(actual, order), wanted) for order in orders(actual.ndim)]
        if all(reasons):
            return reasons[0]
    return None


def verdict(job: dict[str, str]) -> dict[str, Any]:
    """Converts one test by defaults; where that does not pass, once more with its inputs kept as they are.

    The times are those of the first conversion.
    """
    graph = onnx.load(job["model"]).graph
    weights = {each.name for each in graph.initializer}
    names = [each.name for each in graph.input if each.name not in weights]
    first = attempt(job, names, len(graph.output))
    if first["verdict"] == "pass":
        return first
    second = attempt(job, names, len(graph.output), keep_shape_absolutely_input_names=names)
    return {**first, "verdict": "pass", "reason": None} if second["verdict"] == "pass" else first


def attempt(job: dict[str, str], names: list[str], outputs: int, **options: Any) -> dict[str, Any]:
    """One conversion, compared on every data set."""
    with tempfile.TemporaryDirectory() as scratch:
        (Path(scratch) / "model.onnx").write_bytes(Path(job["model"]).read_bytes())
        spent = stopwatch()
        try:
            with mock.patch.object(onnx2tf_engine, "_check_output", subprocess.check_output):
                model = onnx2tf_engine.convert(Path(scratch), **options)
        except WorkerError as error:
            return {"verdict": "failed", "reason": str(error)[:300], **spent()}
        cost = spent()
    for data in sorted(Path(job["data"]).glob("test_data_set_*")):
        feeds = [read(data / f"input_{at}.pb") for at in range(len(names))]
        expected = [read(data / f"output_{at}.pb") for at in range(outputs)]
        if reason := fault(model, names, feeds, expected):
            return {"verdict": "wrong", "reason": reason, **cost}
    return {"verdict": "pass", "reason": None, **cost}


def fault(model: Any, names: list[str], feeds: Arrays, expected: Arrays) -> str | None:
    """Why the model gives the expected numbers in no order of the inputs' axes, or None."""
    reason: str | None = "its inputs take no order of the axes"
    for feed in arranged(model, names, feeds):
        try:
            results = model(feed if len(feed) != 1 else feed[0], training=False)
        except Exception as error:
            reason = f"{type(error).__name__}: {str(error).splitlines()[0][:200]}"
            continue
        listed = results if isinstance(results, list | tuple) else [results]
        reason = mismatch([np.asarray(each) for each in listed], expected)
        if reason is None:
            return None
    return reason


def in_a_fork(job: dict[str, str]) -> dict[str, Any]:
    """The verdict of a child process, which may crash or take too long."""
    reading, writing = os.pipe()
    spent = stopwatch()
    child = os.fork()
    if child == 0:
        signal.alarm(LIMIT)
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, 1)
        os.dup2(nowhere, 2)
        try:
            answer = verdict(job)
        except BaseException as error:
            answer = {"verdict": "failed", "reason": f"{type(error).__name__}: {error}"[:300], **spent()}
        os.write(writing, json.dumps(answer).encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        text = pipe.read()
    os.waitpid(child, 0)
    if text:
        return json.loads(text)
    return {"verdict": "failed", "reason": f"its process died or took more than {LIMIT} s", **spent()}


def main() -> None:
    """Answers every job on stdin."""
    print(json.dumps({"imports": time.process_time()}), flush=True)
    for line in sys.stdin:
        job = json.loads(line)
        print(json.dumps({"name": job["name"], **in_a_fork(job)}), flush=True)


if __name__ == "__main__":
    main()
