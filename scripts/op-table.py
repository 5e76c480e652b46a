"""Writes the table of TensorFlow's registered ops (how many outputs each has) and TypeSpecs.

Run with the project's Python after changing the TensorFlow version: .venv/bin/python scripts/op-table.py
"""

import json
from pathlib import Path

from tensorflow.core.framework import op_def_pb2
from tensorflow.python.client import pywrap_tf_session
from tensorflow.python.framework import type_spec_registry

OUT = Path(__file__).parent.parent / "src/formats/savedmodel/generated/op-outputs.json"


def outputs(op: op_def_pb2.OpDef) -> int | list[int | str]:
    """Number of outputs, or, where attributes decide it, their names (an int, or a list: its length)."""
    fixed = 0
    attributes: list[int | str] = []
    for arg in op.output_arg:
        if arg.number_attr or arg.type_list_attr:
            attributes.append(arg.number_attr or arg.type_list_attr)
        else:
            fixed += 1
    return [fixed, *attributes] if attributes else fixed


def main() -> None:
    import tensorflow as tf

    buffer = pywrap_tf_session.TF_GetAllOpList()
    ops = op_def_pb2.OpList.FromString(pywrap_tf_session.TF_GetBuffer(buffer)).op
    table: dict[str, int | list[int | str]] = {op.name: outputs(op) for op in ops}
    single = sorted(name for name, count in table.items() if count == 1)
    others = {name: count for name, count in sorted(table.items()) if count != 1}
    type_specs = sorted(type_spec_registry._NAME_TO_TYPE_SPEC)
    facts = {
        "tensorflow": tf.__version__,
        "typeSpecs": type_specs,
        "single": " ".join(single),
        "others": others,
    }
    OUT.write_text(json.dumps(facts, separators=(",", ":")) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
