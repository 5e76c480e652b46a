"""TorchScript archives: read without Python's pickle, their code checked before it is loaded."""

import ast
from pathlib import Path

import torch

from tk_worker.archives import copy_archive, open_archive
from tk_worker.errors import WorkerError, first_line
from tk_worker.files import sha256
from tk_worker.protocol import Request
from tk_worker.sources.source import Source, refuse_weights
from tk_worker.specs import parse_inputs

# torch.jit.load runs `__setstate__` and exporting runs `forward`: what in TorchScript reaches beyond tensors.
_FORBIDDEN = {
    "save",
    "load",
    "from_file",
    "fork",
    "wait",
    "open",
    "system",
    "_load_from_file",
    "rpc_async",
    "rpc_sync",
}
_NAMESPACES = {"prim", "aten", "quantized", "torchvision", "inductor", "profiler"}


def load(request: Request, path: Path, scratch: Path) -> Source:
    """Loads a TorchScript module. Throws WorkerError `unsafe-model`, `unreadable-model`, `missing-input`."""
    refuse_weights(request, path.name)
    copy = scratch / "torchscript.pt"
    with open_archive(path) as archive:
        names = [member.filename for member in archive.infolist()]
        if not any(name.endswith("constants.pkl") for name in names):
            raise WorkerError(
                "not-a-model",
                f"{path.name} is a checkpoint (weights without a network), not a TorchScript model",
                "give the network as source and this file with --weights",
            )
        if not request.get("inputs"):
            message = f"{path.name}: a TorchScript model does not say its inputs' shapes"
            raise WorkerError("missing-input", message, "add --input name:float32[N,3,112,112]")
        inputs = parse_inputs(request["inputs"])
        copy_archive(archive, copy, lambda name, data: _check_member(path.name, name, data))
    try:
        module = torch.jit.load(str(copy), map_location="cpu").eval()
    except (RuntimeError, ValueError, OSError) as error:
        message = f"{path.name} is no readable TorchScript model: {first_line(error, 200)}"
        raise WorkerError("unreadable-model", message) from error
    return Source(kind="torchscript", module=module, inputs=inputs, sha256=sha256(path))


def _check_member(label: str, name: str, data: bytes) -> bytes:
    if "/code/" not in name or not name.endswith(".py"):
        return data
    try:
        tree = ast.parse(data.decode("utf-8"))
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        message = f"{label}: its code {name} cannot be read: {error}"
        raise WorkerError("unreadable-model", message) from error
    for node in ast.walk(tree):
        chain = _chain(node) if isinstance(node, ast.Attribute) else []
        reaches_out = chain[:1] == ["torch"] and chain[-1] in _FORBIDDEN
        foreign = chain[:1] == ["ops"] and (chain[1] not in _NAMESPACES or chain[-1] in _FORBIDDEN)
        if reaches_out or (foreign and len(chain) > 2):
            raise WorkerError("unsafe-model", f"{label} is refused: its code calls {'.'.join(chain)}")
    return data


def _chain(node: ast.expr) -> list[str]:
    """`torch.ops.x` as its names; empty where the base is no plain name."""
    names: list[str] = []
    while isinstance(node, ast.Attribute):
        names.append(node.attr)
        node = node.value
    return [node.id, *reversed(names)] if isinstance(node, ast.Name) else []
