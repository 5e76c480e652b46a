"""Test cases in the layout of ONNX's backend tests, their expected outputs computed by onnxruntime.

A case is a folder `name/` with `model.onnx` and `test_data_set_0/input_0.pb`, `output_0.pb` and so on.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from onnx import numpy_helper, parser
from onnx.reference import ReferenceEvaluator

Feeds = Mapping[str, np.ndarray]


def model_of(text: str) -> onnx.ModelProto:
    """A model from ONNX's text form."""
    return parser.parse_model(text)


def session_of(model: onnx.ModelProto | Path) -> onnxruntime.InferenceSession:
    """A session on the CPU, without onnxruntime's own rewrites and warnings.

    On one thread: it quantises an LSTM's states by groups of sequences, one a thread.
    """
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.log_severity_level = 4
    source = str(model) if isinstance(model, Path) else model.SerializeToString()
    return onnxruntime.InferenceSession(source, options, providers=["CPUExecutionProvider"])


def add_case(
    folder: Path,
    model: onnx.ModelProto,
    feeds: Iterable[Feeds],
    *,
    reference: bool = False,
) -> None:
    """Writes a case, one data set for each of the feeds; by ONNX's own evaluator where onnxruntime cannot."""
    folder.mkdir(parents=True)
    onnx.save(model, folder / "model.onnx")
    if not reference:
        add_data(folder, session_of(model), feeds)
        return
    evaluator = ReferenceEvaluator(model)
    for count, feed in enumerate(feeds):
        inputs = [feed[name] for name in evaluator.input_names]
        write_set(folder / f"test_data_set_{count}", inputs, evaluator.run(None, dict(feed)))


def add_known(folder: Path, model: onnx.ModelProto, feeds: Feeds, expected: Iterable[np.ndarray]) -> None:
    """Writes a case whose outputs are known."""
    folder.mkdir(parents=True)
    onnx.save(model, folder / "model.onnx")
    write_set(folder / "test_data_set_0", feeds.values(), expected)


def add_data(folder: Path, session: onnxruntime.InferenceSession, feeds: Iterable[Feeds]) -> None:
    """Writes data sets: inputs, and what the session makes of them."""
    names = [each.name for each in session.get_inputs()]
    for count, feed in enumerate(feeds):
        write_set(
            folder / f"test_data_set_{count}",
            [feed[name] for name in names],
            session.run(None, dict(feed)),
        )


def write_set(folder: Path, inputs: Iterable[np.ndarray], outputs: Iterable[np.ndarray]) -> None:
    """Writes one data set from arrays in the order of the model's inputs and outputs."""
    folder.mkdir(parents=True)
    for kind, arrays in (("input", inputs), ("output", outputs)):
        for at, array in enumerate(arrays):
            proto = numpy_helper.from_array(np.asarray(array))
            (folder / f"{kind}_{at}.pb").write_bytes(proto.SerializeToString())
