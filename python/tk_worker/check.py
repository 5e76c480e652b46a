"""The `check` command: onnx.checker with full check, and strict shape inference."""

from pathlib import Path

import onnx
from onnx import checker, shape_inference

from tk_worker.errors import WorkerError, first_line
from tk_worker.onnx_file import graph_inputs, opset_of, tensor_specs
from tk_worker.protocol import Events, Request


def run(request: Request, events: Events) -> None:
    """Handles one `check` request (docs/architecture.md). Throws WorkerError `invalid-onnx` (exit 2)."""
    path = Path(request["onnx"])
    model = check(path)
    events.result(
        {
            "inputs": tensor_specs(graph_inputs(model)),
            "outputs": tensor_specs(model.graph.output),
            "opset": opset_of(model),
            "versions": {"onnx": onnx.__version__},
        }
    )


def check(path: Path) -> onnx.ModelProto:
    """Checks a file; external data may stand only beside it. Gives the model without its external data."""
    if not path.is_file():
        raise WorkerError("missing-source", f"there is no file {path}")
    try:
        # By path: the checker then reads external data itself and refuses locations outside the folder.
        checker.check_model(str(path), full_check=True)
        model = onnx.load(str(path), load_external_data=False)
        if path.stat().st_size < 2**31:
            shape_inference.infer_shapes(model, check_type=True, strict_mode=True, data_prop=False)
    except (checker.ValidationError, shape_inference.InferenceError) as error:
        raise WorkerError("invalid-onnx", f"{path.name} is no valid ONNX model: {_reason(error)}") from error
    except (RuntimeError, ValueError, OSError) as error:
        raise WorkerError("invalid-onnx", f"{path.name} cannot be checked: {first_line(error)}") from error
    except Exception as error:
        if type(error).__name__ != "DecodeError":
            raise
        raise WorkerError(
            "invalid-onnx", f"{path.name} is no ONNX file (truncated?): {first_line(error)}"
        ) from error
    return model


def _reason(error: Exception) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return " ".join(lines[:2]) if lines else type(error).__name__
