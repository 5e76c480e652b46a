"""How the axes of a model that onnx2tf made lie against the ONNX model's: declared candidates, decided by
numbers."""

from dataclasses import dataclass
from itertools import islice, product
from typing import Any

import numpy as np
import onnx

from tk_worker.errors import WorkerError, conversion_error, first_line

Axes = tuple[int, ...]
Spec = dict[str, Any]

_ATOL, _RTOL = 1e-4, 1e-3
_SIZES = (33, 65, 129, 225)
_MOST_COMBINATIONS = 64


@dataclass(frozen=True)
class Layout:
    """Axis permutations: `inputs[i]` takes the ONNX layout to the converted model's, `outputs[i]` takes it
    back."""

    inputs: list[Axes]
    outputs: list[Axes]


def find_layout(model: onnx.ModelProto, inputs: list[Spec], outputs: list[Spec], converted: Any) -> Layout:
    """Tries onnx2tf's rule first (channels go last in inputs of rank 3 to 5), then identity, for each
    input and output;
    takes the first that agrees with onnxruntime on seeded inputs of batch 2, and again of batch 3.

    Throws WorkerError `onnx2tf-layout` (exit 4) where none agrees.
    """
    session = _session(model)
    feeds, expected = _run_onnx(session, inputs)
    choices = [_to_channels_last(len(feed.shape)) for feed in feeds]
    closest = "no shapes match"
    for axes in islice(product(*choices), _MOST_COMBINATIONS):
        actual = _run_converted(converted, feeds, axes)
        if actual is None or len(actual) != len(expected):
            continue
        back = [_match(theirs, ours) for theirs, ours in zip(actual, expected, strict=True)]
        wrong = [spec["name"] for spec, found in zip(outputs, back, strict=True) if found is None]
        if wrong:
            closest = f"output {', '.join(wrong)} differs from onnxruntime in every layout"
            continue
        layout = Layout([tuple(order) for order in axes], [order for order in back if order is not None])
        _check_other_batch(session, inputs, converted, layout)
        return layout
    raise conversion_error("onnx2tf-layout", f"onnx2tf's model computes something else: {closest}")


def _session(model: onnx.ModelProto) -> Any:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    return onnxruntime.InferenceSession(
        model.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )


def _run_onnx(session: Any, inputs: list[Spec], batch: int = 2) -> tuple[list[np.ndarray], list[np.ndarray]]:
    failure: Exception | None = None
    for size, high in product(_SIZES if _has_free_dims(inputs) else _SIZES[:1], (10, 2, 1)):
        feeds = [_draw(spec, batch, size + index, high) for index, spec in enumerate(inputs)]
        try:
            names = [spec["name"] for spec in inputs]
            return feeds, session.run(None, dict(zip(names, feeds, strict=True)))
        except Exception as error:
            failure = error
    assert failure is not None
    raise conversion_error("onnx2tf-layout", f"onnxruntime cannot run the ONNX model: {first_line(failure)}")


def _has_free_dims(inputs: list[Spec]) -> bool:
    return any(not isinstance(dim, int) for spec in inputs for dim in (spec["shape"] or [])[1:])


def _draw(spec: Spec, batch: int, size: int, high: int) -> np.ndarray:
    """Seeded values; a dynamic first axis is the batch, other dynamic axes get sizes that differ from each
    other."""
    generator = np.random.default_rng(7)
    shape = [
        dim if isinstance(dim, int) else batch if axis == 0 else size + 2 * axis
        for axis, dim in enumerate(spec["shape"] or [])
    ]
    dtype = np.dtype(spec["dtype"])
    if dtype.kind == "f":
        return generator.standard_normal(shape).astype(dtype)
    return generator.integers(0, 2 if dtype.kind == "b" else high, shape).astype(dtype)


def _to_channels_last(rank: int) -> list[Axes]:
    """Candidates for an input, onnx2tf's rule first."""
    identity = tuple(range(rank))
    return [(0, *range(2, rank), 1), identity] if 3 <= rank <= 5 else [identity]


def _to_channels_first(rank: int) -> list[Axes]:
    """Candidates for an output: as it is, or its last axis brought to the second place."""
    identity = tuple(range(rank))
    return [(0, rank - 1, *range(1, rank - 1)), identity] if 3 <= rank <= 5 else [identity]


def _run_converted(
    converted: Any, feeds: list[np.ndarray], axes: tuple[Axes, ...]
) -> list[np.ndarray] | None:
    arrays = [np.transpose(feed, order) for feed, order in zip(feeds, axes, strict=True)]
    fits = all(
        _fits(tuple(tensor.shape), array.shape)
        for tensor, array in zip(converted.inputs, arrays, strict=True)
    )
    if not fits:
        return None
    try:
        results = converted(arrays if len(arrays) > 1 else arrays[0], training=False)
    except Exception as error:
        if type(error).__module__.startswith("tensorflow") or isinstance(error, ValueError | TypeError):
            return None
        raise
    return [np.asarray(result) for result in (results if isinstance(results, list | tuple) else [results])]


def _fits(declared: tuple[int | None, ...], actual: tuple[int, ...]) -> bool:
    return len(declared) == len(actual) and all(
        theirs is None or theirs == ours for theirs, ours in zip(declared, actual, strict=True)
    )


def _match(actual: np.ndarray, expected: np.ndarray) -> Axes | None:
    for order in _to_channels_first(expected.ndim):
        if actual.ndim == expected.ndim and _agrees(np.transpose(actual, order), expected):
            return order
    return None


def _agrees(actual: np.ndarray, expected: np.ndarray) -> bool:
    if actual.shape != expected.shape or actual.dtype != expected.dtype:
        return False
    if expected.dtype.kind != "f":
        return bool(np.array_equal(actual, expected))
    return bool(np.allclose(actual, expected, atol=_ATOL, rtol=_RTOL, equal_nan=True))


def _check_other_batch(session: Any, inputs: list[Spec], converted: Any, layout: Layout) -> None:
    if not any(spec["shape"] and not isinstance(spec["shape"][0], int) for spec in inputs):
        return
    feeds, expected = _run_onnx(session, inputs, batch=3)
    actual = _run_converted(converted, feeds, tuple(layout.inputs))
    agreed = actual is not None and all(
        _agrees(np.transpose(theirs, order), ours)
        for theirs, order, ours in zip(actual, layout.outputs, expected, strict=True)
    )
    if not agreed:
        raise WorkerError(
            "onnx2tf-layout", "onnx2tf froze the batch: its model fails on a batch of 3", exit=4
        )
