"""Declared inputs: `name:float32[N,3,112,112]`, and the sizes that its letters get when a model is run."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tk_worker.errors import WorkerError

if TYPE_CHECKING:
    import torch

Dim = int | str

_DTYPES = [
    "float16",
    "bfloat16",
    "float32",
    "float64",
    "int8",
    "int16",
    "int32",
    "int64",
    "uint8",
    "uint16",
    "uint32",
    "uint64",
    "bool",
]
_SPEC = re.compile(
    r"^(?P<name>[^:\[\]\s]+):(?P<dtype>[a-z0-9]+)\[(?P<dims>[^\]]*)\](?:=(?P<low>-?\d+)\.\.(?P<high>-?\d+))?$"
)
_SYMBOL = re.compile(r"^[A-Za-z_]\w*$")
_USAGE = "write name:float32[N,3,112,112]; a word is a dynamic dimension; for integers =LOW..HIGH may follow"
_LARGEST = 2**31


@dataclass(frozen=True)
class InputSpec:
    """One input: its name, dtype (TensorFlow's name), shape with symbols, and for integers the values it
    may take."""

    name: str
    dtype: str
    shape: tuple[Dim, ...]
    values: tuple[int, int] | None = None

    def sizes(self, symbols: Mapping[str, int]) -> tuple[int, ...]:
        """The shape with each symbol replaced by its size."""
        return tuple(dim if isinstance(dim, int) else symbols[dim] for dim in self.shape)


def parse_input(text: str) -> InputSpec:
    """Reads one `--input`. Throws WorkerError `bad-input-spec`."""
    match = _SPEC.match(text.strip())
    if match is None:
        raise WorkerError("bad-input-spec", f"input `{text}` cannot be read", _USAGE)
    if match["dtype"] not in _DTYPES:
        raise WorkerError("bad-input-spec", f"input `{text}`: unknown dtype {match['dtype']}", _USAGE)
    dims = tuple(_parse_dim(dim.strip(), text) for dim in match["dims"].split(",") if match["dims"].strip())
    values = None if match["low"] is None else (int(match["low"]), int(match["high"]))
    if values is not None and values[0] > values[1]:
        raise WorkerError("bad-input-spec", f"input `{text}`: the range of values is empty", _USAGE)
    return InputSpec(match["name"], match["dtype"], dims, values)


def parse_inputs(texts: list[str]) -> list[InputSpec]:
    """Reads all `--input`s; two of one name are refused."""
    specs = [parse_input(text) for text in texts]
    names = [spec.name for spec in specs]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise WorkerError("bad-input-spec", f"input {', '.join(twice)} is declared twice", _USAGE)
    return specs


def symbols_of(specs: list[InputSpec]) -> list[str]:
    """Every symbol, in order of first use."""
    return list(dict.fromkeys(dim for spec in specs for dim in spec.shape if isinstance(dim, str)))


def batch_symbol(specs: list[InputSpec]) -> str | None:
    """The symbol that stands first in the shape of an input, or None where the batch is static."""
    for spec in specs:
        if spec.shape and isinstance(spec.shape[0], str):
            return spec.shape[0]
    return None


def torch_dtype(name: str) -> "torch.dtype":
    """torch's dtype of a declared dtype."""
    import torch

    dtype = getattr(torch, name)
    assert isinstance(dtype, torch.dtype)
    return dtype


def dtype_name(dtype: "torch.dtype") -> str:
    """The declared dtype's name of torch's dtype, e.g. `float32`."""
    return str(dtype).removeprefix("torch.")


def _parse_dim(text: str, whole: str) -> Dim:
    if text.isdigit() and 0 < int(text) < _LARGEST:
        return int(text)
    if _SYMBOL.match(text):
        return text
    raise WorkerError("bad-input-spec", f"input `{whole}`: `{text}` is neither a size nor a symbol", _USAGE)
