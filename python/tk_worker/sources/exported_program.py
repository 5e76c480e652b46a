"""torch.export archives (`.pt2`): every way by which torch would execute what a stranger wrote is closed
first.

torch.export.load (2.13) unpickles sample inputs, legacy weights and constants with full pickle when the
safe way
fails, unpickles members that a config marks `use_pickle` and constants named `custom_obj_*` and
`opaque_obj_*`,
loads compiled libraries, evaluates the text of symbolic sizes as Python (sympy), resolves call targets
anywhere
under `torch`, `operator` and `math`, compiles guards and the names of nodes as Python source, and imports
modules
that tree specs name.
"""

import ast
import io
import json
import re
from pathlib import Path
from typing import Any, TypeGuard

import torch

from tk_worker.archives import copy_archive, open_archive
from tk_worker.checkpoints import load_safely
from tk_worker.errors import WorkerError, first_line
from tk_worker.files import sha256
from tk_worker.protocol import Request
from tk_worker.sources.source import Source, refuse_weights
from tk_worker.specs import Dim, InputSpec, dtype_name, parse_inputs

_COMPILED = ("data/aotinductor/", "data/mtia/", "data/executorch/")
_UNSAFE_OBJECT = re.compile(r"data/constants/(custom_obj_|opaque_obj_)")
_HINT = "ask for the model as ONNX, or as a state dict with its network's code"

# What a call target may be: an operator of torch's own libraries, or arithmetic on symbolic sizes.
_TARGET = re.compile(
    r"^(torch\.ops\.(aten|prims|prim|higher_order|quantized_decomposed|torchvision|_c10d_functional|inductor)\.\w+(\.\w+)?"
    r"|torch\.(sym_\w+|_sym_sqrt|_check)"
    r"|_operator\.(add|sub|mul|floordiv|truediv|mod|pow|neg|pos|eq|ne|lt|le|gt|ge|and_|or_|not_|getitem|lshift|rshift)"
    r"|math\.(ceil|floor|trunc|sqrt|log|log2))$"
)
_SYMPY_FUNCTIONS = frozenset(
    [
        "Add",
        "Mul",
        "Pow",
        "Integer",
        "Rational",
        "Float",
        "Symbol",
        "Max",
        "Min",
        "Eq",
        "Ne",
        "Equality",
        "Unequality",
        "Lt",
        "Le",
        "Gt",
        "Ge",
        "StrictLessThan",
        "LessThan",
        "StrictGreaterThan",
        "GreaterThan",
        "And",
        "Or",
        "Not",
        "Abs",
        "floor",
        "ceiling",
        "FloorDiv",
        "ModularIndexing",
        "Where",
        "PythonMod",
        "Mod",
        "CleanDiv",
        "CeilToInt",
        "FloorToInt",
        "CeilDiv",
        "LShift",
        "RShift",
        "PowByNatural",
        "FloatPow",
        "FloatTrueDiv",
        "IntTrueDiv",
        "IsNonOverlappingAndDenseIndicator",
        "TruncToFloat",
        "TruncToInt",
        "RoundToInt",
        "RoundDecimal",
        "ToFloat",
        "Identity",
    ]
)
_SYMPY_CONSTANTS = frozenset(
    ["oo", "int_oo", "true", "false", "True", "False", "Infinity", "NegativeInfinity", "Half", "Zero", "One"]
)
_SYMBOL = re.compile(r"^[a-z]{1,4}\d+$")
_SYMBOL_ARGUMENT = re.compile(r"^[\w.+-]{1,40}$")
_SYMPY_NODES = (
    ast.Expression, ast.BinOp, ast.UnaryOp, ast.BoolOp, ast.Compare, ast.Call, ast.Name, ast.Load,
    ast.Constant,
    ast.keyword, ast.operator, ast.unaryop, ast.boolop, ast.cmpop,
)  # fmt: skip
_LONGEST_EXPRESSION = 2_000

# Names end up in Python source that torch.fx writes and compiles: nothing that could leave a name may
# stand in them.
_PLAIN = re.compile(r"^[\w.\- ]*$")
# Fields whose text torch only stores: what it was traced from, and guards, which are Python source.
_EMPTIED: dict[str, Any] = {"metadata": {}, "guards_code": [], "torch_version": ""}


