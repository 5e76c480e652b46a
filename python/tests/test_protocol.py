"""The protocol, and `check`."""

import io
import json
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from tests.conftest import ROOT, Run
from tk_worker.dispatch import handle
from tk_worker.errors import WorkerError, first_line
from tk_worker.protocol import Events


def answer(line: str) -> tuple[int, dict]:
    stream = io.StringIO()
    code = handle(line, Events(stream))
    return code, json.loads(stream.getvalue().splitlines()[-1])


@pytest.mark.parametrize("line", ["", "{", "[]", '{"command":"rm"}'])
def test_a_request_that_is_none_is_one_error(line: str):
    code, event = answer(line)
    assert (code, event["event"], event["code"], event["exit"]) == (1, "error", "bad-request", 2)


def test_the_line_of_an_error_in_traced_code_is_its_cause():
    said = """Exception encountered when calling layer 'model' (type Functional).

in user code:

    File "layers.py", line 12, in call
        return tf.foo(x)

    ValueError: 'a b' is not a valid root scope name.

Call arguments received by layer 'model'"""
    assert first_line(ValueError(said)) == "ValueError: 'a b' is not a valid root scope name."
    assert first_line(ValueError("in user code: no")) == "ValueError: in user code: no"


def test_a_failure_nobody_foresaw_is_still_one_error():
    code, event = answer('{"command":"check"}')
    assert (code, event["code"], event["exit"]) == (1, "worker-failed", 4)
    assert event["message"] == "unexpected failure in the worker: KeyError: 'onnx'"


class TestCheck:
    def test_gives_inputs_outputs_and_opset(self, run: Run):
        result = run("check", onnx=str(ROOT / "fixtures/two_towers/model.onnx"))
        assert [spec["name"] for spec in result["inputs"]] == ["ids", "mask", "pixels"]
        assert result["outputs"][1] == {"name": "best", "dtype": "int64", "shape": ["N"]}
        assert result["opset"] == 17

    def test_reads_external_data_beside_the_file(self, run: Run):
        assert run("check", onnx=str(ROOT / "fixtures/tiny_face_external/model.onnx"))["opset"] == 17

    def test_external_data_outside_its_folder_is_refused(self, run: Run, tmp_path: Path):
        outside = tmp_path / "secret"
        outside.write_bytes(bytes(16))
        (tmp_path / "model").mkdir()
        tensor = TensorProto(
            name="w", data_type=TensorProto.FLOAT, dims=[4], data_location=TensorProto.EXTERNAL
        )
        tensor.external_data.add(key="location", value="../secret")
        graph = helper.make_graph(
            [helper.make_node("Add", ["x", "w"], ["y"])],
            "g",
            [helper.make_tensor_value_info("x", TensorProto.FLOAT, [4])],
            [helper.make_tensor_value_info("y", TensorProto.FLOAT, [4])],
            [tensor],
        )
        path = tmp_path / "model" / "model.onnx"
        path.write_bytes(helper.make_model(graph, ir_version=8).SerializeToString())
        with pytest.raises(WorkerError, match="is no valid ONNX model") as raised:
            run("check", onnx=str(path))
        assert (raised.value.code, raised.value.exit) == ("invalid-onnx", 2)

    def test_a_truncated_file(self, run: Run, tmp_path: Path):
        data = (ROOT / "fixtures/tiny_face/model.onnx").read_bytes()
        (tmp_path / "cut.onnx").write_bytes(data[: len(data) // 2])
        with pytest.raises(WorkerError, match=r"cut\.onnx") as raised:
            run("check", onnx=str(tmp_path / "cut.onnx"))
        assert raised.value.exit == 2

    def test_shapes_that_contradict_are_found(self, run: Run, tmp_path: Path):
        model = onnx.load(ROOT / "fixtures/tiny_face/model.onnx")
        model.graph.output[0].type.tensor_type.shape.dim[1].dim_value = 17
        onnx.save(model, tmp_path / "wrong.onnx")
        with pytest.raises(WorkerError, match=r"wrong\.onnx is no valid ONNX model: .*17"):
            run("check", onnx=str(tmp_path / "wrong.onnx"))


# numpy leaves the archive that it could not write to the garbage collector, whose complaint this is.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full, which Linux has")
def test_a_full_disk_ends_a_session_and_is_no_refusal_of_the_model(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    inputs, outputs = tmp_path / "in.npz", tmp_path / "out.npz"
    np.savez(inputs, image=np.zeros((1, 3, 32, 32), np.float32))
    outputs.symlink_to("/dev/full")
    call = {"id": 1, "inputs": str(inputs), "outputs": str(outputs)}
    monkeypatch.setattr("sys.stdin", io.StringIO(json.dumps(call) + "\n"))
    model = str(ROOT / "fixtures/tiny_face/model.onnx")
    code, event = answer(json.dumps({"command": "onnx-session", "onnx": model}))
    assert (code, event["event"], event["code"], event["exit"]) == (1, "error", "io-error", 3)
    assert event["message"].startswith("No space left on device")
