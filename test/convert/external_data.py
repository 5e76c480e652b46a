"""Writes model.onnx, which adds weights from weights/w.bin, to the folder given as argument."""

import sys
from pathlib import Path

import numpy
from onnx import TensorProto, helper

folder = Path(sys.argv[1])
x, y = (helper.make_tensor_value_info(name, TensorProto.FLOAT, ["N", 4]) for name in "xy")
weight = TensorProto(name="w", data_type=TensorProto.FLOAT, dims=[4], data_location=TensorProto.EXTERNAL)
weight.external_data.add(key="location", value="weights/w.bin")
graph = helper.make_graph([helper.make_node("Add", ["x", "w"], ["y"])], "g", [x], [y], [weight])
model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
(folder / "weights").mkdir()
(folder / "weights" / "w.bin").write_bytes(numpy.arange(4, dtype=numpy.float32).tobytes())
(folder / "model.onnx").write_bytes(model.SerializeToString())
