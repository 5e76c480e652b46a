"""What the real saved_model_cli run prints and saves: one process imports TensorFlow, then forks per call.

stdin: JSON {"folder", "calls": [{"id", "args"}], "literals": [text]}. Makes `folder`/model and the input
files, runs each call in `folder`/theirs. stdout: JSON {"printed": id to text, "literals": reprs or null}.
"""

import ast
import json
import os
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent / "inspect"))

import numpy as np
import tensorflow as tf
from oracle import call, forked


class Model(tf.Module):
    """Signatures of every element type that a runner carries."""

    @tf.function(input_signature=[tf.TensorSpec([None, 3], tf.float32)])
    def common(self, x: Any) -> Any:
        return {
            "scaled": x * 1.1,
            "sum": tf.reduce_sum(x),
            "positive": x > 0,
            "shape": tf.shape(x),
            "wide": tf.cast(x * 1e6, tf.int64),
            "text": tf.strings.as_string(x),
            "large": tf.random.stateless_normal([3, 40, 11], [1, 2]) * tf.reduce_sum(x),
            "empty": x[:0],
        }

    @tf.function(input_signature=[tf.TensorSpec(None, tf.string)])
    def texts(self, s: Any) -> Any:
        return {
            "same": tf.identity(s),
            "bytes": tf.strings.join([s, b"\xff'\n"]),
            "joined": tf.strings.reduce_join(s),
        }

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string)])
    def examples(self, examples: Any) -> Any:
        names = {"age": tf.float32, "id": tf.int64, "name": tf.string}
        features = {name: tf.io.FixedLenFeature([2], dtype) for name, dtype in names.items()}
        return tf.io.parse_example(examples, features)

    @tf.function(input_signature=[tf.TensorSpec([None], tf.float64), tf.TensorSpec([None], tf.string)])
    def rare(self, x: Any, s: Any) -> Any:
        types = [
            tf.float64,
            tf.float16,
            tf.bfloat16,
            tf.uint8,
            tf.int8,
            tf.int16,
            tf.uint16,
            tf.uint32,
            tf.uint64,
        ]
        return {dtype.name: tf.cast(x, dtype) for dtype in types} | {"s": s, "x_sum": tf.reduce_sum(x)}

    @tf.function(input_signature=[tf.TensorSpec([None], tf.int32), tf.TensorSpec([2], tf.bool)])
    def cast(self, i: Any, b: Any) -> Any:
        return {"i": i + 0, "b": tf.logical_not(b)}


def make(folder: Path) -> str:
    """The model and the input files."""
    model = Model()
    names = ["common", "texts", "examples", "rare", "cast"]
    tf.saved_model.save(
        model, str(folder / "model"), signatures={name: getattr(model, name) for name in names}
    )
    rng = np.random.default_rng(7)
    np.save(folder / "x.npy", rng.normal(size=(5, 3)).astype(np.float32))
    np.save(folder / "fortran.npy", np.asfortranarray(rng.normal(size=(2, 3))))
    np.savez(folder / "two.npz", first=np.arange(6).reshape(2, 3), second=np.array([[0.5, -2, 1e-5]]))
    np.savez(folder / "one.npz", only=np.array([3.9, -3.9, 7.0]))
    return "made"


def literal(text: str) -> str | None:
    try:
        return repr(ast.literal_eval(text))
    except (ValueError, SyntaxError, TypeError):
        return None


def main() -> None:
    request = json.load(sys.stdin)
    folder = Path(request["folder"])
    printed = {"make": forked(lambda: make(folder))}
    theirs = folder / "theirs"
    theirs.mkdir()
    os.chdir(theirs)
    for asked in request["calls"]:
        printed[asked["id"]] = forked(lambda args=asked["args"]: call("run", args))
    json.dump({"printed": printed, "literals": [literal(text) for text in request["literals"]]}, sys.stdout)


if __name__ == "__main__":
    main()
