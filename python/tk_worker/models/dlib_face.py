"""dlib's face embedder (King 2017, dlib_face_recognition_resnet_model_v1) and its weights as face-api
carries them.

RGB, 150 × 150, already (x − (122.782, 117.001, 104.298)) / 256, which is the recognition profile's part.
dlib's
per-channel affine layers are folded into the convolutions before them when the weights are read.
"""

import json
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from tk_worker.errors import WorkerError

MANIFEST = "face_recognition_model-weights_manifest.json"

# Stages of residual blocks: (name of the first block, input channels, output channels, further blocks).
_STAGES = (("64", 32, 64, 3), ("128", 64, 128, 2), ("256", 128, 256, 2))


class Residual(nn.Module):
    """relu(conv(relu(conv(x))) + x), the shape unchanged."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(channels, channels, 3, padding=1)
        self.conv2 = nn.Conv2d(channels, channels, 3, padding=1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.relu(self.conv2(torch.relu(self.conv1(x))) + x)


class ResidualDown(nn.Module):
    """Halves the image: the shortcut is an average pool with zero channels appended; the smaller of the
    two images
    is padded with zeros below and at the right, as dlib adds tensors of unequal size."""

    def __init__(self, in_channels: int, out_channels: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, out_channels, 3, stride=2)
        self.conv2 = nn.Conv2d(out_channels, out_channels, 3, padding=1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        out = self.conv2(torch.relu(self.conv1(x)))
        shortcut = functional.avg_pool2d(x, 2, 2)
        missing_channels = int(out.shape[1]) - int(shortcut.shape[1])
        if missing_channels:
            shortcut = functional.pad(shortcut, (0, 0, 0, 0, 0, missing_channels))
        below = int(shortcut.shape[2]) - int(out.shape[2])
        right = int(shortcut.shape[3]) - int(out.shape[3])
        if below or right:
            out = functional.pad(out, (0, right, 0, below))
        return torch.relu(out + shortcut)


class DlibFace(nn.Module):
    """[N, 3, 150, 150] → [N, 128]."""

    def __init__(self) -> None:
        super().__init__()
        self.conv32_down = nn.Conv2d(3, 32, 7, stride=2)
        self.conv32 = nn.Sequential(*(Residual(32) for _ in range(3)))
        for name, in_channels, out_channels, blocks in _STAGES:
            self.add_module(f"conv{name}_down", ResidualDown(in_channels, out_channels))
            self.add_module(f"conv{name}", nn.Sequential(*(Residual(out_channels) for _ in range(blocks))))
        self.conv256_down_out = ResidualDown(256, 256)
        self.fc = nn.Linear(256, 128, bias=False)

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        x = functional.max_pool2d(torch.relu(self.conv32_down(image)), 3, 2)
        x = self.conv32(x)
        for name, *_ in _STAGES:
            x = getattr(self, f"conv{name}")(getattr(self, f"conv{name}_down")(x))
        x = self.conv256_down_out(x)
        return self.fc(x.mean(dim=(2, 3)))


def read_face_api_weights(folder: Path) -> dict[str, torch.Tensor]:
    """State dict of `DlibFace` from face-api's quantised files: uint8 q stands for q · scale + min.

    Throws WorkerError `missing-package-weights` where a file is missing or is not what the manifest says.
    """
    tensors = _dequantise(folder)
    state: dict[str, torch.Tensor] = {}
    for source in {name.rsplit("/", 2)[0] for name in tensors if name.endswith("/conv/filters")}:
        weight, bias = _fold(tensors, source)
        target = _target_name(source)
        state[f"{target}.weight"] = weight
        state[f"{target}.bias"] = bias
    state["fc.weight"] = tensors["fc"].t().contiguous()
    return state


def _fold(tensors: dict[str, torch.Tensor], source: str) -> tuple[torch.Tensor, torch.Tensor]:
    scale = tensors[f"{source}/scale/weights"]
    weight = tensors[f"{source}/conv/filters"].permute(3, 2, 0, 1) * scale[:, None, None, None]
    bias = tensors[f"{source}/conv/bias"] * scale + tensors[f"{source}/scale/biases"]
    return weight.contiguous(), bias


def _target_name(source: str) -> str:
    """`conv64_1/conv2` → `conv64.0.conv2`; `conv64_down/conv1` → `conv64_down.conv1`; `conv32_down` stays."""
    block, _, conv = source.partition("/")
    stage, _, index = block.rpartition("_")
    module = f"{stage}.{int(index) - 1}" if index.isdigit() else block
    return f"{module}.{conv}" if conv else module


def _dequantise(folder: Path) -> dict[str, torch.Tensor]:
    try:
        (group,) = json.loads((folder / MANIFEST).read_text("utf-8"))
        data = b"".join((folder / Path(path).name).read_bytes() for path in group["paths"])
        return dict(_read_tensors(group["weights"], data))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise WorkerError(
            "missing-package-weights",
            f"dlib-face's weights cannot be read from {folder}: {error}",
            "run: tk setup",
            exit=3,
        ) from error


def _read_tensors(entries: list[dict[str, Any]], data: bytes) -> list[tuple[str, torch.Tensor]]:
    tensors: list[tuple[str, torch.Tensor]] = []
    offset = 0
    for entry in entries:
        count = int(np.prod(entry["shape"]))
        values, size = _read_values(entry, data, offset, count)
        tensors.append((entry["name"], torch.from_numpy(values.reshape(entry["shape"]))))
        offset += size
    if offset != len(data):
        raise ValueError(f"{len(data)} bytes where the manifest describes {offset}")
    return tensors


def _read_values(entry: dict[str, Any], data: bytes, offset: int, count: int) -> tuple[np.ndarray, int]:
    quantization = entry.get("quantization")
    if quantization is None:
        return np.frombuffer(data, np.float32, count, offset).copy(), 4 * count
    values = np.frombuffer(data, np.uint8, count, offset).astype(np.float32)
    return values * np.float32(quantization["scale"]) + np.float32(quantization["min"]), count
