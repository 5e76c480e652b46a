"""Runs converted ONNX backend tests in one TensorFlow process and compares them with the expected outputs.

One job a line on stdin: {"name", "model", "data", "inputs": [tensor names], "outputs": [tensor names]};
one verdict a line on stdout: {"name", "verdict": "pass" | "wrong" | "error", "reason"}.
"""

import json
import os
import sys
from pathlib import Path

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import numpy as np
import onnx
import tensorflow as tf
from onnx import numpy_helper

RTOL, ATOL = 1e-3, 1e-5


def read(path: Path) -> np.ndarray:
    """A tensor of a test's data set; bfloat16 in the form that TensorFlow takes."""
    proto = onnx.TensorProto.FromString(path.read_bytes())
    array = np.asarray(numpy_helper.to_array(proto))
    if proto.data_type == onnx.TensorProto.BFLOAT16 and array.dtype != tf.bfloat16.as_numpy_dtype:
        array = array.astype(np.float32).astype(tf.bfloat16.as_numpy_dtype)
    return array


def difference(actual: np.ndarray, expected: np.ndarray, atol: float = ATOL) -> str | None:
    """Why the two are not the same, or None."""
    if actual.shape != expected.shape:
        return f"shape {actual.shape}, expected {expected.shape}"
    if actual.dtype != expected.dtype and expected.dtype != object and actual.dtype != object:
        return f"dtype {actual.dtype}, expected {expected.dtype}"
    if expected.dtype == object or expected.dtype.kind in "US":
        same = [a.decode() if isinstance(a, bytes) else a for a in actual.ravel()] == [
            str(e) for e in expected.ravel()
        ]
        return None if same else "strings differ"
    if expected.dtype.kind in "iub":
        return None if np.array_equal(actual, expected) else "integers differ"
    # Half precision carries 11 or 8 bits: two units in the last place are allowed.
    rtol = {"float16": 2.0**-9, "bfloat16": 2.0**-6}.get(expected.dtype.name, RTOL)
    a, e = actual.astype(np.float64), expected.astype(np.float64)
    if np.allclose(a, e, rtol=rtol, atol=atol, equal_nan=True):
        return None
    return f"max abs difference {np.nanmax(np.abs(a - e)):.3g}"


def run(job: dict) -> str | None:
    """Loads one SavedModel into a session of its own and compares every data set."""
    with tf.Graph().as_default(), tf.compat.v1.Session() as session:
        tf.compat.v1.saved_model.loader.load(session, ["serve"], job["model"])
        own = Path(job["data"]) / "atol"
        atol = float(own.read_text()) if own.exists() else ATOL
        for data in sorted(Path(job["data"]).glob("test_data_set_*")):
            feeds = {name: read(data / f"input_{at}.pb") for at, name in enumerate(job["inputs"])}
            results = session.run(job["outputs"], feeds)
            for at, actual in enumerate(results):
                reason = difference(np.asarray(actual), read(data / f"output_{at}.pb"), atol)
                if reason:
                    return f"{job['outputs'][at]}: {reason}"
    return None


def main() -> None:
    """Answers every job on stdin."""
    for line in sys.stdin:
        job = json.loads(line)
        try:
            reason = run(job)
            verdict = "wrong" if reason else "pass"
        except Exception as error:
            reason, verdict = (
                f"{type(error).__name__}: {str(error).splitlines()[0][:300]}",
                "error",
            )
        print(
            json.dumps({"name": job["name"], "verdict": verdict, "reason": reason}),
            flush=True,
        )


if __name__ == "__main__":
    main()
