"""Writes the table of ONNX's operators: what each version of each takes, gives and is told by attributes.

Facts only, read from the installed onnx. Run after changing its version:
.venv/bin/python scripts/onnx-schemas.py
"""

import json
from pathlib import Path

import onnx
from onnx import defs

OUT = Path(__file__).parent.parent / "src/formats/onnx/generated/op-schemas.json"
DOMAINS = {"": "", "ai.onnx.ml": "ai.onnx.ml."}
OPTION = defs.OpSchema.FormalParameterOption
DTYPES = {"float": "float32", "double": "float64"}


def dtype(text: str) -> str | None:
    """tensor(float) → float32; None of a sequence, map or optional."""
    if not text.startswith("tensor("):
        return None
    name = text.removeprefix("tensor(").removesuffix(")")
    return DTYPES.get(name, name)


class TypeSets:
    """Sets of element types, each written once; `*` stands for whatever is no tensor."""

    def __init__(self) -> None:
        self.numbers: dict[str, int] = {}

    def number(self, texts: list[str]) -> int:
        names = {dtype(text) or "*" for text in texts}
        return self.numbers.setdefault(" ".join(sorted(names)), len(self.numbers))


def parameter(formal: defs.OpSchema.FormalParameter, variables: set[str], sets: TypeSets) -> str:
    """`X:T`: a name, `?` where it may be absent, `*` where it may be many (`**` of many types), its type."""
    mark = ""
    if formal.option == OPTION.Optional:
        mark = "?"
    elif formal.option == OPTION.Variadic:
        mark = "*" if formal.is_homogeneous else "**"
    kind = formal.type_str if formal.type_str in variables else sets.number([formal.type_str])
    return f"{formal.name}{mark}:{kind}"


def version(schema: defs.OpSchema, sets: TypeSets) -> list[object]:
    """[since, inputs, outputs, attributes, type variables], or [since] where the operator ends."""
    if schema.deprecated:
        return [schema.since_version]
    variables = {c.type_param_str for c in schema.type_constraints}
    return [
        schema.since_version,
        " ".join(parameter(each, variables, sets) for each in schema.inputs),
        " ".join(parameter(each, variables, sets) for each in schema.outputs),
        " ".join(
            f"{name}{'!' if attribute.required else ''}:{attribute.type.name.lower()}"
            for name, attribute in sorted(schema.attributes.items())
        ),
        " ".join(
            f"{c.type_param_str}={sets.number(list(c.allowed_type_strs))}" for c in schema.type_constraints
        ),
        schema.min_input,
        schema.min_output,
    ]


def main() -> None:
    """Writes the table beside the reader of ONNX files."""
    sets = TypeSets()
    ops: dict[str, list[list[object]]] = {}
    schemas = defs.get_all_schemas_with_history()
    for schema in sorted(schemas, key=lambda each: (each.domain, each.name, each.since_version)):
        if schema.domain in DOMAINS:
            ops.setdefault(DOMAINS[schema.domain] + schema.name, []).append(version(schema, sets))
    table = {"onnx": onnx.__version__, "types": list(sets.numbers), "ops": ops}
    OUT.parent.mkdir(exist_ok=True)
    OUT.write_text(json.dumps(table, separators=(",", ":")) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
