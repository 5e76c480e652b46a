"""The `export` command: a torch source → model.onnx and reference.npz, and what the manifest wants to
know."""

import tempfile
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy
import onnx
import torch
from torch import nn

from tk_worker.adapter import Adapter, binding, flatten_outputs
from tk_worker.errors import WorkerError, conversion_error, first_line, root_cause
from tk_worker.files import imported_files
from tk_worker.onnx_file import declare, opset_of, save, strip_traces, tensor_specs
from tk_worker.protocol import Events, Request
from tk_worker.reference import Probe, make_inputs, probe, sizes_of, write_reference
from tk_worker.sources import load_source
from tk_worker.sources.source import Source
from tk_worker.sources.weights import seed_of
from tk_worker.specs import batch_symbol, symbols_of

DEFAULT_OPSET = 17
# The first opset that torch's newer exporter writes.
_DYNAMO_OPSET = 18


@dataclass
class Prepared:
    """A source ready for the exporter: `module` takes positional tensors, `names` are the outputs'."""

    source: Source
    module: nn.Module
    names: list[str]
    probed: Probe
    seed: int

    def __call__(self, *tensors: torch.Tensor) -> Sequence[torch.Tensor]:
        return flatten_outputs(self.module(*tensors))[0]


def run(request: Request, events: Events) -> None:
    """Handles one `export` request (docs/architecture.md)."""
    folder = Path(request["outDir"])
    with tempfile.TemporaryDirectory(dir=folder, prefix=".export-") as scratch:
        with events.stage("load"):
            prepared = prepare(load_source(request, Path(scratch)), seed_of(request))
        with events.stage("export"):
            model = _export(prepared, request.get("opset"), events, Path(scratch))
            path = save(model, folder)
            _check_dynamic(path, prepared)
        with events.stage("reference"):
            specs = prepared.source.inputs
            batches = write_reference(
                prepared, specs, prepared.names, prepared.probed, prepared.seed, folder / "reference.npz"
            )
    events.result(_result(prepared, model, batches))


def _result(prepared: Prepared, model: onnx.ModelProto, batches: list[int]) -> dict[str, Any]:
    source = prepared.source
    return {
        "kind": source.kind,
        "sourceSha256": source.sha256,
        "inputs": tensor_specs(model.graph.input),
        "outputs": tensor_specs(model.graph.output),
        "inputRanges": prepared.probed.values,
        "batches": batches,
        "opset": opset_of(model),
        "weights": source.weights,
        "dropped": source.dropped,
        "missing": source.missing,
        "profile": source.profile,
        "tolerances": source.tolerances,
        "importedFiles": imported_files(),
        "versions": {"torch": torch.__version__, "onnx": onnx.__version__, "numpy": numpy.__version__},
    }


def prepare(source: Source, seed: int) -> Prepared:
    """Runs the model to learn its outputs; wraps it only where its signature needs that, to keep ONNX
    names short."""
    keywords = binding(source.module, [spec.name for spec in source.inputs])
    given: list[str] | None = None
    plain = True

    def call(*tensors: torch.Tensor) -> Sequence[torch.Tensor]:
        nonlocal given, plain
        named = dict(zip(keywords, tensors, strict=True)) if keywords else None
        result = source.module(**named) if named else source.module(*tensors)
        flat, given = flatten_outputs(result)
        plain = isinstance(result, torch.Tensor) or (type(result) is tuple and len(result) == len(flat))
        return flat

    probed = probe(call, source.inputs, source.sizes, seed)
    names = _output_names(source, given, len(probed.shapes))
    simple = keywords is None and (plain or source.program is not None)
    module = source.module if simple else Adapter(source.module, keywords).eval()
    return Prepared(source, module, names, probed, seed)


def _output_names(source: Source, given: list[str] | None, count: int) -> list[str]:
    names = (
        source.outputs
        or given
        or (["output"] if count == 1 else [f"output_{index}" for index in range(count)])
    )
    if len(names) != count:
        raise WorkerError(
            "bad-model", f"the model gives {count} outputs, but {len(names)} output names are declared"
        )
    clash = sorted({*names} & {spec.name for spec in source.inputs}) + sorted(
        {n for n in names if names.count(n) > 1}
    )
    if clash:
        raise WorkerError(
            "bad-model", f"the name {clash[0]} stands for two of the model's inputs and outputs"
        )
    return names


def _export(prepared: Prepared, opset: int | None, events: Events, scratch: Path) -> onnx.ModelProto:
    if prepared.source.program is not None:
        model = _export_program(prepared.source.program, prepared, opset or _DYNAMO_OPSET)
    else:
        model = _export_module(prepared, opset, events, scratch)
    strip_traces(model)
    declare(
        model,
        {spec.name: spec.shape for spec in prepared.source.inputs},
        dict(zip(prepared.names, _named_shapes(prepared), strict=True)),
    )
    if opset is not None and opset_of(model) != opset:
        raise conversion_error(
            "opset", f"the exporter wrote opset {opset_of(model)} where {opset} was asked for"
        )
    return model


