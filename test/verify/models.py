"""Makes the models of the verification tests in one process: ONNX files, SavedModels, spoilt ones.

Usage: models.py FOLDER
"""

import sys
from pathlib import Path

import numpy as np
import onnx
import tensorflow as tf
import torch
from onnx import TensorProto, helper

SIZE = 16
FEATURES = 12


class Net(torch.nn.Module):
    """Two convolutions and a matrix, the shape of a small embedder."""

    def __init__(self) -> None:
        super().__init__()
        self.first = torch.nn.Conv2d(3, 8, 3, stride=2, padding=1)
        self.second = torch.nn.Conv2d(8, 16, 3, stride=2, padding=1)
        self.head = torch.nn.Linear(16 * (SIZE // 4) ** 2, FEATURES)

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        hidden = torch.relu(self.second(torch.relu(self.first(image))))
        return self.head(hidden.flatten(1))


def weights_of(net: Net) -> dict[str, np.ndarray]:
    return {name: tensor.numpy().copy() for name, tensor in net.state_dict().items()}


def save_network(weights: dict[str, np.ndarray], folder: Path, transpose: bool = False) -> None:
    """The network in TensorFlow, written by hand: NCHW in, NHWC inside."""
    module = tf.Module()
    module.weights = {name.replace(".", "_"): tf.Variable(value) for name, value in weights.items()}
    w = module.weights

    def conv(x: tf.Tensor, name: str) -> tf.Tensor:
        kernel = tf.transpose(w[f"{name}_weight"], [2, 3, 1, 0])
        padded = tf.pad(x, [[0, 0], [1, 1], [1, 1], [0, 0]])
        return tf.nn.relu(tf.nn.conv2d(padded, kernel, 2, "VALID") + w[f"{name}_bias"])

    @tf.function(input_signature=[tf.TensorSpec([None, 3, SIZE, SIZE], tf.float32, name="image")])
    def serve(image: tf.Tensor) -> dict[str, tf.Tensor]:
        x = tf.transpose(image, [0, 3, 2, 1] if transpose else [0, 2, 3, 1])
        x = tf.transpose(conv(conv(x, "first"), "second"), [0, 3, 1, 2])
        flat = tf.reshape(x, [tf.shape(x)[0], -1])
        return {"feat": tf.matmul(flat, w["head_weight"], transpose_b=True) + w["head_bias"]}

    module.serve = serve
    tf.saved_model.save(module, str(folder), signatures={"serving_default": serve})


def make_network(folder: Path) -> None:
    torch.manual_seed(7)
    net = Net().eval()
    torch.onnx.export(
        net,
        (torch.zeros(2, 3, SIZE, SIZE),),
        str(folder / "net.onnx"),
        dynamo=False,
        input_names=["image"],
        output_names=["feat"],
        dynamic_axes={"image": {0: "N"}, "feat": {0: "N"}},
    )
    reference: dict[str, np.ndarray] = {}
    for batch in (1, 2, 5):
        image = torch.randn(batch, 3, SIZE, SIZE)
        with torch.no_grad():
            reference |= {f"b{batch}/in/image": image.numpy(), f"b{batch}/out/feat": net(image).numpy()}
    np.savez(folder / "reference.npz", **reference)

    good = weights_of(net)
    save_network(good, folder / "good")
    scaled = {**good, "second.weight": good["second.weight"] * np.float32(1.01)}
    save_network(scaled, folder / "convolution-scaled")
    order = [0, 1, 3, 2, *range(4, FEATURES)]
    swapped = {**good, "head.weight": good["head.weight"][order], "head.bias": good["head.bias"][order]}
    save_network(swapped, folder / "channels-swapped")
    bias = good["second.bias"].copy()
    bias[np.argmax(np.abs(bias))] = 0
    save_network({**good, "second.bias": bias}, folder / "bias-dropped")
    save_network(good, folder / "axis-transposed", transpose=True)


def onnx_model(path: Path, nodes: list, inputs: list, outputs: list) -> None:
    graph = helper.make_graph(nodes, "g", inputs, outputs)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(model, full_check=True)
    onnx.save(model, str(path))


def save_function(folder: Path, function: object, *specs: tf.TensorSpec) -> None:
    module = tf.Module()
    module.serve = tf.function(function, input_signature=list(specs))
    tf.saved_model.save(module, str(folder), signatures={"serving_default": module.serve})


DOUBLED = {
    "float16": (TensorProto.FLOAT16, tf.float16),
    "float64": (TensorProto.DOUBLE, tf.float64),
    "int32": (TensorProto.INT32, tf.int32),
    "int64": (TensorProto.INT64, tf.int64),
    "uint8": (TensorProto.UINT8, tf.uint8),
}
ALL_TYPES = {**DOUBLED, "bool": (TensorProto.BOOL, tf.bool), "string": (TensorProto.STRING, tf.string)}


def make_types(folder: Path, name: str, types: list[str]) -> None:
    """One input and output a type: x + x for numbers, not for booleans, the same for strings."""
    ops = {"bool": "Not", "string": "Identity"}
    tensors = {side: [] for side in ("in", "out")}
    nodes = []
    for dtype in types:
        proto, _ = ALL_TYPES[dtype]
        for side, infos in tensors.items():
            infos.append(helper.make_tensor_value_info(f"{dtype}_{side}", proto, ["N", 3]))
        inputs = [f"{dtype}_in"] * (2 if dtype in DOUBLED else 1)
        nodes.append(helper.make_node(ops.get(dtype, "Add"), inputs, [f"{dtype}_out"]))
    onnx_model(folder / f"{name}.onnx", nodes, tensors["in"], tensors["out"])

    def serve(*values: tf.Tensor) -> dict[str, tf.Tensor]:
        made = {"bool": tf.logical_not, "string": tf.identity}
        return {
            f"{dtype}_out": made.get(dtype, lambda x: x + x)(value)
            for dtype, value in zip(types, values, strict=True)
        }

    specs = [tf.TensorSpec([None, 3], ALL_TYPES[dtype][1], name=f"{dtype}_in") for dtype in types]
    save_function(folder / name, serve, *specs)


def make_oddities(folder: Path) -> None:
    """log(x), NaN for what is negative: in TensorFlow the same, zeros for NaN, other names, shapes."""
    x, y = (helper.make_tensor_value_info(key, TensorProto.FLOAT, [2, 3]) for key in "xy")
    onnx_model(folder / "log.onnx", [helper.make_node("Log", ["x"], ["y"])], [x], [y])
    spec = tf.TensorSpec([2, 3], tf.float32, name="x")
    save_function(folder / "log", lambda x: {"y": tf.math.log(x)}, spec)
    save_function(
        folder / "log-no-nan", lambda x: {"y": tf.math.log(tf.nn.relu(x) + tf.cast(x <= 0, x.dtype))}, spec
    )
    save_function(folder / "log-renamed", lambda x: {"z": tf.math.log(x)}, spec)
    save_function(folder / "log-reshaped", lambda x: {"y": tf.math.log(tf.reshape(x, [3, 2]))}, spec)
    unknown = tf.TensorSpec(None, tf.float32, name="x")
    save_function(folder / "log-other-shape", lambda x: {"y": tf.reshape(tf.math.log(x), [-1])}, unknown)
    integers = tf.TensorSpec([2, 3], tf.float32, name="x")
    save_function(folder / "log-other-type", lambda x: {"y": tf.cast(x, tf.int32)}, integers)


def make_detector(folder: Path) -> None:
    """What is above 1: as many as there are."""
    x = helper.make_tensor_value_info("x", TensorProto.FLOAT, [6])
    y = helper.make_tensor_value_info("y", TensorProto.FLOAT, ["K"])
    nodes = [
        helper.make_node("Constant", [], ["one"], value_float=1.0),
        helper.make_node("Greater", ["x", "one"], ["is_above"]),
        helper.make_node("Compress", ["x", "is_above"], ["y"]),
    ]
    onnx_model(folder / "detector.onnx", nodes, [x], [y])
    spec = tf.TensorSpec([6], tf.float32, name="x")
    save_function(folder / "detector", lambda x: {"y": tf.boolean_mask(x, x > 1)}, spec)


def make_brain(folder: Path) -> None:
    """bfloat16, which onnxruntime-node and tfjs-node do not carry: the same values back, and as float32."""
    x, y = (helper.make_tensor_value_info(key, TensorProto.BFLOAT16, ["N", 3]) for key in "xy")
    z = helper.make_tensor_value_info("z", TensorProto.FLOAT, ["N", 3])
    nodes = [
        helper.make_node("Identity", ["x"], ["y"]),
        helper.make_node("Cast", ["x"], ["z"], to=TensorProto.FLOAT),
    ]
    onnx_model(folder / "brain.onnx", nodes, [x], [y, z])
    spec = tf.TensorSpec([None, 3], tf.bfloat16, name="x")
    save_function(folder / "brain", lambda x: {"y": tf.identity(x), "z": tf.cast(x, tf.float32)}, spec)


def make_tflite(folder: Path) -> None:
    """The network and the carried types as TFLite files; the network without a signature too."""
    for name in ("good", "channels-swapped", "carried"):
        converter = tf.lite.TFLiteConverter.from_saved_model(str(folder / name))
        (folder / f"{name}.tflite").write_bytes(converter.convert())
    module = tf.saved_model.load(str(folder / "good"))
    function = module.signatures["serving_default"]
    converter = tf.lite.TFLiteConverter.from_concrete_functions([function])
    (folder / "unsigned.tflite").write_bytes(converter.convert())


if __name__ == "__main__":
    target = Path(sys.argv[1])
    make_network(target)
    make_types(target, "carried", ["int32", "int64", "bool", "string"])
    make_types(target, "uncarried", ["float16", "float64", "uint8"])
    make_oddities(target)
    make_detector(target)
    make_brain(target)
    make_tflite(target)
