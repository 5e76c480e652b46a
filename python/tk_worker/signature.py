"""Saves a converted Keras model as a SavedModel with the ONNX model's own names, shapes and order."""

from pathlib import Path
from typing import Any

from tk_worker.layouts import Axes, Layout
from tk_worker.signature_order import order_signature

Spec = dict[str, Any]


def save_with_signature(
    tf: Any,
    model: Any,
    inputs: list[Spec],
    outputs: list[Spec],
    layout: Layout,
    keep_nhwc: bool,
    target: Path,
) -> tuple[list[Spec], list[Spec]]:
    """Writes the SavedModel at `target`; gives its inputs and outputs as the manifest lists them.

    With `keep_nhwc` the inputs of rank 4 stay channels-last. Signature `serving_default`, tag `serve`.
    """
    before = [tuple(range(4)) if keep_nhwc and len(axes) == 4 else axes for axes in layout.inputs]
    shapes = [
        _permuted(spec["shape"], layout.inputs[index])
        if before[index] != layout.inputs[index]
        else spec["shape"]
        for index, spec in enumerate(inputs)
    ]
    holder = tf.Module()
    # Tracked by the module, so that its variables are saved.
    holder.model = model

    def serve(*tensors: Any) -> dict[str, Any]:
        given = [_transpose(tf, tensor, axes) for tensor, axes in zip(tensors, before, strict=True)]
        results = model(given if len(given) > 1 else given[0], training=False)
        results = list(results) if isinstance(results, list | tuple) else [results]
        return {
            spec["name"]: _shaped(_transpose(tf, result, axes), spec["shape"])
            for spec, result, axes in zip(outputs, results, layout.outputs, strict=True)
        }

    concrete = tf.function(
        serve,
        input_signature=[
            tf.TensorSpec(_static(shape), tf.as_dtype(spec["dtype"]), name=spec["name"])
            for spec, shape in zip(inputs, shapes, strict=True)
        ],
        autograph=False,
    ).get_concrete_function()
    tf.saved_model.save(holder, str(target), signatures={"serving_default": concrete})
    names = ([spec["name"] for spec in inputs], [spec["name"] for spec in outputs])
    order_signature(target, "serving_default", *names)
    served = _read_signature(target)
    return (
        [_named(spec, shape, served.inputs) for spec, shape in zip(inputs, shapes, strict=True)],
        [_named(spec, spec["shape"], served.outputs) for spec in outputs],
    )


def _named(spec: Spec, shape: Any, served: Any) -> Spec:
    name = spec["name"]
    return {
        "onnxName": name,
        "signatureKey": name,
        "tensorName": served[name].name,
        "dtype": spec["dtype"],
        "shape": shape,
    }


def _read_signature(target: Path) -> Any:
    from tensorflow.core.protobuf import saved_model_pb2

    saved = saved_model_pb2.SavedModel.FromString((target / "saved_model.pb").read_bytes())
    return saved.meta_graphs[0].signature_def["serving_default"]


def _transpose(tf: Any, tensor: Any, axes: Axes) -> Any:
    return tensor if axes == tuple(range(len(axes))) else tf.transpose(tensor, axes)


def _shaped(tensor: Any, shape: list[Any] | None) -> Any:
    tensor.set_shape(_static(shape))
    return tensor


def _permuted(shape: list[Any] | None, axes: Axes) -> list[Any] | None:
    return None if shape is None else [shape[axis] for axis in axes]


def _static(shape: list[Any] | None) -> list[int | None] | None:
    return None if shape is None else [dim if isinstance(dim, int) else None for dim in shape]