def _check_dynamic(path: Path, prepared: Prepared) -> None:
    """Runs the file at sizes other than the example's: a traced model may hold sizes as constants within,
    which its
    declared shapes do not show. Throws WorkerError `export-froze-size` (exit 4)."""
    specs = prepared.source.inputs
    if not symbols_of(specs):
        return
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    batch = batch_symbol(specs)
    tensors = make_inputs(
        specs, sizes_of(prepared.probed, 1, batch, 3), prepared.seed, prepared.probed.values
    )
    feeds = {spec.name: tensor.numpy() for spec, tensor in zip(specs, tensors, strict=True)}
    with torch.no_grad():
        expected = [tuple(tensor.shape) for tensor in prepared(*tensors)]
    try:
        session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        actual = [tuple(array.shape) for array in session.run(prepared.names, feeds)]
    except Exception as error:
        raise _frozen(first_line(error, 160)) from error
    if actual != expected:
        raise _frozen(f"it gives shapes {actual} where torch gives {expected}")


def _frozen(reason: str) -> WorkerError:
    return conversion_error(
        "export-froze-size",
        f"the exported graph works at the example's sizes only: {reason}",
        "the model uses a size as a Python number, int(x.shape[0]): use x.shape[0] or declare it static",
    )


def _named_shapes(prepared: Prepared) -> list[tuple[int | str, ...]]:
    """Output shapes with computed dimensions called by the output, e.g. `boxes_dim2`."""
    return [
        tuple(dim.replace(f"out{index}_", f"{name}_", 1) if isinstance(dim, str) else dim for dim in shape)
        for index, (name, shape) in enumerate(zip(prepared.names, prepared.probed.shapes, strict=True))
    ]


def _export_module(prepared: Prepared, opset: int | None, events: Events, scratch: Path) -> onnx.ModelProto:
    """The TorchScript exporter; where it fails and no opset is asked for, the newer one."""
    path = scratch / "export.onnx"
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            torch.onnx.export(
                prepared.module,
                tuple(_example(prepared)),
                str(path),
                input_names=[spec.name for spec in prepared.source.inputs],
                output_names=prepared.names,
                dynamic_axes=_dynamic_axes(prepared),
                opset_version=opset or DEFAULT_OPSET,
                dynamo=False,
            )
        return onnx.load(str(path))
    except OSError:
        raise  # A full disk is no reason to try another exporter.
    except Exception as error:
        if opset is not None or isinstance(prepared.module, torch.jit.ScriptModule):
            raise conversion_error(
                "export-failed", f"torch.onnx.export failed: {first_line(error)}"
            ) from error
        events.log(f"the TorchScript exporter failed ({first_line(error)}); trying the newer one", "warning")
    return _export_program(_trace(prepared), prepared, _DYNAMO_OPSET)


def _trace(prepared: Prepared) -> torch.export.ExportedProgram:
    dims = {symbol: torch.export.Dim(symbol) for symbol in symbols_of(prepared.source.inputs)}
    shapes = tuple(
        {axis: dims[dim] for axis, dim in enumerate(spec.shape) if isinstance(dim, str)}
        for spec in prepared.source.inputs
    )
    dynamic: Any = (shapes,) if isinstance(prepared.module, Adapter) else shapes
    try:
        return torch.export.export(prepared.module, tuple(_example(prepared)), dynamic_shapes=dynamic)
    except Exception as error:
        raise conversion_error(
            "export-failed", f"torch.export failed: {first_line(root_cause(error))}"
        ) from error


def _export_program(program: torch.export.ExportedProgram, prepared: Prepared, opset: int) -> onnx.ModelProto:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            exported = torch.onnx.export(
                program,
                (),
                input_names=[spec.name for spec in prepared.source.inputs],
                output_names=prepared.names,
                opset_version=opset,
                dynamo=True,
                verbose=False,
            )
        assert exported is not None
        return exported.model_proto
    except Exception as error:
        raise conversion_error(
            "export-failed", f"torch.onnx.export failed: {first_line(root_cause(error))}"
        ) from error


def _example(prepared: Prepared) -> list[torch.Tensor]:
    specs = prepared.source.inputs
    return make_inputs(
        specs, sizes_of(prepared.probed, 0, batch_symbol(specs), 2), prepared.seed, prepared.probed.values
    )


def _dynamic_axes(prepared: Prepared) -> dict[str, dict[int, str]]:
    shapes = {spec.name: spec.shape for spec in prepared.source.inputs}
    shapes |= dict(zip(prepared.names, _named_shapes(prepared), strict=True))
    axes = {
        name: {axis: dim for axis, dim in enumerate(shape) if isinstance(dim, str)}
        for name, shape in shapes.items()
    }
    return {name: dims for name, dims in axes.items() if dims}
