"""Compares every tensor that an ONNX model's nodes make with the one that stands for it in SavedModels.

Reads a list of `{"onnx": path, "models": {name: {"path", "nameMapping", "folded"}}}` from stdin; prints for
each model, by name, the tensors that are missing and the largest difference, by the tensor's size.
"""

import json
import os
import sys

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import numpy as np
import onnx
import onnxruntime
import tensorflow as tf


def all_values(path: str) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """Feeds and every tensor by onnxruntime without its optimisations, which would take tensors away."""
    model = onnx.load(path)
    known = {output.name for output in model.graph.output}
    made = [name for node in model.graph.node for name in node.output if name and name not in known]
    model.graph.output.extend(onnx.ValueInfoProto(name=name) for name in made)
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    session = onnxruntime.InferenceSession(
        model.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )
    random = np.random.default_rng(7)
    feeds = {}
    for given in session.get_inputs():
        shape = [size if isinstance(size, int) else 2 for size in given.shape]
        values = random.standard_normal(shape)
        feeds[given.name] = (
            values.astype(np.float32) if given.type == "tensor(float)" else np.abs(values).astype(np.int64)
        )
    names = [output.name for output in session.get_outputs()]
    return feeds, dict(zip(names, session.run(names, feeds), strict=True))


def difference(actual: np.ndarray, expected: np.ndarray) -> float:
    if actual.shape != expected.shape or actual.dtype != expected.dtype:
        return float("inf")
    size = np.abs(expected).max(initial=0.0)
    return float(np.abs(actual.astype(np.float64) - expected).max(initial=0.0) / (size or 1.0))


def compare(request: dict) -> dict[str, dict]:
    feeds, expected = all_values(request["onnx"])
    report = {}
    for name, model in request["models"].items():
        mapping = {pair["onnx"]: pair["tensorflow"] for pair in model["nameMapping"]}
        folded = {each["onnx"] for each in model["folded"]}
        with tf.compat.v1.Session(graph=tf.Graph()) as session:
            tf.compat.v1.saved_model.loader.load(session, ["serve"], model["path"])
            nodes = {op.name for op in session.graph.get_operations()}
            tensors = {key: mapping.get(key, key) for key in expected if key not in folded}
            missing = sorted(key for key, node in tensors.items() if node not in nodes)
            fetches = {key: f"{node}:0" for key, node in tensors.items() if node in nodes}
            actual = session.run(
                fetches,
                {f"{mapping.get(key, key)}:0": value for key, value in feeds.items()},
            )
        worst = max(actual, key=lambda key: difference(actual[key], expected[key]))
        report[name] = {
            "missing": missing,
            "compared": len(actual),
            "worst": [worst, difference(actual[worst], expected[worst])],
        }
    return report


print(json.dumps([compare(request) for request in json.load(sys.stdin)]))
