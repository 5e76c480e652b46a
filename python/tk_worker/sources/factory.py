"""`file.py:factory` and `package.module:factory`: the user's own code, run in this process."""

import importlib
import importlib.util
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import torch
from torch import nn

from tk_worker.errors import WorkerError, first_line
from tk_worker.files import sha256
from tk_worker.protocol import Request
from tk_worker.sources.source import Source
from tk_worker.sources.weights import load_file, record, seed_of
from tk_worker.specs import parse_inputs


def load(request: Request) -> Source:
    """Calls the factory, loads `--weights` into what it gives.

    The factory, or the module that it returns, may have `tk_output_names`. Throws WorkerError `bad-factory`,
    `factory-raised`, `missing-input`.
    """
    name: str = request["source"]
    place, _, attribute = name.rpartition(":")
    if not request.get("inputs"):
        raise WorkerError(
            "missing-input", f"{name} needs its inputs declared", "add --input name:float32[N,3,112,112]"
        )
    inputs = parse_inputs(request["inputs"])
    torch.manual_seed(seed_of(request))
    # Last, so that nothing there stands in the way of the locked packages.
    sys.path.extend(request.get("modulePath") or [])
    code = _import(place, name)
    factory = getattr(code, attribute, None)
    if not callable(factory):
        raise WorkerError("bad-factory", f"{place} has no function `{attribute}`; it has: {_functions(code)}")
    module = _call(factory, name, _file(code))
    source = Source(
        kind="factory",
        module=module.eval(),
        inputs=inputs,
        outputs=_output_names(factory, module, name),
        sha256=sha256(_file(code)) if _file(code).is_file() else None,
    )
    if request.get("weights"):
        source.weights, fitted = load_file(module, request)
        source.dropped, source.missing = fitted.dropped, fitted.missing
    elif request.get("randomWeights"):
        source.weights = record("random", "random", seed=seed_of(request))
    return source


def _import(place: str, name: str) -> ModuleType:
    sys.path.insert(0, str(Path.cwd()))
    try:
        if not place.endswith(".py"):
            return importlib.import_module(place)
        path = Path(place).resolve()
        if not path.is_file():
            raise WorkerError("bad-factory", f"there is no file {place} (source {name})")
        sys.path.insert(0, str(path.parent))
        spec = importlib.util.spec_from_file_location(path.stem, path)
        assert spec is not None and spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[path.stem] = module
        spec.loader.exec_module(module)
        return module
    except WorkerError:
        raise
    except (KeyboardInterrupt, MemoryError):
        raise
    except BaseException as error:
        message = f"{place} cannot be imported: {_where(error, Path(place).resolve())}{first_line(error)}"
        raise WorkerError("bad-factory", message, f"check the part before the colon of {name}") from error


def _call(factory: Callable[[], Any], name: str, file: Path) -> nn.Module:
    try:
        module = factory()
    except (KeyboardInterrupt, MemoryError):
        raise
    except BaseException as error:
        message = f"the factory {name} raised {_where(error, file)}{first_line(error)}"
        raise WorkerError("factory-raised", message) from error
    if not isinstance(module, nn.Module):
        message = f"the factory {name} returned {type(module).__name__}, not a torch.nn.Module"
        raise WorkerError("bad-factory", message)
    return module


def _where(error: BaseException, file: Path) -> str:
    """`at model.py:12: `, the deepest line of the user's own file (or of any) that raised."""
    if isinstance(error, SyntaxError) and error.filename:
        return f"at {Path(error.filename).name}:{error.lineno}: "
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if Path(frame.filename).resolve() == file]
    if not own:
        return ""
    return f"at {file.name}:{own[-1].lineno}: "


def _file(code: ModuleType) -> Path:
    return Path(getattr(code, "__file__", None) or "").resolve()


def _functions(code: ModuleType) -> str:
    own = [key for key, value in vars(code).items() if callable(value) and not key.startswith("_")]
    return ", ".join(own[:10]) or "none"


def _output_names(factory: Any, module: nn.Module, name: str) -> list[str] | None:
    names = getattr(module, "tk_output_names", None) or getattr(factory, "tk_output_names", None)
    if names is None:
        return None
    if isinstance(names, str) or not all(isinstance(item, str) and item for item in names):
        raise WorkerError("bad-factory", f"{name}: tk_output_names must be a list of names")
    return list(names)
