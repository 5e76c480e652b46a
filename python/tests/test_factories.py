"""`file.py:factory`: the user's own code, several inputs and outputs, and one clear line for each mistake."""

import sys
import textwrap
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch

from tests.conftest import ROOT, Run
from tests.parity import worst_difference
from tk_worker.errors import WorkerError
from tk_worker.files import sha256
from tk_worker.onnx_file import save

IMAGE = ["image:float32[N,3,8,8]"]
TOWERS = ["ids:int64[N,6]=0..19", "mask:float32[N,6]", "pixels:float32[N,2,4,4]"]
TWO_TOWERS = f"{ROOT}/fixtures/two_towers/two_towers.py:build"

count = iter(range(1000))


@pytest.fixture
def write(tmp_path: Path):
    """Writes a module and gives its path; each has a name of its own, since Python keeps imported modules."""

    def write_module(text: str) -> Path:
        path = tmp_path / f"user_model_{next(count)}.py"
        path.write_text("import torch\nfrom torch import nn\n" + textwrap.dedent(text))
        return path

    return write_module


def test_package_module_is_found_in_the_users_module_path_but_shadows_no_locked_package(
    export: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    package = tmp_path / "lib" / "users_package"
    package.mkdir(parents=True)
    (tmp_path / "lib" / "onnxruntime.py").write_text("raise RuntimeError('shadowed')")
    (package / "__init__.py").touch()
    (package / "model.py").write_text("import onnxruntime, torch\nmake = torch.nn.ReLU\n")
    monkeypatch.setattr("sys.path", [*sys.path])
    monkeypatch.delitem(sys.modules, "onnxruntime", raising=False)
    result = export("users_package.model:make", inputs=["x:float32[N,4]"], modulePath=[str(tmp_path / "lib")])
    assert result["kind"] == "factory"
    assert str(package / "model.py") in [file["path"] for file in result["importedFiles"]]


class TestSeveralInputsAndOutputs:
    def test_names_dtypes_and_values_are_kept(self, export: Run, tmp_path: Path):
        result = export(TWO_TOWERS, inputs=TOWERS)
        assert result["kind"] == "factory"
        assert result["inputs"] == [
            {"name": "ids", "dtype": "int64", "shape": ["N", 6]},
            {"name": "mask", "dtype": "float32", "shape": ["N", 6]},
            {"name": "pixels", "dtype": "float32", "shape": ["N", 2, 4, 4]},
        ]
        assert result["outputs"] == [
            {"name": "score", "dtype": "float32", "shape": ["N", 3]},
            {"name": "best", "dtype": "int64", "shape": ["N"]},
        ]
        assert result["inputRanges"] == {"ids": [0, 19]}
        assert worst_difference(tmp_path / "out") < 1e-6
        with np.load(tmp_path / "out" / "reference.npz") as reference:
            assert 10 < reference["b5/in/ids"].max() < 20

    def test_a_range_for_integers_is_found_where_none_is_declared(self, export: Run):
        result = export(TWO_TOWERS, inputs=["ids:int64[N,6]", *TOWERS[1:]])
        assert result["inputRanges"] == {"ids": [0, 9]}

    def test_inputs_meet_parameters_by_name_whatever_their_order(self, export: Run, tmp_path: Path):
        result = export(TWO_TOWERS, inputs=[TOWERS[2], TOWERS[0], TOWERS[1]])
        assert [spec["name"] for spec in result["inputs"]] == ["pixels", "ids", "mask"]
        assert worst_difference(tmp_path / "out") < 1e-6

    def test_an_input_that_forward_needs_and_nobody_declares(self, export: Run):
        with pytest.raises(WorkerError, match="also needs the input pixels"):
            export(TWO_TOWERS, inputs=TOWERS[:2])

    def test_a_dictionary_names_the_outputs(self, export: Run, tmp_path: Path):
        source, weights = ROOT / "fixtures/tiny_face/tiny_face.py", ROOT / "fixtures/tiny_face/tiny_face.pt"
        result = export(f"{source}:build", weights=str(weights), inputs=["image:float32[N,3,32,32]"])
        assert [spec["name"] for spec in result["outputs"]] == ["embedding", "quality"]
        assert result["dropped"] == ["epoch"]
        assert result["weights"] == {
            "kind": "file",
            "name": "tiny_face.pt",
            "sha256": sha256(weights),
            "seed": None,
        }
        assert worst_difference(tmp_path / "out") < 1e-5

    def test_named_tuples_and_nesting(self, export: Run, write):
        source = write("""
            from typing import NamedTuple
            class Out(NamedTuple):
                low: torch.Tensor
                rest: tuple
            class M(nn.Module):
                def forward(self, image):
                    return Out(image.amin((1, 2, 3)), (image.mean((2, 3)), image.amax((2, 3))))
        """)
        result = export(f"{source}:M", inputs=IMAGE)
        assert [spec["name"] for spec in result["outputs"]] == ["low", "rest_0", "rest_1"]

    def test_plain_tuples_are_numbered(self, export: Run, write):
        source = write("""
            class M(nn.Module):
                def forward(self, image):
                    return image + 1, image.mean(1)
        """)
        result = export(f"{source}:M", inputs=IMAGE)
        assert [spec["name"] for spec in result["outputs"]] == ["output_0", "output_1"]


class TestDimensions:
    def test_dynamic_height_follows_through(self, export: Run, write, tmp_path: Path):
        source = write(
            "class M(nn.Module):\n    def forward(self, image):\n        return image * 2, image[:, :, ::2]\n"
        )
        result = export(f"{source}:M", inputs=["image:float32[N,3,H,W]"])
        assert [spec["shape"] for spec in result["outputs"]] == [
            ["N", 3, "H", "W"],
            ["N", 3, "output_1_dim2", "W"],
        ]
        assert worst_difference(tmp_path / "out") == 0

    def test_a_static_batch_gives_a_reference_of_that_batch_alone(self, export: Run, write, tmp_path: Path):
        source = write("class M(nn.Module):\n    def forward(self, image):\n        return image * 2\n")
        result = export(f"{source}:M", inputs=["image:float32[4,3]"])
        assert result["batches"] == [4]
        with np.load(tmp_path / "out" / "reference.npz") as reference:
            assert sorted(reference.files) == ["b4/in/image", "b4/out/output"]

    def test_a_model_that_freezes_the_batch_is_an_error(self, export: Run, write):
        source = write("""
            class M(nn.Module):
                def forward(self, image):
                    n = int(image.shape[0])
                    return image.reshape(n, -1) * torch.ones(n, 1)
        """)
        with pytest.raises(WorkerError, match="works at the example's sizes only") as raised:
            export(f"{source}:M", inputs=IMAGE)
        assert (raised.value.code, raised.value.exit) == ("export-froze-size", 4)

    def test_opset_is_honoured(self, export: Run, write):
        source = write("class M(nn.Module):\n    def forward(self, image):\n        return image * 2\n")
        assert export(f"{source}:M", inputs=IMAGE, opset=13)["opset"] == 13

    def test_weights_past_the_limit_stand_beside_the_file(self, tmp_path: Path):
        model = onnx.load(ROOT / "fixtures/tiny_face/model.onnx")
        save(model, tmp_path, threshold=10_000)
        assert (tmp_path / "model.onnx").stat().st_size < 10_000
        assert (tmp_path / "model.onnx.data").stat().st_size > 10_000
        onnx.checker.check_model(str(tmp_path / "model.onnx"), full_check=True)


class TestMistakes:
    @pytest.mark.parametrize(
        ("text", "factory", "message"),
        [
            ("def build():\n    return 3\n", "build", r"returned int, not a torch\.nn\.Module"),
            (
                "def build():\n    raise ValueError('no such size')\n",
                "build",
                r":4: ValueError: no such size",
            ),
            ("def build():\n    raise SystemExit(1)\n", "build", r"raised at .*:4: SystemExit: 1"),
            ("def build():\n    return nn.Linear(1, 1)\n", "biuld", r"no function `biuld`; it has: build"),
            ("import not_a_module\n", "build", r"cannot be imported: at .*:3: ModuleNotFoundError"),
            ("def build(:\n", "build", r"cannot be imported: at .*:3: SyntaxError"),
            ("def build(size):\n    return nn.Linear(size, 1)\n", "build", r"TypeError: build\(\) missing 1"),
        ],
    )
    def test_factory(self, export: Run, write, text: str, factory: str, message: str):
        source = write(text)
        with pytest.raises(WorkerError, match=message) as raised:
            export(f"{source}:{factory}", inputs=IMAGE)
        assert raised.value.exit == 2
        assert source.name.partition(".")[0] in raised.value.message
        assert "\n" not in raised.value.message

    def test_a_file_that_is_not_there(self, export: Run):
        with pytest.raises(WorkerError, match=r"there is no file nowhere\.py"):
            export("nowhere.py:build", inputs=IMAGE)

    def test_a_shape_that_the_model_cannot_take(self, export: Run, write):
        source = write("def build():\n    return nn.Linear(5, 2)\n")
        with pytest.raises(
            WorkerError, match=r"does not run on input:float32\[N, 7\]: RuntimeError: mat1 and mat2"
        ):
            export(f"{source}:build", inputs=["input:float32[N,7]"])

    @pytest.mark.parametrize(
        ("inputs", "message"),
        [
            (["image"], "cannot be read"),
            (["image:float31[N]"], "unknown dtype float31"),
            (["image:float32[N,-3]"], "neither a size nor a symbol"),
            (["x:float32[N]", "x:float32[N]"], "declared twice"),
            ([], "needs its inputs declared"),
        ],
    )
    def test_input_declarations(self, export: Run, write, inputs: list[str], message: str):
        source = write("def build():\n    return nn.Linear(5, 2)\n")
        with pytest.raises(WorkerError, match=message):
            export(f"{source}:build", inputs=inputs)


def test_imported_files_are_listed_with_their_hashes(export: Run, write, tmp_path: Path):
    helper = write("SIZE = 5\n")
    source = write(f"from {helper.stem} import SIZE\ndef build():\n    return nn.Linear(SIZE, 2)\n")
    imported = export(f"{source}:build", inputs=["input:float32[N,5]"])["importedFiles"]
    files = {entry["path"]: entry["sha256"] for entry in imported}
    assert files[str(helper)] == sha256(helper)
    assert files[str(source)] == sha256(source)
    assert not any("site-packages" in path for path in files)
    assert torch.__file__ not in files
