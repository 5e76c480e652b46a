"""One peer's detection and one-shot recognition on photos, for bench/recognize.mjs.

Arguments: the peer (`face_recognition`, `facenet-pytorch`, `deepface` or `insightface`) and a file of JSON
with `gallery` (name → photo) and `photos` (path, name). Prints JSON: faces, rank-1, ms a photo, MiB; or
`absent`, why the peer cannot run. Weights that are not there are not downloaded.
"""

import json
import os
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

Face = tuple[float, Any]
"""A face's area, and its embedding; None where the peer only detects."""


class AbsentError(Exception):
    """The peer lacks something that the user brings."""


def require_weights(path: Path) -> None:
    """Both peers would download what is missing."""
    if not path.exists():
        raise AbsentError(f"no weights: {path} is not there")


def face_recognition_faces() -> Callable[[str], list[Face]]:
    import face_recognition

    def faces(path: str) -> list[Face]:
        image = face_recognition.load_image_file(path)
        boxes = face_recognition.face_locations(image)
        vectors = face_recognition.face_encodings(image, boxes)
        return [((b - t) * (r - x), v) for (t, r, b, x), v in zip(boxes, vectors, strict=True)]

    return faces


def facenet_faces() -> Callable[[str], list[Face]]:
    import cv2
    from mtcnn_peer import detect

    def faces(path: str) -> list[Face]:
        found = detect(cv2.imread(path)[:, :, ::-1].copy())
        boxes = [face["box"] for face in found]
        return [((box[2] - box[0]) * (box[3] - box[1]), None) for box in boxes]

    return faces


def deepface_faces() -> Callable[[str], list[Face]]:
    from deepface import DeepFace

    home = Path(os.environ.get("DEEPFACE_HOME", Path.home()))
    require_weights(home / ".deepface" / "weights" / "vgg_face_weights.h5")

    def faces(path: str) -> list[Face]:
        found = DeepFace.represent(path, enforce_detection=False)
        areas = [face["facial_area"] for face in found]
        return [
            (area["w"] * area["h"], np.array(face["embedding"]) / np.linalg.norm(face["embedding"]))
            for area, face in zip(areas, found, strict=True)
        ]

    return faces


def insightface_faces() -> Callable[[str], list[Face]]:
    import cv2
    from insightface.app import FaceAnalysis

    require_weights(Path.home() / ".insightface" / "models" / "buffalo_l" / "w600k_r50.onnx")
    app = FaceAnalysis(providers=["CPUExecutionProvider"])
    app.prepare(ctx_id=-1)

    def faces(path: str) -> list[Face]:
        found = app.get(cv2.imread(path))
        return [
            ((face.bbox[2] - face.bbox[0]) * (face.bbox[3] - face.bbox[1]), face.normed_embedding)
            for face in found
        ]

    return faces


PEERS = {
    "face_recognition": face_recognition_faces,
    "facenet-pytorch": facenet_faces,
    "deepface": deepface_faces,
    "insightface": insightface_faces,
}


def main() -> None:
    peer, work = sys.argv[1], json.loads(Path(sys.argv[2]).read_text())
    try:
        faces = PEERS[peer]()
    except ModuleNotFoundError as error:
        print(json.dumps({"absent": f"not installed: {error}"}))
        return
    except AbsentError as error:
        print(json.dumps({"absent": str(error)}))
        return

    def main_embedding(path: str) -> Any:
        found = faces(path)
        return max(found, key=lambda face: face[0])[1] if found else None

    gallery = {name: main_embedding(path) for name, path in work["gallery"].items()}
    embeds = any(vector is not None for vector in gallery.values())
    found, right, times = 0, 0, []
    for photo in work["photos"]:
        started = time.perf_counter()
        here = faces(photo["path"])
        times.append((time.perf_counter() - started) * 1000)
        found += len(here)
        if not (embeds and here):
            continue
        vector = max(here, key=lambda face: face[0])[1]
        distances = {
            name: np.linalg.norm(vector - other) for name, other in gallery.items() if other is not None
        }
        right += min(distances, key=lambda name: distances[name]) == photo["name"]
    result = {
        "faces": found,
        "right": right if embeds else None,
        "ms": sum(times) / len(times),
        "mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main()
