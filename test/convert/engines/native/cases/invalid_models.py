"""Breaks ONNX's own node tests, one thing each, and writes the models with what onnx.checker says of them.

Arguments: a folder, a seed, how many. Writes NNNN.onnx and verdicts.json: for each file what was done to it
and the checker's first words, or null where the model is still valid.
"""

import json
import random
import sys
from pathlib import Path

import onnx
from onnx import AttributeProto, ModelProto, TensorProto, checker, helper, shape_inference

DATA = Path(onnx.__file__).parent / "backend/test/data/node"
TYPES = [getattr(TensorProto, name) for name in ("FLOAT", "INT64", "INT32", "BOOL", "DOUBLE", "UINT8")]
OPS = [
    "Relu",
    "Add",
    "Concat",
    "Reshape",
    "Gather",
    "Conv",
    "Softmax",
    "ReduceSum",
    "Cast",
    "Where",
    "Scatter",
    "Upsample",
]

WAYS = """
input left out
inputs cut
input added
attribute unknown
attribute gone
attribute of another kind
input of another type
output of another type
output of another size
output of another rank
another operator
another operator set
output twice
input of no node
input twice
""".strip().splitlines()


def tensors(values: list[onnx.ValueInfoProto]) -> list[onnx.ValueInfoProto]:
    return [value for value in values if value.type.HasField("tensor_type")]


def break_model(model: ModelProto, rng: random.Random) -> str | None:
    """Does one thing to the model and says what, or None where that thing cannot be done to it."""
    graph = model.graph
    node = rng.choice(graph.node)
    what = rng.choice(WAYS)
    if what == "input left out" and node.input:
        node.input[rng.randrange(len(node.input))] = ""
    elif what == "inputs cut" and node.input:
        del node.input[-1]
    elif what == "input added" and node.input:
        node.input.append(node.input[0])
    elif what == "attribute unknown":
        node.attribute.append(helper.make_attribute("flavour", 3))
    elif what == "attribute gone" and node.attribute:
        del node.attribute[rng.randrange(len(node.attribute))]
    elif what == "attribute of another kind" and node.attribute:
        old = rng.choice(node.attribute)
        new = helper.make_attribute(old.name, "7" if old.type != AttributeProto.STRING else 7)
        old.CopyFrom(new)
    elif what in ("input of another type", "output of another type"):
        values = tensors(graph.input if what.startswith("input") else graph.output)
        if not values:
            return None
        rng.choice(values).type.tensor_type.elem_type = rng.choice(TYPES)
    elif what in ("output of another size", "output of another rank"):
        values = [v for v in tensors(graph.output) if len(v.type.tensor_type.shape.dim)]
        if not values:
            return None
        shape = rng.choice(values).type.tensor_type.shape
        if what.endswith("rank"):
            shape.dim.add().dim_value = 2
        else:
            rng.choice(shape.dim).dim_value = 97
    elif what == "another operator":
        node.op_type = rng.choice(OPS)
    elif what == "another operator set":
        model.opset_import[0].version = rng.randrange(1, 25)
    elif what == "output twice":
        node.output.append(node.output[0])
    elif what == "input of no node" and node.input:
        node.input[0] = "gone"
    elif what == "input twice" and graph.input:
        graph.input.append(graph.input[0])
    else:
        return None
    return what


def verdict(model: ModelProto) -> str | None:
    try:
        checker.check_model(model, full_check=True)
        shape_inference.infer_shapes(model, check_type=True, strict_mode=True)
    except Exception as error:
        return str(error).strip().splitlines()[0][:200]
    return None


def main() -> None:
    folder, seed, count = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    folder.mkdir(parents=True, exist_ok=True)
    rng = random.Random(seed)
    scope = Path(__file__).parent.parent / "scope.txt"
    names = sorted(
        line.removeprefix("node/") for line in scope.read_text().split() if line.startswith("node/")
    )
    verdicts: dict[str, dict[str, str | None]] = {}
    while len(verdicts) < count:
        name = rng.choice(names)
        model = onnx.load(DATA / name / "model.onnx")
        what = break_model(model, rng)
        if what is None:
            continue
        file = f"{len(verdicts):04}.onnx"
        (folder / file).write_bytes(model.SerializeToString())
        verdicts[file] = {"test": name, "what": what, "checker": verdict(model)}
    (folder / "verdicts.json").write_text(json.dumps(verdicts))


main()
