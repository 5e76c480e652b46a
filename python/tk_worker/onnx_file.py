"""Finishing an exported ONNX file: declared names and shapes, no traces of this machine, the same bytes
each time."""

from collections.abc import Sequence
from pathlib import Path

import onnx
from onnx import ModelProto, TensorProto, ValueInfoProto, helper

from tk_worker.errors import conversion_error
from tk_worker.specs import Dim

EXTERNAL_DATA = "model.onnx.data"

# protobuf cannot hold a message of 2 GiB; the graph itself needs some room beside the weights.
_EXTERNAL_THRESHOLD = 2_000_000_000

Shape = tuple[Dim | None, ...]


def declare(model: ModelProto, inputs: dict[str, Shape], outputs: dict[str, Shape]) -> None:
    """Writes the known shapes on inputs and outputs.

    Throws WorkerError `export-names`, `export-froze-batch` (exit 4) where the exporter did not keep names
    or dims.
    """
    _check_names("inputs", [value.name for value in model.graph.input], list(inputs))
    _check_names("outputs", [value.name for value in model.graph.output], list(outputs))
    for value in model.graph.input:
        _check_symbolic(value, inputs[value.name])
        _set_shape(value, inputs[value.name])
    for value in model.graph.output:
        _check_symbolic(value, outputs[value.name])
        _set_shape(value, outputs[value.name])


def strip_traces(model: ModelProto) -> None:
    """Removes doc strings and metadata, which hold stack traces with absolute paths and object addresses."""
    model.doc_string = ""
    del model.metadata_props[:]
    graphs = [model.graph]
    while graphs:
        graph = graphs.pop()
        graph.doc_string = ""
        del graph.metadata_props[:]
        for value in (*graph.input, *graph.output, *graph.value_info, *graph.initializer):
            value.doc_string = ""
            del value.metadata_props[:]
        for node in graph.node:
            graphs += _strip_node(node)
    for function in model.functions:
        function.doc_string = ""
        del function.metadata_props[:]
        for node in function.node:
            _strip_node(node)


def save(model: ModelProto, folder: Path, threshold: int = _EXTERNAL_THRESHOLD) -> Path:
    """Writes model.onnx, its weights beside it in one file where it would pass protobuf's limit; gives its
    path."""
    path = folder / "model.onnx"
    if model.ByteSize() >= threshold:
        onnx.save_model(
            model,
            str(path),
            save_as_external_data=True,
            all_tensors_to_one_file=True,
            location=EXTERNAL_DATA,
            size_threshold=1024,
        )
    else:
        path.write_bytes(model.SerializeToString(deterministic=True))
    return path


def tensor_specs(values: Sequence[ValueInfoProto]) -> list[dict[str, object]]:
    """Inputs or outputs as the protocol gives them: name, dtype, shape with sizes, symbols and nulls."""
    return [{"name": value.name, "dtype": _dtype(value), "shape": _shape(value)} for value in values]


def graph_inputs(model: ModelProto) -> list[ValueInfoProto]:
    """The inputs that a caller gives: old exporters list the weights among them."""
    weights = {tensor.name for tensor in model.graph.initializer}
    weights |= {tensor.values.name for tensor in model.graph.sparse_initializer}
    return [value for value in model.graph.input if value.name not in weights]


def opset_of(model: ModelProto) -> int:
    """Version of the default operator set."""
    return max((entry.version for entry in model.opset_import if entry.domain in ("", "ai.onnx")), default=0)


def _check_names(what: str, actual: list[str], declared: list[str]) -> None:
    if actual != declared:
        raise conversion_error(
            "export-names",
            f"the exported graph has the {what} {', '.join(actual)}, not {', '.join(declared)}",
            "an input that the model does not use is left out by the exporter: do not declare it",
        )


def _check_symbolic(value: ValueInfoProto, declared: Shape) -> None:
    dims = value.type.tensor_type.shape.dim
    if len(dims) != len(declared):
        raise conversion_error(
            "export-froze-batch",
            f"the exporter gave {value.name} rank {len(dims)}, the model {len(declared)}",
        )
    for axis, (dim, expected) in enumerate(zip(dims, declared, strict=True)):
        if isinstance(expected, str) and dim.HasField("dim_value"):
            raise conversion_error(
                "export-froze-batch",
                f"the exporter froze axis {axis} of {value.name} at {dim.dim_value}, declared {expected}",
                "the model uses that size as a Python number, int(x.shape[0]): use x.shape[0]",
            )


def _set_shape(value: ValueInfoProto, shape: Shape) -> None:
    for dim, size in zip(value.type.tensor_type.shape.dim, shape, strict=True):
        dim.Clear()
        if isinstance(size, int):
            dim.dim_value = size
        elif size is not None:
            dim.dim_param = size


def _strip_node(node: onnx.NodeProto) -> list[onnx.GraphProto]:
    node.doc_string = ""
    del node.metadata_props[:]
    inner: list[onnx.GraphProto] = []
    for attribute in node.attribute:
        attribute.doc_string = ""
        inner += [attribute.g] if attribute.HasField("g") else []
        inner += list(attribute.graphs)
    return inner


def _dtype(value: ValueInfoProto) -> str:
    element = value.type.tensor_type.elem_type
    if not value.type.HasField("tensor_type") or element == TensorProto.UNDEFINED:
        return value.type.WhichOneof("value") or "unknown"
    if element == TensorProto.STRING:
        return "string"
    if element == TensorProto.BFLOAT16:
        return "bfloat16"
    return str(helper.tensor_dtype_to_np_dtype(element))


def _shape(value: ValueInfoProto) -> list[int | str | None] | None:
    if not value.type.HasField("tensor_type") or not value.type.tensor_type.HasField("shape"):
        return None
    # Old exporters write -1 for a size that is open.
    return [
        dim.dim_value if dim.HasField("dim_value") and dim.dim_value >= 0 else dim.dim_param or None
        for dim in value.type.tensor_type.shape.dim
    ]
