"""Exported programs (.pt2) and TorchScript: what is exported, and what is refused without running."""

import io
import json
import zipfile
from pathlib import Path

import pytest
import torch
from torch import nn

from tests.conftest import Run
from tests.hostile import Payload, fires, replace_members, saved
from tests.parity import worst_difference
from tk_worker.errors import WorkerError
from tk_worker.sources.exported_program import is_plain_expression


class Small(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 3, padding=1)
        self.register_buffer("shift", torch.arange(4.0))

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        return torch.relu(self.conv(image)).mean((2, 3)) + self.shift


@pytest.fixture
def program(tmp_path: Path) -> Path:
    torch.manual_seed(1)
    batch, height = torch.export.Dim("N"), torch.export.Dim("H", min=4, max=64)
    shapes = {"image": {0: batch, 2: height}}
    exported = torch.export.export(Small().eval(), (torch.randn(2, 3, 8, 8),), dynamic_shapes=shapes)
    torch.export.save(exported, tmp_path / "small.pt2")
    return tmp_path / "small.pt2"


@pytest.fixture
def script(tmp_path: Path) -> Path:
    torch.manual_seed(1)
    torch.jit.script(Small().eval()).save(str(tmp_path / "small.pt"))
    return tmp_path / "small.pt"


@pytest.mark.parametrize("opset", [18, 23])
def test_the_first_and_last_opset_that_tk_takes_for_a_program(export: Run, program: Path, opset: int):
    assert export(program, opset=opset)["opset"] == opset


@pytest.mark.parametrize("opset", [9, 23])
def test_the_first_and_last_opset_that_tk_takes_for_torchscript(export: Run, script: Path, opset: int):
    assert export(script, inputs=["image:float32[N,3,8,8]"], opset=opset)["opset"] == opset


def model_json(path: Path) -> dict:
    with zipfile.ZipFile(path) as archive:
        return json.loads(archive.read("small/models/model.json"))


def refused(export: Run, program: Path, sentinel: Path, members: dict[str, bytes]) -> str:
    """Message for a copy of the program with these members; shows that nothing ran."""
    evil = replace_members(program, program.with_name("evil.pt2"), members)
    with pytest.raises(WorkerError) as raised:
        export(evil)
    assert (raised.value.code, raised.value.exit) == ("unsafe-model", 2)
    assert not sentinel.exists()
    return raised.value.message


class TestExportedProgram:
    def test_exports_with_its_own_dynamic_dimensions(self, export: Run, program: Path, tmp_path: Path):
        result = export(program)
        assert result["kind"] == "exported-program"
        assert result["inputs"] == [{"name": "image", "dtype": "float32", "shape": ["N", 3, "D1", 8]}]
        assert result["outputs"] == [{"name": "output", "dtype": "float32", "shape": ["N", 4]}]
        assert worst_difference(tmp_path / "out") < 1e-6

    def test_input_may_rename_but_not_reshape(self, export: Run, program: Path):
        assert export(program, inputs=["x:float32[B,3,H,8]"])["inputs"][0]["name"] == "x"
        with pytest.raises(WorkerError, match=r"exported with the inputs image:float32\[N,3,D1,8\]"):
            export(program, inputs=["x:float32[B,3,16,8]"])

    def test_a_pickle_among_the_sample_inputs(self, export: Run, program: Path, sentinel: Path):
        data = saved(((Payload(sentinel),), {}))
        assert fires(data, sentinel)
        message = refused(export, program, sentinel, {"data/sample_inputs/model.pt": data})
        assert "it would run posix.system" in message

    def test_torch_itself_runs_it(self, program: Path, sentinel: Path):
        """Why the check is there: torch.export.load falls back to full unpickling."""
        evil = replace_members(
            program,
            program.with_name("evil.pt2"),
            {"data/sample_inputs/model.pt": saved(((Payload(sentinel),), {}))},
        )
        with pytest.raises(Exception, match=r"."):
            torch.export.load(evil)
        assert sentinel.exists()

    @pytest.mark.parametrize("member", ["data/weights/model.pt", "data/constants/model.pt"])
    def test_a_legacy_weights_member(self, export: Run, program: Path, sentinel: Path, member: str):
        refused(export, program, sentinel, {member: saved({"conv.weight": Payload(sentinel)})})

    def test_a_weight_marked_as_pickle(self, export: Run, program: Path, sentinel: Path):
        with zipfile.ZipFile(program) as archive:
            config = json.loads(archive.read("small/data/weights/model_weights_config.json"))
        config["config"]["conv.bias"]["use_pickle"] = True
        path = "data/weights/" + config["config"]["conv.bias"]["path_name"]
        members = {"data/weights/model_weights_config.json": json.dumps(config).encode()}
        refused(export, program, sentinel, {**members, path: saved(Payload(sentinel))})

    @pytest.mark.parametrize("name", ["custom_obj_0", "opaque_obj_0"])
    def test_objects_among_the_constants(self, export: Run, program: Path, sentinel: Path, name: str):
        message = refused(export, program, sentinel, {f"data/constants/{name}": saved(Payload(sentinel))})
        assert "unpickled without restriction" in message

    def test_compiled_code(self, export: Run, program: Path, sentinel: Path):
        message = refused(export, program, sentinel, {"data/aotinductor/model/x.so": b"\x7fELF"})
        assert "compiled code" in message

    def test_python_in_a_symbolic_size(self, export: Run, program: Path, sentinel: Path):
        data = model_json(program)
        sizes = data["graph_module"]["graph"]["tensor_values"]["image"]["sizes"]
        sizes[0]["as_expr"]["expr_str"] = f"__import__('os').system('touch {sentinel}')"
        document = json.dumps(data)
        message = refused(export, program, sentinel, {"models/model.json": document.encode()})
        assert "more than arithmetic" in message

    def test_a_call_target_that_is_no_operator(self, export: Run, program: Path, sentinel: Path):
        data = model_json(program)
        data["graph_module"]["graph"]["nodes"][0]["target"] = "torch.hub.load"
        message = refused(export, program, sentinel, {"models/model.json": json.dumps(data).encode()})
        assert "no torch operator" in message

    def test_an_input_name_that_is_python_source(self, export: Run, program: Path, sentinel: Path):
        text = f"image=__import__('os').system('touch {sentinel}')"
        document = json.dumps(model_json(program)).replace('"image"', json.dumps(text))
        message = refused(export, program, sentinel, {"models/model.json": document.encode()})
        assert "no plain name" in message

    def test_guards_that_are_python_source_are_left_out(self, export: Run, program: Path, sentinel: Path):
        data = model_json(program)
        data["guards_code"] = [f"__import__('os').system('touch {sentinel}')"]
        guarded = replace_members(
            program, program.with_name("guarded.pt2"), {"models/model.json": json.dumps(data).encode()}
        )
        export(guarded)
        assert not sentinel.exists()

    def test_a_truncated_file(self, export: Run, program: Path, tmp_path: Path):
        (tmp_path / "cut.pt2").write_bytes(program.read_bytes()[:3000])
        with pytest.raises(WorkerError, match=r"cut\.pt2 is no readable zip archive"):
            export(tmp_path / "cut.pt2")

    def test_weights_are_not_taken(self, export: Run, program: Path):
        with pytest.raises(WorkerError, match="carries its own weights"):
            export(program, weights="x.pt")


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("Symbol('s0', positive=True, integer=True)", True),
        ("Mul(Integer(32), Symbol('s1', positive=True, integer=True))", True),
        ("2*s1 + 1", True),
        ("FloorDiv(s0, 2)", True),
        ("__import__('os')", False),
        ("s0.__class__", False),
        ("eval('1')", False),
        ("Symbol('s0', positive=open('x'))", False),
        ("(lambda: 1)()", False),
        ("[s0 for s0 in s1]", False),
    ],
)
def test_symbolic_sizes_are_arithmetic_only(text: str, plain: bool):
    assert is_plain_expression(text) is plain


