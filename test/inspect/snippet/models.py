"""Makes SavedModels for the clients, and prints what TensorFlow computes from zeros.

Usage: models.py DIRECTORY. stdout: JSON of model to its tags, and to each output's key, shape and values.
"""

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["CUDA_VISIBLE_DEVICES"] = ""

import numpy as np
import tensorflow as tf

v1 = tf.compat.v1
Builder = Callable[[], tuple[dict[str, Any], dict[str, Any]]]


def floats() -> tuple[dict[str, Any], dict[str, Any]]:
    """One picture in, a dynamic batch, two outputs of which one is a scalar."""
    image = v1.placeholder(tf.float32, [None, 2, 3], name="image")
    bias = tf.constant([0.1, -1e-7, 3e10], name="bias")
    return {"image": image}, {
        "sum": tf.reduce_sum(image + 0.25, name="total"),
        "shifted": image + bias,
    }


def several() -> tuple[dict[str, Any], dict[str, Any]]:
    """Several inputs of several types; outputs of one operation by index."""
    x = v1.placeholder(tf.float64, [2, 4], name="scope/x")
    k = v1.placeholder(tf.int64, [], name="k")
    flag = v1.placeholder(tf.bool, [None, 1], name="flag")
    byte = v1.placeholder(tf.uint8, [3], name="byte")
    first, second = tf.split(x + tf.cast(k, tf.float64) + 0.125, 2, axis=1, name="parts")
    return {"x": x, "k": k, "flag": flag, "byte": byte}, {
        "first": first,
        "second": second,
        "k_plus": k + 2**53 + 1,
        "not_flag": tf.logical_not(flag),
        "byte_less": byte - 1,
        "complex": tf.complex(tf.constant(1.5), tf.constant(-2.0)),
        "half": tf.cast(tf.ones([2]), tf.half),
        "small": tf.cast(byte, tf.int8) - 5,
        "large": tf.cast(byte, tf.uint64) + 2**63,
    }


def texts() -> tuple[dict[str, Any], dict[str, Any]]:
    """Texts in and out, some longer than what a TString holds in place."""
    text = v1.placeholder(tf.string, [None, 2], name="text")
    long = "a text that is longer than the twenty-two bytes a TString holds itself"
    return {"text": text}, {"joined": text + long, "length": tf.strings.length(text)}


def scalars() -> tuple[dict[str, Any], dict[str, Any]]:
    """Scalars, and an input that two keys share."""
    a = v1.placeholder(tf.float32, [], name="a")
    s = v1.placeholder(tf.string, [], name="s")
    return {"a": a, "again": a, "s": s}, {"a_out": a - 0.5, "s_out": s + "é"}


def sources() -> tuple[dict[str, Any], dict[str, Any]]:
    """No inputs, an unknown rank, more values than are printed."""
    return {}, {"many": tf.range(20, name="many"), "none": tf.zeros([0, 3], tf.int16)}


def escapes() -> tuple[dict[str, Any], dict[str, Any]]:
    """Keys with everything that C, Go and a shell give a meaning to."""
    x = v1.placeholder(tf.float32, None, name="x")
    y = tf.identity(x + 1.0, name="y.-/z>0")
    return {'in "q"': x}, {"Größe\t%d ??/ 'q' \"w\" $(x) \\n \ufeff*/ \\": y}


def sparse() -> tuple[dict[str, Any], dict[str, Any]]:
    """A sparse input by its three parts."""
    ids = v1.sparse_placeholder(tf.float32, [None, 7], name="ids")
    return {"ids": ids}, {"total": v1.sparse_reduce_sum(ids) + 1.0}


MODELS: dict[str, tuple[Builder, list[str]]] = {
    "floats": (floats, ["serve"]),
    "several": (several, ["serve", "cpu"]),
    "texts": (texts, ["serve"]),
    "scalars": (scalars, ["serve"]),
    "sources": (sources, ["serve"]),
    'dir "é" $x': (escapes, ['it\'s "tag"']),
    "sparse": (sparse, ["serve"]),
}


def zeros(tensor: Any) -> Any:
    if isinstance(tensor, tf.SparseTensor):
        rank = tensor.shape.rank
        return v1.SparseTensorValue(np.zeros([0, rank], np.int64), np.zeros([0], np.float32), [0] * rank)
    shape = [1] if tensor.shape.rank is None else [size or 1 for size in tensor.shape]
    return np.full(shape, b"") if tensor.dtype == tf.string else np.zeros(shape, tensor.dtype.as_numpy_dtype)


def plain(value: Any) -> str:
    if isinstance(value, bytes):
        return value.decode("utf-8")
    return str(value)


def make(path: Path, build: Builder, tags: list[str]) -> dict[str, Any]:
    with v1.Session(graph=tf.Graph()) as session:
        inputs, outputs = build()
        info = v1.saved_model.build_tensor_info
        signature = v1.saved_model.build_signature_def(
            {key: info(tensor) for key, tensor in inputs.items()},
            {key: info(tensor) for key, tensor in outputs.items()},
            "tensorflow/serving/predict",
        )
        builder = v1.saved_model.Builder(str(path))
        builder.add_meta_graph_and_variables(session, tags, {"serving_default": signature})
        builder.save()
        values = session.run(outputs, {tensor: zeros(tensor) for tensor in inputs.values()})
    return {
        key: {
            "shape": list(np.shape(value)),
            "values": [plain(each) for each in np.asarray(value, object).ravel().tolist()],
        }
        for key, value in values.items()
    }


def main(directory: str) -> None:
    made = {
        name: {"tags": tags, "outputs": make(Path(directory) / name, build, tags)}
        for name, (build, tags) in MODELS.items()
    }
    json.dump(made, sys.stdout)


if __name__ == "__main__":
    main(sys.argv[1])
