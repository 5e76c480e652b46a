"""facenet-pytorch's own detection on the photos given; prints faces and milliseconds a photo as JSON.

The package imports torchvision, which does not go with this torch: its non-maximum suppression is given here.
"""

import json
import sys
import time
import types
from pathlib import Path

import cv2
import numpy as np
import torch


def batched_nms(boxes, scores, groups, threshold):  # noqa: ANN001, ANN201
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


for name in ("torchvision", "torchvision.transforms", "torchvision.ops", "torchvision.ops.boxes", "PIL"):
    sys.modules[name] = types.ModuleType(name)
sys.modules["torchvision.transforms"].functional = types.ModuleType("functional")
sys.modules["torchvision.ops.boxes"].batched_nms = batched_nms
sys.modules["PIL"].Image = types.ModuleType("PIL.Image")

import importlib.util  # noqa: E402

root = Path(importlib.util.find_spec("facenet_pytorch").origin).parent / "models"
package = types.ModuleType("peer")
package.__path__ = [str(root)]
sys.modules["peer"] = package
from peer.utils.detect_face import detect_face  # noqa: E402

source = (root / "mtcnn.py").read_text()
namespace = {
    "torch": torch,
    "nn": torch.nn,
    "np": np,
    "os": __import__("os"),
    "__file__": str(root / "mtcnn.py"),
}
exec(source[source.index("class PNet") : source.index("class MTCNN")], namespace)
networks = [namespace[name]().eval() for name in ("PNet", "RNet", "ONet")]


def detect(path: str) -> int:
    """Number of faces, searched as tk's facenet profile searches."""
    image = cv2.imread(path)[:, :, ::-1].copy()
    scale = min(1, 1000 / max(image.shape[:2]))
    if scale < 1:
        image = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    smallest = 20 if max(image.shape[:2]) < 500 else 30
    with torch.no_grad():
        boxes, _ = detect_face([image], smallest, *networks, [0.6, 0.7, 0.7], 0.709, "cpu")
    return len(boxes[0])


detect(sys.argv[1])
results = []
for photo in sys.argv[1:]:
    started = time.perf_counter()
    faces = detect(photo)
    results.append({"photo": photo, "faces": faces, "ms": (time.perf_counter() - started) * 1000})
print(json.dumps(results))
