"""The operators of ai.onnx.ml, one node a case. Usage: ml.py FOLDER."""

import sys
from pathlib import Path

import numpy as np
import onnx
from cases import add_case
from estimators import features, linear, trees
from estimators.case import STRING, Case
from onnx import helper, numpy_helper

CASES: dict[str, Case] = {**features.CASES, **linear.CASES, **trees.CASES}


def version(name: str, op: str) -> int:
    """Version of the operator set."""
    if op == "TreeEnsemble":
        return 5
    return int(name.split("_")[2]) if op == "LabelEncoder" else 3


def fed_of(case: Case) -> list[np.ndarray]:
    """The inputs that are fed; places of features are an initializer, as exporters write them."""
    return case[1][:1] if case[0] == "ArrayFeatureExtractor" else case[1]


def model_of(name: str, case: Case) -> onnx.ModelProto:
    """One node whose first input is fed with a dynamic batch; the others are initializers."""
    op, inputs, attributes, kinds = case
    fed = fed_of(case)
    value_infos = [
        helper.make_tensor_value_info(
            f"i{at}",
            STRING if each.dtype == object else helper.np_dtype_to_tensor_dtype(each.dtype),
            ["N", *each.shape[1:]],
        )
        for at, each in enumerate(fed)
    ]
    node = helper.make_node(
        op,
        [f"i{at}" for at in range(len(inputs))],
        [f"o{at}" for at in range(len(kinds))],
        domain="ai.onnx.ml",
        **attributes,
    )
    graph = helper.make_graph(
        [node],
        name,
        value_infos,
        [helper.make_tensor_value_info(f"o{at}", kind, None) for at, kind in enumerate(kinds)],
        [numpy_helper.from_array(each, f"i{at}") for at, each in enumerate(inputs) if at >= len(fed)],
    )
    opsets = [helper.make_opsetid("", 18), helper.make_opsetid("ai.onnx.ml", version(name, op))]
    return helper.make_model(graph, opset_imports=opsets, ir_version=8)


def main(folder: Path) -> None:
    """Writes every case."""
    for name, case in CASES.items():
        feeds = {f"i{at}": each for at, each in enumerate(fed_of(case))}
        add_case(folder / name, model_of(name, case), [feeds])


if __name__ == "__main__":
    main(Path(sys.argv[1]))
