"""What needs TensorFlow: the onnx2tf engine and the session, through real worker processes (one TensorFlow
each)."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import TensorProto, helper

from tests.conftest import ROOT, Run

PARITY = 1e-4


class Worker:
    """A worker process: sends lines, reads events."""

    def __init__(self) -> None:
        read, write = os.pipe()
        environment = {
            **os.environ,
            "PYTHONPATH": str(ROOT / "python"),
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        }
        command = ["bash", "-c", f'exec 3>&{write}; exec "$0" -m tk_worker', sys.executable]
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            env=environment, pass_fds=[write], text=True,
        )  # fmt: skip
        os.close(write)
        self.events = os.fdopen(read)

    def send(self, value: dict[str, Any]) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(value) + "\n")
        self.process.stdin.flush()

    def answer(self) -> dict[str, Any]:
        """The next `result` or `error` event."""
        return next(event for event in map(json.loads, self.events) if event["event"] in ("result", "error"))

    def close(self) -> int:
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.events.close()
        return self.process.wait()


def ask(request: dict[str, Any]) -> dict[str, Any]:
    worker = Worker()
    worker.send(request)
    answer = worker.answer()
    worker.close()
    return answer


@pytest.fixture
def session() -> Iterator[Any]:
    """Opens sessions; closes them after the test."""
    workers: list[Worker] = []

    def open_session(saved_model: Path) -> Worker:
        worker = Worker()
        workers.append(worker)
        worker.send({"command": "tf-session", "savedModel": str(saved_model)})
        return worker

    yield open_session
    for worker in workers:
        assert worker.close() == 0


def convert(onnx_path: Path, layout: str = "nchw") -> dict[str, Any]:
    return ask(
        {
            "command": "onnx2tf",
            "onnx": str(onnx_path),
            "savedModelDir": str(onnx_path.parent / "keras"),
            "inputLayout": layout,
        }
    )


def difference(folder: Path, worker: Worker, feeds: dict[str, np.ndarray]) -> float:
    """Largest |TensorFlow − onnxruntime| over the outputs; asserts names, shapes and dtypes."""
    np.savez(folder / "in.npz", **feeds)
    worker.send({"id": 1, "inputs": str(folder / "in.npz"), "outputs": str(folder / "out.npz")})
    assert worker.answer()["value"] == {"id": 1, "ok": True}
    model = onnxruntime.InferenceSession(str(folder / "model.onnx"))
    names = [value.name for value in model.get_outputs()]
    with np.load(folder / "out.npz") as actual:
        assert sorted(actual.files) == sorted(names)
        worst = 0.0
        for name, expected in zip(names, model.run(names, feeds), strict=True):
            assert actual[name].shape == expected.shape and actual[name].dtype == expected.dtype
            worst = max(worst, float(np.abs(actual[name].astype(float) - expected.astype(float)).max()))
    return worst


class TestOnnx2tf:
    def test_onet_has_the_names_and_shapes_of_its_onnx_and_computes_the_same(
        self, export: Run, session: Any, tmp_path: Path
    ):
        export("mtcnn-onet")
        out = tmp_path / "out"
        result = convert(out / "model.onnx")["value"]
        assert [(t["onnxName"], t["signatureKey"], t["shape"]) for t in result["inputs"]] == [
            ("image", "image", ["N", 3, 48, 48])
        ]
        assert [t["signatureKey"] for t in result["outputs"]] == ["probabilities", "boxes", "landmarks"]
        assert result["inputs"][0]["tensorName"] == "serving_default_image:0"
        assert not list((out / "keras").glob("**/*.tflite"))
        worker = session(out / "keras")
        described = worker.answer()["value"]
        assert described["inputs"] == [{"name": "image", "dtype": "float32", "shape": [None, 3, 48, 48]}]
        for batch in (1, 2, 5):
            image = np.random.default_rng(batch).standard_normal((batch, 3, 48, 48)).astype(np.float32)
            assert difference(out, worker, {"image": image}) < PARITY

    def test_illegal_names_and_axes_that_move(self, session: Any, tmp_path: Path):
        """A 4-D output stays NCHW, `input.1` and `out::feature` stay what they are."""
        weight = helper.make_tensor("w", TensorProto.FLOAT, [5, 3, 3, 3], np.linspace(-1, 1, 135).tolist())
        graph = helper.make_graph(
            [
                helper.make_node("Conv", ["input.1", "w"], ["c"], pads=[1, 1, 1, 1], name="conv"),
                helper.make_node("Relu", ["c"], ["out::feature"], name="relu"),
            ],
            "g",
            [helper.make_tensor_value_info("input.1", TensorProto.FLOAT, ["N", 3, 6, 7])],
            [helper.make_tensor_value_info("out::feature", TensorProto.FLOAT, ["N", 5, 6, 7])],
            [weight],
        )
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
        onnx.save(model, tmp_path / "model.onnx")
        answer = convert(tmp_path / "model.onnx")
        assert answer["event"] == "result", answer
        assert {pair["onnx"] for pair in answer["value"]["nameMapping"]} == {"out::feature"}
        worker = session(tmp_path / "keras")
        assert worker.answer()["value"]["outputs"][0]["name"] == "out::feature"
        image = np.random.default_rng(0).standard_normal((3, 3, 6, 7)).astype(np.float32)
        assert difference(tmp_path, worker, {"input.1": image}) < PARITY

    def test_what_it_cannot_convert_is_one_line_that_names_the_operator(self, export: Run, tmp_path: Path):
        export("mtcnn-pnet")
        answer = convert(tmp_path / "out" / "model.onnx")
        assert (answer["event"], answer["code"], answer["exit"]) == ("error", "onnx2tf-failed", 4)
        assert "\n" not in answer["message"]
        assert not (tmp_path / "out" / "keras").exists()
        assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["model.onnx", "reference.npz"]


class TestSession:
    def test_dtypes_that_tfjs_node_cannot_carry(self, session: Any, tmp_path: Path):
        """int64 beyond 2⁵³, float16, bool and strings pass exactly; a wrong dtype is refused and the
        session lives on."""
        subprocess.run(
            [sys.executable, "-c", MAKE_ECHO, str(tmp_path / "echo")], check=True, capture_output=True
        )
        worker = session(tmp_path / "echo")
        ready = worker.answer()["value"]
        assert {spec["name"]: spec["dtype"] for spec in ready["inputs"]} == {
            "flag": "bool", "half": "float16", "long": "int64", "text": "string",
        }  # fmt: skip
        feeds = {
            "long": np.array([2**62 + 1, -(2**53) - 1], np.int64),
            "half": np.array([1.5, -2], np.float16),
            "flag": np.array([True, False]),
            "text": np.array(["grün".encode(), b""]),
        }
        path = tmp_path / "in.npz"
        np.savez(path, **{**feeds, "half": feeds["half"].astype(np.float32)})
        worker.send({"id": 1, "inputs": str(path), "outputs": str(tmp_path / "out.npz")})
        assert "half is float16 in the signature, float32 was given" in worker.answer()["value"]["error"]
        np.savez(path, **feeds)
        worker.send({"id": "b", "inputs": str(path), "outputs": str(tmp_path / "out.npz")})
        assert worker.answer()["value"] == {"id": "b", "ok": True}
        with np.load(tmp_path / "out.npz", allow_pickle=False) as outputs:
            for name, value in feeds.items():
                np.testing.assert_array_equal(outputs[f"{name}_out"], value)

    def test_a_folder_that_is_no_savedmodel(self, session: Any, tmp_path: Path):
        answer = ask({"command": "tf-session", "savedModel": str(tmp_path)})
        assert (answer["event"], answer["code"], answer["exit"]) == ("error", "bad-savedmodel", 2)


MAKE_ECHO = """
import sys, tensorflow as tf
specs = {'long': tf.int64, 'half': tf.float16, 'flag': tf.bool, 'text': tf.string}
@tf.function(input_signature=[tf.TensorSpec([None], dtype, name) for name, dtype in specs.items()])
def echo(*values):
    return {f'{name}_out': tf.identity(value) for name, value in zip(specs, values)}
module = tf.Module()
tf.saved_model.save(module, sys.argv[1], signatures={'serving_default': echo})
"""
