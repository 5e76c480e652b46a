"""facenet-pytorch's own detector: its networks, weights and cascade.

The package imports torchvision, which does not go with this torch: its non-maximum suppression is given here.

As a program: paths of RGB images (`.npy`, uint8 [H, W, 3]) on stdin, one a line; for each a line of JSON with
every face's box, probability and landmarks in the image's pixels.
"""

import importlib.util
import json
import sys
import types
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch


def _batched_nms(
    boxes: torch.Tensor, scores: torch.Tensor, _groups: torch.Tensor, threshold: float
) -> torch.Tensor:
    """torchvision.ops.boxes.batched_nms for one group."""
    box = boxes.numpy()
    area = (box[:, 2] - box[:, 0]) * (box[:, 3] - box[:, 1])
    dropped = np.zeros(len(box), bool)
    kept = []
    for i in np.argsort(-scores.numpy(), kind="stable"):
        if dropped[i]:
            continue
        kept.append(i)
        width = np.minimum(box[i, 2], box[:, 2]) - np.maximum(box[i, 0], box[:, 0])
        height = np.minimum(box[i, 3], box[:, 3]) - np.maximum(box[i, 1], box[:, 1])
        shared = np.maximum(0, width) * np.maximum(0, height)
        dropped |= shared / (area[i] + area - shared) > threshold
    return torch.tensor(kept, dtype=torch.long)


def _load() -> tuple[Any, list[Any]]:
    """The package's `detect_face` and its three networks with their weights."""
    for name in ("torchvision", "torchvision.transforms", "torchvision.ops", "torchvision.ops.boxes", "PIL"):
        sys.modules.setdefault(name, types.ModuleType(name))
    sys.modules["torchvision.transforms"].functional = types.ModuleType("functional")  # type: ignore[attr-defined]
    sys.modules["torchvision.ops.boxes"].batched_nms = _batched_nms  # type: ignore[attr-defined]
    sys.modules["PIL"].Image = types.ModuleType("PIL.Image")  # type: ignore[attr-defined]
    spec = importlib.util.find_spec("facenet_pytorch")
    if spec is None or spec.origin is None:
        raise SystemExit("the Python package facenet-pytorch is not installed")
    root = Path(spec.origin).parent / "models"
    package = types.ModuleType("facenet_models")
    package.__path__ = [str(root)]
    sys.modules["facenet_models"] = package
    detect_face = importlib.import_module("facenet_models.utils.detect_face").detect_face
    # The module's other half needs more of torchvision than there is: only the networks are taken.
    source = (root / "mtcnn.py").read_text()
    names: dict[str, Any] = {"torch": torch, "nn": torch.nn, "np": np, "__file__": str(root / "mtcnn.py")}
    names["os"] = importlib.import_module("os")
    exec(source[source.index("class PNet") : source.index("class MTCNN")], names)
    return detect_face, [names[name]().eval() for name in ("PNet", "RNet", "ONet")]


_DETECT_FACE, _NETWORKS = _load()


def detect(image: np.ndarray) -> list[dict[str, Any]]:
    """The faces of an RGB image, searched as tk's facenet profile searches: shrunk to 1,000 pixels by area,
    smallest face 20 below 500 pixels wide and high, else 30."""
    height, width = image.shape[:2]
    scale = min(1.0, 1000 / max(height, width))
    if scale < 1:
        image = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    smallest = 20 if max(image.shape[:2]) < 500 else 30
    with torch.no_grad():
        (boxes,), (points,) = _DETECT_FACE([image], smallest, *_NETWORKS, [0.6, 0.7, 0.7], 0.709, "cpu")
    x, y = width / image.shape[1], height / image.shape[0]
    return [
        {
            "box": [float(box[0]) * x, float(box[1]) * y, float(box[2]) * x, float(box[3]) * y],
            "score": float(box[4]),
            "landmarks": [[float(px) * x, float(py) * y] for px, py in face],
        }
        for box, face in zip(boxes, points, strict=True)
    ]


if __name__ == "__main__":
    for line in sys.stdin:
        print(json.dumps(detect(np.load(line.rstrip("\n")))), flush=True)
