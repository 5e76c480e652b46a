"""Random single nodes, their outputs by onnxruntime and ONNX's own evaluator.

Usage: sweep_cases.py FOLDER SEED COUNT. Sizes of what is fed are symbols in about half of them. A node that
neither can run is left out, and one of which the two are known to disagree.
"""

import sys
from collections import Counter
from pathlib import Path

import numpy as np
import onnx
from cases import add_known, session_of
from onnx import defs, helper, numpy_helper
from onnx.reference import ReferenceEvaluator
from sweep import elementwise, networks, sampling, shapes, text
from sweep.spec import Dice, Spec

FAMILIES = [*elementwise.FAMILIES, *shapes.FAMILIES, *networks.FAMILIES, *sampling.FAMILIES, *text.FAMILIES]


def model_of(spec: Spec, dice: Dice) -> tuple[onnx.ModelProto, dict[str, np.ndarray]]:
    """One node as a model, and what it is fed."""
    names = [f"i{at}" if array is not None else "" for at, array in enumerate(spec.inputs)]
    while names and names[-1] == "":
        names.pop()
    outputs = [f"o{at}" for at in range(spec.outputs)]
    node = helper.make_node(spec.op, names, outputs, **spec.attributes)
    feeds, inputs, weights = {}, [], []
    symbols = spec.dynamic and dice.maybe()
    for at, array in enumerate(spec.inputs):
        if array is None:
            continue
        if at in spec.constant:
            weights.append(numpy_helper.from_array(np.asarray(array), names[at]))
            continue
        feeds[names[at]] = np.asarray(array)
        free = symbols and (at == 0 or dice.maybe())
        sizes = [
            f"s{at}_{axis}" if free and dice.maybe(0.7) else size for axis, size in enumerate(array.shape)
        ]
        kind = helper.np_dtype_to_tensor_dtype(array.dtype)
        inputs.append(helper.make_tensor_value_info(names[at], kind, sizes))
    made = [helper.make_empty_tensor_value_info(name) for name in outputs]
    graph = helper.make_graph([node], spec.op, inputs, made, weights)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", spec.opset)], ir_version=8)
    inferred = onnx.shape_inference.infer_shapes(model, data_prop=True)
    for at, value in enumerate(inferred.graph.output):
        model.graph.output[at].CopyFrom(value)
    return model, feeds


def expected(spec: Spec, model: onnx.ModelProto, feeds: dict[str, np.ndarray]) -> list[np.ndarray]:
    """What onnxruntime says, or else ONNX's evaluator; raises where neither can, or they are at odds."""
    if spec.expected is not None:
        return list(spec.expected)
    answers = []
    for run in (
        lambda: session_of(model).run(None, feeds),
        lambda: ReferenceEvaluator(model).run(None, feeds),
    ):
        try:
            answers.append([np.asarray(each) for each in run()])
        except Exception as error:
            reason = str(error).splitlines()[0][:150]
    if not answers:
        raise ValueError(reason)
    if len(answers) == 2 and spec.op in DISPUTED and not all(map(agree, *answers)):
        raise ValueError("onnxruntime and ONNX's evaluator disagree")
    return answers[0]


def agree(a: np.ndarray, b: np.ndarray) -> bool:
    """The same but for rounding."""
    return a.shape == b.shape and np.allclose(
        a.astype(np.float64), b.astype(np.float64), 1e-3, 1e-4, equal_nan=True
    )


# onnxruntime's mean over uneven pads in three dimensions is not that of the padded tensor.
DISPUTED = {"AveragePool"}


def main(folder: Path, seed: int, count: int) -> None:
    """Writes the cases; what is left out, and why, on stderr."""
    left_out: Counter[str] = Counter()
    for at in range(count):
        dice = Dice(seed * 100_000 + at)
        spec = FAMILIES[at % len(FAMILIES)](dice)
        name = f"{at:04}-{spec.op}-{defs.get_schema(spec.op, spec.opset).since_version}"
        model, feeds = model_of(spec, dice)
        try:
            add_known(folder / name, model, feeds, expected(spec, model, feeds))
        except ValueError as error:
            left_out[spec.op] += 1
            print(f"{name}: {error}", file=sys.stderr)
    print(f"left out: {dict(left_out)}", file=sys.stderr)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