class TestTorchScript:
    def test_exports_with_declared_inputs(self, export: Run, script: Path, tmp_path: Path):
        result = export(script, inputs=["image:float32[N,3,8,8]"])
        assert result["kind"] == "torchscript"
        assert result["outputs"] == [{"name": "output", "dtype": "float32", "shape": ["N", 4]}]
        assert worst_difference(tmp_path / "out") < 1e-6

    def test_a_checkpoint_is_told_apart_before_inputs_are_asked_for(self, export: Run, tmp_path: Path):
        torch.save({"weight": torch.zeros(2)}, tmp_path / "weights.pt")
        with pytest.raises(WorkerError, match=r"weights\.pt is a checkpoint") as raised:
            export(tmp_path / "weights.pt")
        assert "--weights" in str(raised.value.hint)

    def test_needs_its_inputs_declared(self, export: Run, script: Path):
        with pytest.raises(WorkerError, match="does not say its inputs' shapes"):
            export(script)

    def test_a_pickle_that_runs_code(self, export: Run, script: Path, sentinel: Path):
        with zipfile.ZipFile(io.BytesIO(saved(Payload(sentinel)))) as payload:
            data = payload.read("archive/data.pkl")
        evil = replace_members(script, script.with_name("evil.pt"), {"data.pkl": data})
        with pytest.raises(WorkerError) as raised:
            export(evil, inputs=["image:float32[N,3,8,8]"])
        assert raised.value.exit == 2
        assert not sentinel.exists()

    def test_code_that_writes_files(self, export: Run, script: Path, sentinel: Path):
        with zipfile.ZipFile(script) as archive:
            name = next(name for name in archive.namelist() if name.endswith("test_archives.py"))
            code = archive.read(name).decode()
        evil_code = code.replace("return ", f'torch.save(image, "{sentinel}")\n    return ', 1)
        assert evil_code != code
        evil = replace_members(
            script, script.with_name("evil.pt"), {name.partition("/")[2]: evil_code.encode()}
        )
        with pytest.raises(WorkerError, match=r"its code calls torch\.save"):
            export(evil, inputs=["image:float32[N,3,8,8]"])
        assert not sentinel.exists()

    def test_a_checkpoint_given_as_a_model_is_told_apart(self, export: Run, tmp_path: Path):
        torch.save(Small().state_dict(), tmp_path / "weights.pt")
        with pytest.raises(WorkerError, match="is a checkpoint"):
            export(tmp_path / "weights.pt", inputs=["image:float32[N,3,8,8]"])
