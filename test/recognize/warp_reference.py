"""OpenCV's warpAffine (bilinear, border 0): jobs as lines of JSON on stdin, `{image, matrix, size, out}`,
where image is an RGB array (`.npy`) and out the crop to write."""

import json
import sys
from pathlib import Path

import cv2
import numpy as np

for line in sys.stdin:
    job = json.loads(line)
    crop = cv2.warpAffine(
        np.load(job["image"]),
        np.array(job["matrix"], np.float64).reshape(2, 3),
        (job["size"], job["size"]),
        flags=cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_CONSTANT,
        borderValue=0,
    )
    with Path(job["out"]).open("wb") as file:
        np.save(file, crop)
