"""Writes model.onnx, its outputs declared as exporters do at their worst, and empty.onnx. Usage: FOLDER."""

import sys
from pathlib import Path

from onnx import TensorProto, helper

folder = Path(sys.argv[1])
x = helper.make_tensor_value_info("x", TensorProto.FLOAT, ["N", 4])
unnamed = helper.make_tensor_value_info("unnamed", TensorProto.FLOAT, [None, 4])
shapes = {"without_shape": None, "without_dimensions": [], "frozen": [1, 4], "other_symbols": ["M", "K"]}
outputs = [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name, shape in shapes.items()]
nodes = [helper.make_node("Relu", ["x"], [name]) for name in shapes]
# As onnxmltools declares the labels of a classifier.
nodes.append(helper.make_node("Relu", ["unnamed"], ["batch_of_one"]))
outputs.append(helper.make_tensor_value_info("batch_of_one", TensorProto.FLOAT, [1, 4]))
graph = helper.make_graph(nodes, "g", [x, unnamed], outputs)
model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
(folder / "model.onnx").write_bytes(model.SerializeToString())

nothing = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [2, 0]) for name in ("x", "y")]
graph = helper.make_graph([helper.make_node("Relu", ["x"], ["y"])], "g", nothing[:1], nothing[1:])
model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
(folder / "empty.onnx").write_bytes(model.SerializeToString())
