"""Adds to the models of make_models.py those that only fuzzing needs. Usage: corpus.py DIRECTORY"""

import json
import sys
from pathlib import Path

import h5py
import numpy as np
from google.protobuf import text_format
from tensorflow.core.protobuf import saved_model_pb2

FIXTURES = Path(__file__).parents[3] / "fixtures"


def layers_model() -> dict[str, object]:
    layer = {
        "class_name": "Dense",
        "config": {
            "name": "d",
            "batch_input_shape": [None, 8],
            "dtype": "float32",
            "units": 2,
        },
    }
    weights = [{"name": f"d/kernel_{at}", "shape": [8, at], "dtype": "float32"} for at in range(4)]
    return {
        "format": "layers-model",
        "generatedBy": "keras",
        "modelTopology": {"model_config": {"class_name": "Sequential", "config": {"layers": [layer]}}},
        "weightsManifest": [{"paths": ["group1-shard1of1.bin"], "weights": weights}],
    }


def latest_hdf5(path: Path) -> None:
    """Groups by links and heaps, chunks, compression, long and many attributes: HDF5's newer structures."""
    with h5py.File(path, "w", libver="latest") as file:
        file.attrs["keras_version"] = "3.0.0"
        file.attrs["model_config"] = json.dumps(layers_model()["modelTopology"]["model_config"])  # type: ignore[index]
        group = file.create_group("layers", track_order=True)
        for at in range(12):
            group.create_dataset(f"weight_{at}", data=np.ones([2, at + 1], np.float32))
            group.attrs[f"attribute_{at}"] = at
        group.create_dataset("chunked", data=np.ones([8, 8], np.int64), chunks=(4, 4), compression="gzip")


def main(directory: Path) -> None:
    source = (FIXTURES / "saved_models/tensorflow1/saved_model.pb").read_bytes()
    model = saved_model_pb2.SavedModel.FromString(source)
    (directory / "saved_model.pbtxt").write_text(text_format.MessageToString(model), encoding="utf-8")
    (directory / "tfjs.json").write_text(json.dumps(layers_model()), encoding="utf-8")
    latest_hdf5(directory / "latest.h5")
    arrays = {
        "a": np.ones([2, 3], np.float32),
        "ids": np.arange(5),
        "texts": np.array(["a", "bc"]),
    }
    np.save(directory / "array.npy", arrays["a"])
    np.savez(directory / "arrays.npz", **arrays)
    np.savez_compressed(directory / "deflated.npz", **arrays)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
