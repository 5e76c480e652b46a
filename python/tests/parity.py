"""Runs an exported model.onnx on its reference.npz in onnxruntime."""

from pathlib import Path

import numpy as np
import onnxruntime


def worst_difference(out: Path) -> float:
    """Largest |onnxruntime − torch| over every batch and output of `out/reference.npz`; asserts names and
    dtypes."""
    session = onnxruntime.InferenceSession(str(out / "model.onnx"))
    names = [value.name for value in session.get_outputs()]
    reference = np.load(out / "reference.npz", allow_pickle=False)
    batches = sorted({key.partition("/")[0] for key in reference.files})
    worst = 0.0
    for batch in batches:
        feeds = {value.name: reference[f"{batch}/in/{value.name}"] for value in session.get_inputs()}
        for name, actual in zip(names, session.run(names, feeds), strict=True):
            expected = reference[f"{batch}/out/{name}"]
            assert actual.shape == expected.shape and actual.dtype == expected.dtype
            worst = max(worst, float(np.abs(actual.astype(np.float64) - expected.astype(np.float64)).max()))
    return worst
