"""The built-in networks: their parameters' names, their weights, and what their exports compute."""

from pathlib import Path

import cv2
import numpy as np
import onnx
import onnxruntime
import pytest
import torch

from tests.conftest import Run
from tests.parity import worst_difference
from tk_worker.errors import WorkerError
from tk_worker.models.iresnet import IResNet
from tk_worker.models.random_weights import randomise
from tk_worker.models.registry import require_builtin
from tk_worker.sources import builtin

IMAGENET_MEAN, IMAGENET_DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
DLIB_MEAN = (122.782, 117.001, 104.298)


def crops(folder: Path) -> dict[str, np.ndarray]:
    """RGB float32 crops by the key that golden/embeddings.npz gives their photo (`name/photo.jpg`)."""
    images = {}
    for path in sorted(folder.glob("*/*.png")):
        stem, _, extension = path.stem.rpartition("_")
        images[f"{path.parent.name}/{stem}.{extension}"] = cv2.imread(str(path))[:, :, ::-1].astype(
            np.float32
        )
    return images


def embeddings(out: Path, images: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    session = onnxruntime.InferenceSession(str(out / "model.onnx"))
    return {
        key: session.run(["embedding"], {"image": image.transpose(2, 0, 1)[None].astype(np.float32)})[0][0]
        for key, image in images.items()
    }


def test_iresnet100_has_the_names_shapes_and_dtypes_of_magfaces_checkpoint(shared: Path):
    lines = (shared / "magface" / "iresnet100_state_dict.tsv").read_text().splitlines()
    published = [tuple(line.split("\t")) for line in lines]
    with torch.device("meta"):
        state = IResNet(100).state_dict()
    ours = [
        (key, str(list(value.shape)), str(value.dtype).removeprefix("torch.")) for key, value in state.items()
    ]
    assert ours == published


@pytest.mark.parametrize("depth", [18, 50])
def test_random_weights_keep_activations_in_bounds_and_embeddings_near_unit_length(depth: int):
    module = IResNet(depth).eval()
    randomise(module, 5, [(4, 3, 112, 112)])
    seen: list[float] = []
    for layer in (module.layer1, module.layer2, module.layer3, module.layer4):
        layer.register_forward_hook(lambda *args: seen.append(float(args[2].std())))
    with torch.no_grad():
        lengths = module(torch.randn(3, 3, 112, 112)).norm(dim=1)
    assert all(0.5 < deviation < 10 for deviation in seen)
    assert all(0.5 < length < 2 for length in lengths)


class TestMtcnn:
    @pytest.mark.parametrize(
        ("name", "input_shape", "outputs"),
        [
            ("mtcnn-pnet", ["N", 3, "H", "W"], {"probabilities": 4, "boxes": 4}),
            ("mtcnn-rnet", ["N", 3, 24, 24], {"probabilities": 2, "boxes": 2}),
            ("mtcnn-onet", ["N", 3, 48, 48], {"probabilities": 2, "boxes": 2, "landmarks": 2}),
        ],
    )
    def test_exports_with_the_packages_weights(
        self, export: Run, tmp_path: Path, name: str, input_shape: list, outputs: dict[str, int]
    ):
        result = export(name)
        assert result["inputs"] == [{"name": "image", "dtype": "float32", "shape": input_shape}]
        assert {spec["name"]: len(spec["shape"]) for spec in result["outputs"]} == outputs
        assert list(outputs) == [spec["name"] for spec in result["outputs"]]
        assert all(spec["shape"][0] == "N" for spec in result["outputs"])
        assert result["weights"]["kind"] == "package"
        assert result["opset"] == 17
        assert worst_difference(tmp_path / "out") < 1e-5

    def test_pnet_runs_at_any_size(self, export: Run, tmp_path: Path):
        export("mtcnn-pnet")
        session = onnxruntime.InferenceSession(str(tmp_path / "out" / "model.onnx"))
        for height, width in ((12, 12), (31, 200), (240, 77)):
            image = np.zeros((1, 3, height, width), np.float32)
            probabilities, boxes = session.run(["probabilities", "boxes"], {"image": image})
            assert boxes.shape[2:] == probabilities.shape[2:]
            assert boxes.shape[2] == -(-(height - 2) // 2) - 4

    def test_rnet_tells_real_faces_from_grey(self, shared: Path, export: Run, tmp_path: Path):
        export("mtcnn-rnet")
        session = onnxruntime.InferenceSession(str(tmp_path / "out" / "model.onnx"))
        faces = [
            cv2.resize(image, (24, 24), interpolation=cv2.INTER_AREA)
            for image in crops(shared / "golden" / "a112").values()
        ]
        grey = np.full((24, 24, 3), 127.0, np.float32)
        batch = np.stack([*faces, grey]).transpose(0, 3, 1, 2)
        (probabilities,) = session.run(["probabilities"], {"image": (batch - 127.5) / 128})
        assert probabilities[:-1, 1].mean() > 0.9
        assert probabilities[-1, 1] < 0.1


def test_dlib_face_gives_the_golden_embeddings(shared: Path, face_api: Path, export: Run, tmp_path: Path):
    result = export("dlib-face", packageWeights={"dlib-face": str(face_api)})
    assert result["profile"] == "dlib-face"
    assert worst_difference(tmp_path / "out") < 1e-5
    golden = np.load(shared / "golden" / "embeddings.npz")
    expected = dict(zip(golden["keys"], golden["dlib_u8"], strict=True))
    images = {key: (image - DLIB_MEAN) / 256 for key, image in crops(shared / "golden" / "a150").items()}
    actual = embeddings(tmp_path / "out", images)
    assert len(actual) >= 20
    assert max(np.abs(actual[key] - expected[key]).max() for key in actual) < 1e-5


def test_mobilefacenet_gives_the_golden_embeddings(shared: Path, export: Run, tmp_path: Path):
    weights = shared / "weights" / "foamliu_mobilefacenet" / "mobilefacenet.pt"
    result = export("mobilefacenet", weights=str(weights))
    assert (result["dropped"], result["missing"], result["profile"]) == ([], [], "mobilefacenet")
    golden = np.load(shared / "golden" / "embeddings.npz")
    expected = dict(zip(golden["keys"], golden["foamliu"], strict=True))
    images = crops(shared / "golden" / "a112")
    normalised = {key: (image / 255 - IMAGENET_MEAN) / IMAGENET_DEVIATION for key, image in images.items()}
    actual = embeddings(tmp_path / "out", normalised)
    assert len(actual) >= 20
    # The embeddings are 15 to 21 long.
    assert max(np.abs(actual[key] - expected[key]).max() for key in actual) < 1e-4


class TestWeightsOfBuiltins:
    def test_one_that_no_package_carries_needs_weights(self, export: Run):
        with pytest.raises(WorkerError, match="no package carries weights for magface-iresnet18") as raised:
            export("magface-iresnet18")
        assert "--random-weights" in str(raised.value.hint)

    def test_random_weights_are_recorded_and_the_same_seed_gives_the_same_bytes(
        self, export: Run, tmp_path: Path
    ):
        out = tmp_path / "out"
        result = export("mobilefacenet", randomWeights=True, seed=3)
        first = (out / "model.onnx").read_bytes(), (out / "reference.npz").read_bytes()
        assert result["weights"] == {"kind": "random", "name": "random", "sha256": None, "seed": 3}
        export("mobilefacenet", randomWeights=True, seed=3)
        assert (out / "model.onnx").read_bytes() == first[0]
        with np.load(out / "reference.npz") as again:
            assert set(again.files) == {
                f"b{n}/{io}" for n in (1, 2, 5) for io in ("in/image", "out/embedding")
            }
        export("mobilefacenet", randomWeights=True, seed=4)
        assert (out / "model.onnx").read_bytes() != first[0]
        assert worst_difference(out) < 1e-5

    def test_magfaces_declare_the_tolerances_that_the_scale_of_trained_weights_needs(self, tmp_path: Path):
        path = tmp_path / "magface.pth"
        torch.save({"state_dict": require_builtin("magface-iresnet18").build().state_dict()}, path)
        request = {"source": "magface-iresnet18", "weights": str(path)}
        assert builtin.load(request).tolerances == {"atol": 2e-4, "rtol": 1e-3}
        # These are scaled to outputs of length 1, which the usual tolerances fit.
        assert builtin.load({"source": "magface-iresnet18", "randomWeights": True}).tolerances is None

    def test_dlib_face_without_its_package_is_an_environment_error(self, export: Run, tmp_path: Path):
        with pytest.raises(WorkerError, match="@vladmandic/face-api") as raised:
            export("dlib-face", packageWeights={"dlib-face": str(tmp_path)})
        assert raised.value.exit == 3

    def test_an_unknown_name_lists_the_known_ones(self, export: Run):
        with pytest.raises(WorkerError, match="`resnet` is no built-in") as raised:
            export("resnet")
        assert "mtcnn-pnet" in str(raised.value.hint)


def test_the_file_holds_no_trace_of_this_machine(export: Run, tmp_path: Path):
    export("mtcnn-rnet")
    model = onnx.load(tmp_path / "out" / "model.onnx")
    assert not any(node.doc_string for node in model.graph.node)
    assert str(Path(__file__).parents[2]).encode() not in model.SerializeToString()
