"""Built-in networks by name: how each is built, its inputs and outputs, and where its weights come from."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from tk_worker.errors import WorkerError, environment_error
from tk_worker.specs import InputSpec

if TYPE_CHECKING:
    import torch
    from torch import nn

PackageFolders = dict[str, str]


@dataclass(frozen=True)
class PackageWeights:
    """Weights that a registry package carries: their label, where they stand, which files they are, how to
    read them."""

    label: str
    locate: Callable[[PackageFolders], Path]
    files: Callable[[Path], list[Path]]
    read: "Callable[[Path], dict[str, torch.Tensor]]"


@dataclass(frozen=True)
class Builtin:
    """A built-in network. `drops`: key prefixes of a published checkpoint that the network does not use, by
    declaration; `sizes`: two sizes for each dynamic dimension beside the batch; `tolerances`: what outputs of
    trained weights' scale need of the parity gate, where the usual would refuse rounding."""

    build: "Callable[[], nn.Module]"
    inputs: tuple[InputSpec, ...]
    outputs: tuple[str, ...]
    profile: str | None = None
    package: PackageWeights | None = None
    drops: tuple[str, ...] = ()
    sizes: dict[str, tuple[int, int]] = field(default_factory=dict)
    tolerances: dict[str, float] | None = None


def _iresnet(depth: int) -> "nn.Module":
    from tk_worker.models.iresnet import IResNet

    return IResNet(depth)


def _mtcnn(name: str) -> "nn.Module":
    from tk_worker.models import mtcnn

    network: nn.Module = getattr(mtcnn, name)()
    return network


def _dlib_face() -> "nn.Module":
    from tk_worker.models.dlib_face import DlibFace

    return DlibFace()


def _mobilefacenet() -> "nn.Module":
    from tk_worker.models.mobilefacenet import MobileFaceNet

    return MobileFaceNet()


def _retinaface() -> "nn.Module":
    from tk_worker.models.retinaface import RetinaFace

    return RetinaFace()


def _facenet_file(file: str, _folders: PackageFolders) -> Path:
    # find_spec of a top-level package does not import it: facenet_pytorch would want an older torch.
    spec = find_spec("facenet_pytorch")
    path = Path(spec.origin).parent / "data" / file if spec and spec.origin else None
    if path is None or not path.is_file():
        raise environment_error(
            "missing-package-weights",
            f"the Python package facenet-pytorch, which carries {file}, is not installed",
        )
    return path


def _read_checkpoint(path: Path) -> "dict[str, torch.Tensor]":
    from tk_worker.checkpoints import read_state_dict

    return read_state_dict(path)


def _face_api_manifest(folders: PackageFolders) -> Path:
    from tk_worker.models.dlib_face import MANIFEST

    folder = folders.get("dlib-face")
    path = Path(folder) / MANIFEST if folder else None
    if path is None or not path.is_file():
        raise environment_error(
            "missing-package-weights",
            "the npm package @vladmandic/face-api, which carries dlib-face's weights, is not installed",
        )
    return path


def _face_api_files(path: Path) -> list[Path]:
    return [path, path.with_name("face_recognition_model.bin")]


def _read_face_api(path: Path) -> "dict[str, torch.Tensor]":
    from tk_worker.models.dlib_face import read_face_api_weights

    return read_face_api_weights(path.parent)


def _image(*shape: int | str) -> tuple[InputSpec, ...]:
    return (InputSpec("image", "float32", shape),)


def _facenet(file: str) -> PackageWeights:
    return PackageWeights(
        f"facenet-pytorch: {file}", partial(_facenet_file, file), lambda path: [path], _read_checkpoint
    )


# Beside the network, MagFace's checkpoints hold the training head (`fc.*` once the wrapper's prefix is off).
_MAGFACE_DROPS = ("fc.",)

# MagFace's embeddings have a length of 20 to 30, elements of about 1: where one is near zero, what rounding
# leaves of a hundred layers' sums in float32 is beyond an absolute 1e-5.
_MAGFACE_TOLERANCES = {"atol": 2e-4, "rtol": 1e-3}

# Offsets count in tenths of an anchor, of up to 512 pixels: 1e-4 of one are 0.005 pixels.
_RETINAFACE_TOLERANCES = {"atol": 1e-4, "rtol": 1e-3}

BUILTINS: dict[str, Builtin] = {
    **{
        f"magface-iresnet{depth}": Builtin(
            build=partial(_iresnet, depth),
            inputs=_image("N", 3, 112, 112),
            outputs=("embedding",),
            profile="magface",
            drops=_MAGFACE_DROPS,
            tolerances=_MAGFACE_TOLERANCES,
        )
        for depth in (18, 50, 100)
    },
    "mtcnn-pnet": Builtin(
        build=partial(_mtcnn, "PNet"),
        inputs=_image("N", 3, "H", "W"),
        outputs=("probabilities", "boxes"),
        package=_facenet("pnet.pt"),
        sizes={"H": (48, 37), "W": (64, 51)},
    ),
    "mtcnn-rnet": Builtin(
        build=partial(_mtcnn, "RNet"),
        inputs=_image("N", 3, 24, 24),
        outputs=("probabilities", "boxes"),
        package=_facenet("rnet.pt"),
    ),
    "mtcnn-onet": Builtin(
        build=partial(_mtcnn, "ONet"),
        inputs=_image("N", 3, 48, 48),
        outputs=("probabilities", "boxes", "landmarks"),
        package=_facenet("onet.pt"),
    ),
    "retinaface-mobilenet": Builtin(
        build=_retinaface,
        inputs=_image("N", 3, "H", "W"),
        outputs=("probabilities", "boxes", "landmarks"),
        sizes={"H": (96, 75), "W": (64, 85)},
        tolerances=_RETINAFACE_TOLERANCES,
    ),
    "dlib-face": Builtin(
        build=_dlib_face,
        inputs=_image("N", 3, 150, 150),
        outputs=("embedding",),
        profile="dlib-face",
        package=PackageWeights(
            "@vladmandic/face-api: face_recognition_model",
            _face_api_manifest,
            _face_api_files,
            _read_face_api,
        ),
    ),
    "mobilefacenet": Builtin(
        build=_mobilefacenet,
        inputs=_image("N", 3, 112, 112),
        outputs=("embedding",),
        profile="mobilefacenet",
    ),
}


def require_builtin(name: str) -> Builtin:
    """The built-in of that name. Throws WorkerError `unknown-source`."""
    if name not in BUILTINS:
        raise WorkerError(
            "unknown-source",
            f"`{name}` is no built-in network, file.py:factory, package.module:factory, .pt2 or .pt file",
            f"built-in networks: {', '.join(BUILTINS)}",
        )
    return BUILTINS[name]