def load(request: Request, path: Path, scratch: Path) -> Source:
    """Loads an exported program. Throws WorkerError `unsafe-model`, `unreadable-model`, `bad-input-spec`."""
    refuse_weights(request, path.name)
    copy = scratch / "program.pt2"
    with open_archive(path) as archive:
        copy_archive(archive, copy, lambda name, data: sanitise_member(path.name, name, data))
    try:
        program = torch.export.load(str(copy))
        module = program.module(check_guards=False)
    except WorkerError:
        raise
    except Exception as error:
        message = f"{path.name} is no readable torch.export program: {first_line(error, 200)}"
        raise WorkerError("unreadable-model", message) from error
    return Source(
        kind="exported-program",
        module=module,
        program=program,
        inputs=_inputs(program, request, path.name),
        sha256=sha256(path),
        sizes=_sizes(program),
    )


def sanitise_member(label: str, name: str, data: bytes) -> bytes | None:
    """The member as torch may read it, None where it does not need it.

    Throws WorkerError `unsafe-model` on a member by which loading would run code.
    """
    inside = name.partition("/")[2]
    if inside.startswith(_COMPILED):
        raise _refused(label, f"{name} is compiled code")
    if _UNSAFE_OBJECT.match(inside):
        raise _refused(label, f"{name} would be unpickled without restriction")
    if inside.startswith("extra/"):
        return None
    if name.endswith(".json"):
        return _sanitise_json(label, name, data)
    if data and (name.endswith(".pt") or _looks_pickled(data)):
        try:
            load_safely(io.BytesIO(data), f"{label}: {name}")
        except WorkerError as error:
            raise WorkerError("unsafe-model", error.message, _HINT) from error
    return data


def _looks_pickled(data: bytes) -> bool:
    """torch.save's zip, or a pickle of protocol 2 or later. Raw weights by chance so begun are refused,
    not run."""
    return data.startswith(b"PK\x03\x04") or (len(data) > 2 and data[0] == 0x80 and 2 <= data[1] <= 5)


def _sanitise_json(label: str, name: str, data: bytes) -> bytes:
    try:
        document = json.loads(data)
        _check(label, "", document)
    except RecursionError as error:
        raise _refused(label, f"{name} is nested too deeply") from error
    except ValueError as error:
        raise WorkerError("unreadable-model", f"{label}: {name} is no JSON: {first_line(error)}") from error
    return json.dumps(document).encode()


def _check(label: str, key: str, value: Any) -> None:
    """Checks a JSON value in place: empties what is not needed, throws on text that torch would run."""
    if isinstance(value, dict):
        value.update({field: empty for field, empty in _EMPTIED.items() if field in value})
        for field, item in value.items():
            _check_text(label, "expr_str" if key == "range_constraints" else "", field)
            _check(label, field, item)
    elif isinstance(value, list):
        for item in value:
            _check(label, key, item)
    elif isinstance(value, str):
        _check_text(label, key, value)


def _check_text(label: str, key: str, text: str) -> None:
    if key == "expr_str":
        if not is_plain_expression(text):
            raise _refused(label, f"the symbolic size {text[:80]!r} is more than arithmetic")
    elif key in ("in_spec", "out_spec", "context") and text.startswith(("[", "{")):
        _check(label, "", json.loads(text))
    elif key == "target" and text.startswith(("torch", "_operator", "math", "#")):
        if not _TARGET.match(text):
            raise _refused(label, f"the call target {text[:80]!r} is no torch operator")
    elif key != "as_string" and not _PLAIN.match(text):
        raise _refused(label, f"the name {text[:80]!r} is no plain name")
    if text in ("__enum__", "default_factory_module"):
        raise _refused(label, "its tree specs import modules")


