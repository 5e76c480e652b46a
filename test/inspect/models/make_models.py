"""Writes one small model of each format into the directory named by the argument, in one process."""

import os
import sys
from pathlib import Path

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import tensorflow as tf
import torch


class Classifier(torch.nn.Module):
    """A linear layer and a batch normalisation, with two inputs and two outputs."""

    def __init__(self) -> None:
        super().__init__()
        self.fc = torch.nn.Linear(4, 3)
        self.bn = torch.nn.BatchNorm1d(3)

    def forward(self, x: torch.Tensor, scale: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        return torch.relu(self.bn(self.fc(x))) * scale, x


def make_torch(directory: str) -> None:
    model = Classifier().eval()
    example = (torch.ones(2, 4), torch.ones(1))
    torch.jit.trace(model, example).save(f"{directory}/torchscript.bin")
    torch.save({"state_dict": model.state_dict(), "epoch": 3}, f"{directory}/checkpoint.bin")
    torch.save(model, f"{directory}/whole_module.bin")
    torch.save(
        model.state_dict(),
        f"{directory}/legacy.bin",
        _use_new_zipfile_serialization=False,
    )
    dynamic = ({0: torch.export.Dim("N")}, None)
    program = torch.export.export(model, example, dynamic_shapes=dynamic)
    torch.export.save(program, f"{directory}/exported.pt2")
    Path(directory, "exported.pt2").rename(Path(directory, "exported.bin"))


def make_tensorflow(directory: str) -> None:
    layers = tf.keras.layers
    inputs = layers.Input((8,), name="features")
    hidden = layers.Dense(4, activation="relu", name="hidden")(inputs)
    model = tf.keras.Model(inputs, layers.Dense(2, name="logits")(hidden))
    model.save(f"{directory}/model.keras")
    model.save(f"{directory}/model.h5")
    Path(directory, "model.keras").rename(Path(directory, "keras.bin"))
    Path(directory, "model.h5").rename(Path(directory, "hdf5.bin"))
    Path(directory, "tflite.bin").write_bytes(tf.lite.TFLiteConverter.from_keras_model(model).convert())
    model.export(f"{directory}/saved_model")
    with tf.Graph().as_default() as graph:
        x = tf.compat.v1.placeholder(tf.float32, (None, 8), name="x")
        tf.identity(tf.matmul(x, tf.ones((8, 2)), name="product"), name="y")
        Path(directory, "frozen.bin").write_bytes(graph.as_graph_def().SerializeToString())


make_torch(sys.argv[1])
make_tensorflow(sys.argv[1])
