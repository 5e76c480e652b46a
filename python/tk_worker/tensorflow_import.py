"""Imports TensorFlow quietly and on the CPU."""

import os
from typing import Any

from tk_worker.errors import environment_error, first_line


def import_tensorflow() -> Any:
    """The tensorflow module. Throws WorkerError `missing-tensorflow` (exit 3)."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")
    try:
        import tensorflow as tf
    except ImportError as error:
        message = f"TensorFlow does not load in the Python environment: {first_line(error)}"
        raise environment_error("missing-tensorflow", message) from error
    tf.get_logger().setLevel("ERROR")
    return tf