def is_plain_expression(text: str) -> bool:
    """True for arithmetic over symbols and torch's size functions, all that sympy may be given."""
    if len(text) > _LONGEST_EXPRESSION:
        return False
    try:
        tree = ast.parse(text.strip(), mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    named = {id(argument) for node in ast.walk(tree) if _is_naming(node) for argument in node.args[:1]}
    return all(_is_plain_node(node, named) for node in ast.walk(tree))


def _is_naming(node: ast.AST) -> TypeGuard[ast.Call]:
    """`Symbol('s0')`, `Float('1.5')`: calls that take text, which they do not evaluate."""
    return (
        isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("Symbol", "Float")
    )


def _is_plain_node(node: ast.AST, named: set[int]) -> bool:
    if isinstance(node, ast.Name):
        return node.id in _SYMPY_FUNCTIONS or node.id in _SYMPY_CONSTANTS or bool(_SYMBOL.match(node.id))
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return id(node) in named and bool(_SYMBOL_ARGUMENT.match(node.value))
    if isinstance(node, ast.Constant):
        return type(node.value) in (int, float, bool)
    if isinstance(node, ast.Call):
        return isinstance(node.func, ast.Name) and node.func.id in _SYMPY_FUNCTIONS
    return isinstance(node, _SYMPY_NODES)


def _refused(label: str, reason: str) -> WorkerError:
    return WorkerError(
        "unsafe-model", f"{label} is refused: {reason}, and loading it would execute code", _HINT
    )


def _inputs(program: torch.export.ExportedProgram, request: Request, label: str) -> list[InputSpec]:
    own = _own_inputs(program)
    given = parse_inputs(request.get("inputs") or [])
    if not given:
        return own
    for mine, theirs in zip(own, given, strict=False):
        same = len(mine.shape) == len(theirs.shape) and all(
            isinstance(left, str) == isinstance(right, str) and (isinstance(left, str) or left == right)
            for left, right in zip(mine.shape, theirs.shape, strict=True)
        )
        if not same or mine.dtype != theirs.dtype:
            raise _differ(label, own)
    if len(own) != len(given):
        raise _differ(label, own)
    return given


def _differ(label: str, own: list[InputSpec]) -> WorkerError:
    declared = ", ".join(f"{spec.name}:{spec.dtype}[{','.join(map(str, spec.shape))}]" for spec in own)
    return WorkerError(
        "bad-input-spec", f"{label} was exported with the inputs {declared}", "--input may only rename"
    )


def _own_inputs(program: torch.export.ExportedProgram) -> list[InputSpec]:
    names = set(program.graph_signature.user_inputs)
    symbols: dict[str, str] = {}
    specs: list[InputSpec] = []
    for node in program.graph.nodes:
        if node.op != "placeholder" or node.name not in names:
            continue
        value = node.meta["val"]
        if not isinstance(value, torch.Tensor):
            raise WorkerError("bad-model", f"the input {node.name} is a {type(value).__name__}, not a tensor")
        shape = tuple(_dim(size, axis, symbols) for axis, size in enumerate(value.shape))
        specs.append(InputSpec(node.name, dtype_name(value.dtype), shape))
    return specs


def _dim(size: Any, axis: int, symbols: dict[str, str]) -> Dim:
    if isinstance(size, int):
        return size
    text = str(size)
    return symbols.setdefault(text, "N" if axis == 0 and "N" not in symbols.values() else f"D{len(symbols)}")


def _sizes(program: torch.export.ExportedProgram) -> dict[str, tuple[int, int]]:
    """Two sizes within each symbol's declared range, by the names that `_own_inputs` gives them."""
    symbols: dict[str, str] = {}
    ranges = {str(symbol): limits for symbol, limits in program.range_constraints.items()}
    sizes: dict[str, tuple[int, int]] = {}
    for node in program.graph.nodes:
        value = node.meta.get("val")
        if node.op != "placeholder" or node.name not in set(program.graph_signature.user_inputs):
            continue
        for axis, size in enumerate(getattr(value, "shape", ())):
            name = _dim(size, axis, symbols)
            limits = ranges.get(str(size))
            if isinstance(name, str) and limits is not None:
                low = max(2, int(limits.lower))
                high = (
                    min(low + 64, int(limits.upper))
                    if str(limits.upper) not in ("int_oo", "oo")
                    else low + 64
                )
                sizes[name] = (min(32, high) if low <= 32 else low, min(40, high) if low <= 40 else high)
    return sizes
