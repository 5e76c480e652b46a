"""RetinaFace in PyTorch with its output decoded in Python, written apart from tk's own decoding.

Paths of RGB images (`.npy`, uint8 [H, W, 3]) on stdin, a line of JSON each. Arguments: checkpoint, and
anchor sizes as JSON.
"""

import json
import sys
from itertools import product
from math import ceil
from pathlib import Path

import numpy as np
import torch

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "python"))
from tk_worker.models.retinaface import RetinaFace

checkpoint, sizes = sys.argv[1], json.loads(sys.argv[2])
network = RetinaFace()
state = torch.load(checkpoint, map_location="cpu", weights_only=True)
network.load_state_dict({key.removeprefix("module."): value for key, value in state.items()}, strict=True)
network.eval()


def priors(height: int, width: int) -> np.ndarray:
    """Centre and sides of each anchor, as shares of the image's sides."""
    rows = []
    for step, of_step in zip((8, 16, 32), sizes, strict=True):
        for i, j in product(range(ceil(height / step)), range(ceil(width / step))):
            for size in of_step:
                rows.append(
                    [(j + 0.5) * step / width, (i + 0.5) * step / height, size / width, size / height]
                )
    return np.array(rows)


def suppress(boxes: np.ndarray, scores: np.ndarray) -> list[int]:
    kept: list[int] = []
    area = (boxes[:, 2] - boxes[:, 0] + 1) * (boxes[:, 3] - boxes[:, 1] + 1)
    order = list(np.argsort(scores, kind="stable")[::-1])
    while order:
        best, order = order[0], order[1:]
        kept.append(int(best))
        low = np.maximum(boxes[best, :2], boxes[order, :2]) if order else np.empty((0, 2))
        high = np.minimum(boxes[best, 2:], boxes[order, 2:]) if order else np.empty((0, 2))
        shared = np.prod(np.maximum(0, high - low + 1), axis=1)
        overlap = shared / (area[best] + area[order] - shared)
        order = [index for index, value in zip(order, overlap, strict=True) if value <= 0.4]
    return kept


for line in sys.stdin:
    image = np.load(line.rstrip("\n"))
    height, width = image.shape[:2]
    bgr = image[:, :, ::-1].astype(np.float32) - np.array([104, 117, 123], np.float32)
    with torch.no_grad():
        outputs = network(torch.from_numpy(bgr.transpose(2, 0, 1)[None].copy()))
    probabilities, offsets, points = (value[0].numpy().astype(np.float64) for value in outputs)
    prior = priors(height, width)
    centre = prior[:, :2] + offsets[:, :2] * 0.1 * prior[:, 2:]
    side = prior[:, 2:] * np.exp(offsets[:, 2:] * 0.2)
    boxes = np.concatenate([centre - side / 2, centre + side / 2], axis=1) * [width, height, width, height]
    marks = prior[:, None, :2] + points.reshape(-1, 5, 2) * 0.1 * prior[:, None, 2:]
    marks = marks * [width, height]
    found = probabilities[:, 1] > 0.6
    boxes, marks, scores = boxes[found], marks[found], probabilities[found, 1]
    faces = [
        {"box": boxes[i].tolist(), "landmarks": marks[i].tolist(), "score": float(scores[i])}
        for i in suppress(boxes, scores)
    ]
    print(json.dumps(faces), flush=True)
