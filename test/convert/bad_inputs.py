"""Makes the bad inputs that test/convert/bad-inputs.test.ts shows to tk, in the folder given as argument."""

import io
import os
import pickle
import sys
import zipfile
from pathlib import Path

import numpy
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper

FOLDER = Path(sys.argv[1])

NET = """
import torch

class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.linear = torch.nn.Linear(4, 2)

    def forward(self, x):
        return self.linear(x)

def make():
    torch.manual_seed(0)
    return Net()

def broken():
    raise ValueError("no such backbone")

def number():
    return 3
"""


class Touch:
    """Unpickling it makes the file `pwned`."""

    def __reduce__(self) -> tuple[object, ...]:
        return os.system, (f"touch {FOLDER / 'pwned'}",)


def model(
    node: str,
    path: str,
    shapes: tuple[list[object], list[object]],
    domain: str = "",
    weights: dict[str, list[float]] | None = None,
    attributes: dict[str, int] | None = None,
    kind: int = TensorProto.FLOAT,
    opset: int = 17,
) -> None:
    x, y = (
        helper.make_tensor_value_info(name, kind, shape) for name, shape in zip("xy", shapes, strict=True)
    )
    tensors = [
        numpy_helper.from_array(numpy.array(values, numpy.float32), name)
        for name, values in (weights or {}).items()
    ]
    inputs = ["x", *(weights or {})]
    made = helper.make_node(node, inputs, ["y"], name="odd", domain=domain, **(attributes or {}))
    graph = helper.make_graph([made], "g", [x], [y], tensors)
    opsets = [helper.make_opsetid("", opset)] + ([helper.make_opsetid(domain, 1)] if domain else [])
    onnx.save(helper.make_model(graph, opset_imports=opsets, ir_version=8), FOLDER / path)


def external(location: str, path: str) -> None:
    x = helper.make_tensor_value_info("x", TensorProto.FLOAT, ["N", 4])
    y = helper.make_tensor_value_info("y", TensorProto.FLOAT, ["N", 4])
    weight = TensorProto(
        name="w",
        data_type=TensorProto.FLOAT,
        dims=[4],
        data_location=TensorProto.EXTERNAL,
    )
    weight.external_data.add(key="location", value=location)
    graph = helper.make_graph([helper.make_node("Add", ["x", "w"], ["y"])], "g", [x], [y], [weight])
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    (FOLDER / path).write_bytes(made.SerializeToString())


def main() -> None:
    (FOLDER / "net.py").write_text(NET)
    (FOLDER / "syntax.py").write_text("def make(:\n")
    torch.save(
        {"linear.weight": torch.zeros(2, 4), "head.bias": torch.zeros(3)},
        FOLDER / "misfit.pth",
    )
    torch.save(
        {"linear.weight": torch.zeros(2, 4), "linear.bias": torch.zeros(2)},
        FOLDER / "state.pt",
    )
    torch.save(
        {"linear.weight": torch.zeros(2, 5), "linear.bias": torch.zeros(2)},
        FOLDER / "shape.pth",
    )
    torch.save({"state_dict": {}, "extra": Touch()}, FOLDER / "hostile.pth")
    script = io.BytesIO()
    torch.jit.save(torch.jit.script(torch.nn.Linear(4, 2)), script)
    (FOLDER / "truncated.pt").write_bytes(script.getvalue()[: len(script.getvalue()) // 2])
    with zipfile.ZipFile(FOLDER / "hostile.pt", "w") as archive:
        archive.writestr("hostile/data.pkl", pickle.dumps(Touch()))
        archive.writestr("hostile/version", "3\n")
    model("Relu", "good.onnx", (["N", 4], ["N", 4]))
    # Taken by onnx2tf alone, which passes over this attribute of old opsets: of a matrix that is right.
    model(
        "BatchNormalization",
        "each.onnx",
        ([2, 4], [2, 4]),
        weights={name: [1.0, 2.0, 3.0, 4.0] for name in ("scale", "bias", "mean", "variance")},
        attributes={"spatial": 0},
        opset=8,
    )
    # Taken by nobody.
    model("Magic", "magic.onnx", (["N", 4], ["N", 4]), "com.example")
    # Nor this, whose output has no shape, which onnx.checker minds.
    shapeless = onnx.load(FOLDER / "magic.onnx")
    shapeless.graph.output[0].type.tensor_type.ClearField("shape")
    onnx.save(shapeless, FOLDER / "shapeless.onnx")
    # onnxruntime has it in float32 alone, and onnx's evaluator has no op of this domain.
    model(
        "QuickGelu",
        "neither.onnx",
        (["N", 4], ["N", 4]),
        "com.microsoft",
        kind=TensorProto.DOUBLE,
    )
    (FOLDER / "truncated.onnx").write_bytes((FOLDER / "good.onnx").read_bytes()[:-20])
    (FOLDER / "text.onnx").write_text("this is no protobuf\n")
    (FOLDER / "secret.bin").write_bytes(bytes(16))
    (FOLDER / "model").mkdir()
    external("../secret.bin", "model/outside.onnx")
    external("manifest.json", "model/reserved.onnx")
    (FOLDER / "model" / "manifest.json").write_bytes(bytes(16))


main()
