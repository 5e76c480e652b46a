"""The `onnx2tf` command: ONNX → Keras model by onnx2tf → SavedModel under tk's tensor contract.

onnx2tf is stopped where it would save its own SavedModel: what follows there, TFLite files, takes minutes
and is not
wanted. Its inputs and outputs are channels-last and named by itself; `layouts` finds how they lie, by
numbers.
"""

import contextlib
import importlib
import io
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest import mock

import numpy as np
import onnx

from tk_worker.errors import conversion_error, environment_error, first_line
from tk_worker.layouts import find_layout
from tk_worker.onnx_file import graph_inputs, tensor_specs
from tk_worker.protocol import Events, Request
from tk_worker.signature import save_with_signature
from tk_worker.tensorflow_import import import_tensorflow

_LEGAL_NAME = re.compile(r"^[A-Za-z0-9.][A-Za-z0-9_.\\/>-]*$")


class _ConvertedError(BaseException):
    """Carries the Keras model out of onnx2tf, past its `except Exception` clauses."""

    def __init__(self, model: Any) -> None:
        super().__init__()
        self.model = model


class _StepFailedError(BaseException):
    """A step of onnx2tf failed that it would only warn about."""


def run(request: Request, events: Events) -> None:
    """Handles one `onnx2tf` request. Throws WorkerError `onnx2tf-failed`, `onnx2tf-layout` (exit 4)."""
    path, target = Path(request["onnx"]).resolve(), Path(request["savedModelDir"]).resolve()
    tf = import_tensorflow()
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".onnx2tf-") as folder:
        scratch = Path(folder)
        with events.stage("onnx2tf"):
            # onnx2tf and onnxsim rewrite the file that they are given.
            model = onnx.load(str(path))
            onnx.save(model, str(scratch / "model.onnx"))
            keras_model = convert(scratch)
    inputs, outputs = tensor_specs(graph_inputs(model)), tensor_specs(model.graph.output)
    with events.stage("layout"):
        layout = find_layout(model, inputs, outputs, keras_model)
    with events.stage("save"):
        keep_nhwc = request.get("inputLayout") == "nhwc"
        named_inputs, named_outputs = save_with_signature(
            tf, keras_model, inputs, outputs, layout, keep_nhwc, target
        )
    events.result(
        {
            "inputs": named_inputs,
            "outputs": named_outputs,
            "nameMapping": _name_mapping([*named_inputs, *named_outputs]),
            "folded": [],
            "versions": _versions(tf),
        }
    )


def convert(scratch: Path, **options: Any) -> Any:
    """The tf_keras model that onnx2tf makes of `scratch/model.onnx`, without network and without TFLite.

    `options` are onnx2tf's own, beyond those that are set here.
    """
    import onnx2tf
    import tensorflow as tf

    if shutil.which("onnxsim") is None:
        raise environment_error(
            "missing-onnxsim", "the program onnxsim is not on the PATH of the Python environment"
        )
    inner = importlib.import_module("onnx2tf.onnx2tf")
    said = io.StringIO()
    before = Path.cwd()
    os.chdir(scratch)
    try:
        with (
            contextlib.redirect_stdout(_Tee(said)),
            _no_network(),
            mock.patch.object(inner, "download_test_image_data", _sample_images),
            mock.patch.object(
                inner, "subprocess", SimpleNamespace(check_output=_check_output, PIPE=subprocess.PIPE)
            ),
            mock.patch.object(tf.saved_model, "save", _stop),
        ):
            onnx2tf.convert(
                input_onnx_file_path=str(scratch / "model.onnx"),
                output_folder_path=str(scratch / "onnx2tf"),
                verbosity="error",
                **options,
            )
    except _ConvertedError as converted:
        return converted.model
    except _StepFailedError as failure:
        raise conversion_error("onnx2tf-failed", f"onnx2tf: {failure}") from failure
    except SystemExit as error:
        raise conversion_error(
            "onnx2tf-failed", f"onnx2tf gave up: {_last_error(said.getvalue())}"
        ) from error
    except (KeyboardInterrupt, MemoryError):
        raise
    except BaseException as error:
        where = _failed_op(said.getvalue())
        raise conversion_error(
            "onnx2tf-failed", f"onnx2tf cannot convert it{where}: {first_line(error)}"
        ) from error
    finally:
        os.chdir(before)
    raise conversion_error("onnx2tf-failed", f"onnx2tf made no model: {_last_error(said.getvalue())}")


def _stop(model: Any, *_args: Any, **_options: Any) -> None:
    raise _ConvertedError(model)


def _check_output(command: list[str], **options: Any) -> bytes:
    try:
        return subprocess.check_output(command, **options)
    except subprocess.CalledProcessError as error:
        lines = (error.stderr or b"").decode(errors="replace").strip().splitlines()
        reason = lines[-1] if lines else f"exit code {error.returncode}"
        raise _StepFailedError(f"{Path(command[0]).name} failed: {reason[:300]}") from error
    except OSError as error:
        raise _StepFailedError(f"{command[0]} cannot be run: {error.strerror}") from error


def _sample_images() -> np.ndarray:
    """Stands in for twenty photos that onnx2tf would download to compare operators on: [20, 128, 128, 3]
    in 0…1."""
    return np.random.default_rng(0).random((20, 128, 128, 3), dtype=np.float32)


@contextlib.contextmanager
def _no_network() -> Iterator[None]:
    def refuse(*_args: Any, **_options: Any) -> None:
        raise OSError("a conversion uses no network")

    with (
        mock.patch.object(socket.socket, "connect", refuse),
        mock.patch.object(socket, "create_connection", refuse),
    ):
        yield


class _Tee(io.TextIOBase):
    """Keeps what onnx2tf prints, to find its reason there, and passes it on."""

    def __init__(self, kept: io.StringIO) -> None:
        super().__init__()
        self._kept = kept
        self._through = sys.stdout

    def write(self, text: str) -> int:
        self._kept.write(text)
        return self._through.write(text)

    def flush(self) -> None:
        self._through.flush()


def _last_error(text: str) -> str:
    lines = [re.sub(r"\x1b\[[0-9;]*m", "", line).strip() for line in text.splitlines()]
    errors = [line.partition("ERROR:")[2].strip() for line in lines if "ERROR:" in line]
    return next((line for line in reversed(errors) if line), "it gave no reason")


def _failed_op(text: str) -> str:
    found = re.search(r"onnx_op_name: ?(\S+)", re.sub(r"\x1b\[[0-9;]*m", "", text))
    return f" at {found[1]}" if found else ""


def _name_mapping(tensors: list[dict[str, Any]]) -> list[dict[str, str]]:
    return [
        {"onnx": tensor["onnxName"], "tensorflow": tensor["tensorName"].partition(":")[0]}
        for tensor in tensors
        if not _LEGAL_NAME.match(tensor["onnxName"])
    ]


def _versions(tf: Any) -> dict[str, str]:
    from importlib.metadata import PackageNotFoundError, version

    versions = {"tensorflow": tf.__version__}
    for package in ("onnx2tf", "onnxsim", "tf_keras"):
        with contextlib.suppress(PackageNotFoundError):
            versions[package] = version(package)
    return versions
