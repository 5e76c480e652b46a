"""Calls a module with tensors by input name and gives a flat, named list of tensors."""

import inspect
from collections.abc import Mapping
from typing import Any

import torch
from torch import nn

from tk_worker.errors import WorkerError


def flatten_outputs(value: Any) -> tuple[list[torch.Tensor], list[str] | None]:
    """Tensors of a forward's result in order, with names where it gives them (mapping, named tuple)."""
    if isinstance(value, torch.Tensor):
        return [value], None
    if isinstance(value, Mapping):
        items = [(str(key), item) for key, item in value.items() if item is not None]
    elif isinstance(value, tuple) and hasattr(value, "_fields"):
        items = [(key, item) for key, item in zip(value._fields, value, strict=True) if item is not None]
    elif isinstance(value, tuple | list):
        return [tensor for item in value for tensor in flatten_outputs(item)[0]], None
    else:
        raise WorkerError("bad-model", f"the model's forward gives a {type(value).__name__}, not tensors")
    tensors: list[torch.Tensor] = []
    names: list[str] = []
    for key, item in items:
        inner, _ = flatten_outputs(item)
        tensors += inner
        names += [key] if len(inner) == 1 else [f"{key}_{index}" for index in range(len(inner))]
    return tensors, names


class Adapter(nn.Module):
    """A module seen as a function of positional tensors that gives a flat tuple of tensors."""

    def __init__(self, model: nn.Module, keywords: list[str] | None) -> None:
        super().__init__()
        self.model = model
        self.keywords = keywords

    def forward(self, *tensors: torch.Tensor) -> tuple[torch.Tensor, ...]:
        if self.keywords is None:
            result = self.model(*tensors)
        else:
            result = self.model(**dict(zip(self.keywords, tensors, strict=True)))
        return tuple(flatten_outputs(result)[0])


def binding(module: nn.Module, names: list[str]) -> list[str] | None:
    """How declared inputs meet forward's parameters: by name where all names are parameters (given back),
    else by
    position (None). Throws WorkerError `bad-input-spec` where forward needs more inputs than are declared."""
    if isinstance(module, torch.jit.ScriptModule):
        return None
    parameters = [
        parameter
        for parameter in inspect.signature(module.forward).parameters.values()
        if parameter.kind
        in (parameter.POSITIONAL_ONLY, parameter.POSITIONAL_OR_KEYWORD, parameter.KEYWORD_ONLY)
    ]
    if all(name in [parameter.name for parameter in parameters] for name in names):
        required = [parameter.name for parameter in parameters if parameter.default is parameter.empty]
        lacking = [name for name in required if name not in names]
        if lacking:
            raise WorkerError(
                "bad-input-spec", f"the model also needs the input {', '.join(lacking)}", "add --input"
            )
        in_order = [parameter.name for parameter in parameters][: len(names)] == names
        keyword_only = any(parameter.kind is parameter.KEYWORD_ONLY for parameter in parameters)
        return None if in_order and not keyword_only else names
    return None
