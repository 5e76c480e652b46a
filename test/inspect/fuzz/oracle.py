"""Which of the files that tk refused TensorFlow accepts.

Usage: oracle.py KIND FILE. FILE holds the refused files, each after its length in four bytes (little-endian).
Of more than MOST_ASKED files every second, third, … is asked of: the text parser takes a tenth of a second.
KIND is binary or text (a SavedModel), graph (a GraphDef) or index (a TensorBundle's). stdout: JSON list of
the positions of those that TensorFlow reads.
"""

import json
import os
import struct
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["CUDA_VISIBLE_DEVICES"] = ""

import tensorflow as tf
from google.protobuf import text_format
from tensorflow.core.protobuf import saved_model_pb2

MOST_ASKED = 1000


def binary(data: bytes) -> None:
    saved_model_pb2.SavedModel.FromString(data)


def text(data: bytes) -> None:
    text_format.Parse(data.decode("utf-8"), saved_model_pb2.SavedModel())


def graph(data: bytes) -> None:
    message = tf.compat.v1.GraphDef.FromString(data)
    if not message.node:
        raise ValueError("no node")
    with tf.Graph().as_default():
        tf.import_graph_def(message)


def index(data: bytes) -> None:
    with tempfile.TemporaryDirectory() as directory:
        prefix = Path(directory, "variables")
        prefix.with_suffix(".index").write_bytes(data)
        tf.train.load_checkpoint(str(prefix)).get_variable_to_shape_map()


READERS: dict[str, Callable[[bytes], None]] = {
    "binary": binary,
    "text": text,
    "graph": graph,
    "index": index,
}


def refused(path: str) -> Iterator[bytes]:
    with Path(path).open("rb") as stream:
        while head := stream.read(4):
            yield stream.read(struct.unpack("<I", head)[0])


def accepts(read: Callable[[bytes], None], data: bytes) -> bool:
    try:
        read(data)
    except Exception:
        return False
    return True


if __name__ == "__main__":
    reader = READERS[sys.argv[1]]
    files = list(enumerate(refused(sys.argv[2])))
    asked = files[:: -(-len(files) // MOST_ASKED) or 1]
    print(json.dumps([at for at, data in asked if accepts(reader, data)]))
