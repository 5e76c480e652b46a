"""Plants faults in an ONNX file, one a draw, at nodes that a seed chooses: what was altered, and where.

Usage: plant.py MODEL.onnx FOLDER SEED COUNT

Writes FOLDER/N.onnx for each draw and prints a JSON list of `{file, fault, op, node, output}`, where `output`
is the tensor that is the first to differ: the altered node's own.
"""

import copy
import json
import random
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import onnxruntime as ort
from onnx import helper, numpy_helper

Graph = onnx.GraphProto
Node = onnx.NodeProto


def attribute(node: Node, name: str) -> onnx.AttributeProto | None:
    return next((each for each in node.attribute if each.name == name), None)


def weights(graph: Graph) -> dict[str, onnx.TensorProto]:
    return {tensor.name: tensor for tensor in graph.initializer}


def insert_after(graph: Graph, node: Node, make: Callable[[str, str], list[Node]]) -> None:
    """Puts nodes between a node and its output, which keeps its name."""
    output = node.output[0]
    inner = f"{output}/sound"
    at = next(i for i, each in enumerate(graph.node) if each.output[0] == output)
    node.output[0] = inner
    for offset, each in enumerate(make(inner, output)):
        graph.node.insert(at + 1 + offset, each)


def wrong_pad(graph: Graph, node: Node, rng: random.Random) -> bool:
    """One row of padding moves from the start to the end of the first spatial axis: the shape stays."""
    pads = attribute(node, "pads")
    if node.op_type not in ("Conv", "MaxPool", "AveragePool") or pads is None or pads.ints[0] == 0:
        return False
    pads.ints[0] -= 1
    pads.ints[len(pads.ints) // 2] += 1
    return True


def swapped_axis(graph: Graph, node: Node, rng: random.Random) -> bool:
    """A transpose swaps two axes, a convolution's square kernel is transposed."""
    perm = attribute(node, "perm")
    if node.op_type == "Transpose" and perm is not None and len(perm.ints) > 1:
        a, b = rng.sample(range(len(perm.ints)), 2)
        perm.ints[a], perm.ints[b] = perm.ints[b], perm.ints[a]
        return True
    tensor = weights(graph).get(node.input[1]) if node.op_type == "Conv" else None
    if tensor is None or len(tensor.dims) != 4 or tensor.dims[2] != tensor.dims[3] or tensor.dims[2] == 1:
        return False
    values = numpy_helper.to_array(tensor).transpose(0, 1, 3, 2)
    replace_weight(graph, node, 1, np.ascontiguousarray(values))
    return True


def wrong_epsilon(graph: Graph, node: Node, rng: random.Random) -> bool:
    if node.op_type not in (
        "BatchNormalization",
        "LayerNormalization",
        "InstanceNormalization",
    ):
        return False
    epsilon = attribute(node, "epsilon")
    if epsilon is None:
        node.attribute.append(helper.make_attribute("epsilon", 1e-3))
    else:
        epsilon.f = 1e-3 if epsilon.f < 5e-4 else epsilon.f * 10
    return True


def scaled_convolution(graph: Graph, node: Node, rng: random.Random) -> bool:
    if node.op_type not in ("Conv", "Gemm", "MatMul") or node.input[1] not in weights(graph):
        return False
    values = numpy_helper.to_array(weights(graph)[node.input[1]])
    replace_weight(graph, node, 1, values * np.float32(1.01))
    return True


def dropped_relu(graph: Graph, node: Node, rng: random.Random) -> bool:
    """An activation lets everything through."""
    if node.op_type not in ("Relu", "PRelu", "LeakyRelu", "Clip", "Sigmoid", "Tanh"):
        return False
    node.op_type = "Identity"
    del node.input[1:]
    del node.attribute[:]
    return True


def float16_cast(graph: Graph, node: Node, rng: random.Random) -> bool:
    if node.op_type not in (
        "Conv",
        "Gemm",
        "MatMul",
        "Add",
        "PRelu",
        "BatchNormalization",
    ):
        return False

    def cast(inner: str, output: str) -> list[Node]:
        half = f"{output}/half"
        return [
            helper.make_node("Cast", [inner], [half], to=onnx.TensorProto.FLOAT16),
            helper.make_node("Cast", [half], [output], to=onnx.TensorProto.FLOAT),
        ]

    insert_after(graph, node, cast)
    return True


def replace_weight(graph: Graph, node: Node, at: int, values: np.ndarray) -> None:
    """A weight of the node's own, since others may read the same one."""
    name = f"{node.output[0]}/planted"
    graph.initializer.append(numpy_helper.from_array(values, name))
    node.input[at] = name


def runs(model: onnx.ModelProto) -> bool:
    """True for a model that still runs: a fault that stops it needs no search."""
    del model.graph.value_info[:]
    options = ort.SessionOptions()
    options.log_severity_level = 4
    try:
        session = ort.InferenceSession(model.SerializeToString(), options, ["CPUExecutionProvider"])
        feeds = {}
        for each in session.get_inputs():
            shape = [size if isinstance(size, int) else 1 for size in each.shape]
            feeds[each.name] = np.zeros(shape, np.float32)
        session.run(None, feeds)
    except Exception:
        return False
    return True


FAULTS = [
    wrong_pad,
    swapped_axis,
    wrong_epsilon,
    scaled_convolution,
    dropped_relu,
    float16_cast,
]


def main(path: str, folder: Path, seed: int, count: int) -> None:
    sound = onnx.load(path)
    rng = random.Random(seed)
    draws = []
    while len(draws) < count:
        fault = FAULTS[len(draws) % len(FAULTS)]
        nodes = list(range(len(sound.graph.node)))
        rng.shuffle(nodes)
        for index in nodes:
            model = copy.deepcopy(sound)
            node = model.graph.node[index]
            original = sound.graph.node[index]
            if fault(model.graph, node, rng) and runs(model):
                break
        else:  # the network has no node for this fault
            FAULTS.remove(fault)
            continue
        target = folder / f"{len(draws)}.onnx"
        onnx.save(model, str(target))
        draws.append(
            {
                "file": target.name,
                "fault": fault.__name__,
                "op": original.op_type,
                "node": original.name or original.output[0],
                "output": original.output[0],
            }
        )
    print(json.dumps(draws))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]))
