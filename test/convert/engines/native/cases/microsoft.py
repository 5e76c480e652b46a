"""onnxruntime's own operators. Usage: microsoft.py FOLDER [refused]: those that the engine takes, or not."""

import sys
from pathlib import Path

import numpy as np
import onnx
from cases import add_case, add_known
from contrib import attention, blocks, others, quantized, recurrent, refused, transformers
from contrib.case import Case
from onnx import helper, numpy_helper

CASES: dict[str, Case] = {
    **transformers.CASES,
    **attention.CASES,
    **blocks.CASES,
    **quantized.CASES,
    **others.CASES,
    **recurrent.CASES,
}


def model_of(name: str, case: Case) -> tuple[onnx.ModelProto, dict[str, np.ndarray]]:
    """One node; what is fed has a dynamic first size, everything else is an initializer."""
    names = [f"i{at}" if array is not None else "" for at, array in enumerate(case.inputs)]
    made = [f"o{at}" if at not in case.without else "" for at in range(case.outputs)]
    node = helper.make_node(case.op, names, made, domain=case.domain, **case.attributes)
    feeds = {f"i{at}": np.asarray(case.inputs[at]) for at in case.fed}
    inputs = [
        helper.make_tensor_value_info(
            key,
            helper.np_dtype_to_tensor_dtype(array.dtype),
            ["N", *array.shape[1:]] if array.ndim > 0 and case.dynamic else array.shape,
        )
        for key, array in feeds.items()
    ]
    weights = [
        numpy_helper.from_array(np.asarray(array), f"i{at}")
        for at, array in enumerate(case.inputs)
        if at not in case.fed and array is not None
    ]
    outputs = [helper.make_empty_tensor_value_info(each) for each in made if each]
    graph = helper.make_graph([node], name, inputs, outputs, weights)
    opsets = [helper.make_opsetid("", 15), helper.make_opsetid("com.microsoft", 1)]
    return helper.make_model(graph, opset_imports=opsets, ir_version=8), feeds


def main(folder: Path) -> None:
    """Writes every case."""
    for name, case in CASES.items():
        model, feeds = model_of(name, case)
        try:
            if case.expected is None:
                add_case(folder / name, model, [feeds])
            else:
                add_known(folder / name, model, feeds, case.expected)
        except Exception as error:
            raise ValueError(f"{name}: {error}") from error


def refused_ones(folder: Path) -> None:
    """Writes the models alone: nothing is expected of them."""
    for name, case in refused.CASES.items():
        (folder / name).mkdir(parents=True)
        onnx.save(model_of(name, case)[0], folder / name / "model.onnx")


if __name__ == "__main__":
    (refused_ones if sys.argv[2:] == ["refused"] else main)(Path(sys.argv[1]))
