"""How a source is recognised and loaded (docs/convert.md): built-in name, factory, TorchScript, exported
program."""

from pathlib import Path

from tk_worker.errors import WorkerError
from tk_worker.protocol import Request
from tk_worker.sources.source import Source

_TORCHSCRIPT = (".pt", ".pth", ".ts", ".torchscript", ".jit")


def load_source(request: Request, scratch: Path) -> Source:
    """Loads the model that a request names; `scratch` is a folder for copies, removed by the caller."""
    name: str = request["source"]
    if name.endswith(".onnx"):
        raise WorkerError("unknown-source", f"{name} is ONNX already: there is nothing to export")
    if name.endswith(".pt2"):
        from tk_worker.sources import exported_program

        return exported_program.load(request, _existing(name), scratch)
    if name.endswith(_TORCHSCRIPT):
        from tk_worker.sources import torchscript

        return torchscript.load(request, _existing(name), scratch)
    if ":" in name:
        from tk_worker.sources import factory

        return factory.load(request)
    from tk_worker.sources import builtin

    return builtin.load(request)


def _existing(name: str) -> Path:
    path = Path(name)
    if not path.is_file():
        raise WorkerError("missing-source", f"there is no file {name}")
    return path
