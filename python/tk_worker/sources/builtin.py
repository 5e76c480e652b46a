"""Built-in networks with weights from a package, a checkpoint, or drawn at random."""

import hashlib

import torch
from torch import nn

from tk_worker.checkpoints import Fit
from tk_worker.errors import WorkerError
from tk_worker.files import sha256
from tk_worker.models.registry import Builtin, require_builtin
from tk_worker.protocol import Request
from tk_worker.sources.source import Source
from tk_worker.sources.weights import load_file, record, seed_of
from tk_worker.specs import InputSpec, parse_inputs


def load(request: Request) -> Source:
    """Builds the named network and loads its weights. Throws WorkerError `missing-weights` where it needs
    some."""
    name: str = request["source"]
    builtin = require_builtin(name)
    # What a partial checkpoint lacks is drawn by the network's own initialisation.
    torch.manual_seed(seed_of(request))
    module = builtin.build().eval()
    source = Source(
        kind="builtin",
        module=module,
        inputs=_inputs(builtin, request),
        outputs=list(builtin.outputs),
        profile=builtin.profile,
        sizes=builtin.sizes,
        tolerances=builtin.tolerances,
    )
    if request.get("weights"):
        source.weights, fitted = load_file(module, request, builtin.drops)
        source.dropped, source.missing = fitted.dropped, fitted.missing
    elif request.get("randomWeights"):
        _randomise(module, builtin, seed_of(request))
        source.weights = record("random", "random", seed=seed_of(request))
        source.tolerances = None  # Random weights are scaled to outputs that the usual tolerances fit.
    elif builtin.package is not None:
        fitted = _load_package(module, builtin, source, request.get("packageWeights") or {})
        source.dropped, source.missing = fitted.dropped, fitted.missing
    else:
        raise WorkerError(
            "missing-weights",
            f"no package carries weights for {name}",
            "give --weights CHECKPOINT, or --random-weights to try the network out",
        )
    return source


def _inputs(builtin: Builtin, request: Request) -> list[InputSpec]:
    texts = request.get("inputs") or []
    return parse_inputs(texts) if texts else list(builtin.inputs)


def _load_package(module: nn.Module, builtin: Builtin, source: Source, folders: dict[str, str]) -> Fit:
    from tk_worker.checkpoints import Checkpoint, fit

    package = builtin.package
    assert package is not None
    path = package.locate(folders)
    digest = hashlib.sha256()
    for file in package.files(path):
        digest.update(sha256(file).encode())
    source.weights = record("package", package.label, digest=digest.hexdigest())
    return fit(module, Checkpoint(package.read(path)), (), False, package.label)


def _randomise(module: nn.Module, builtin: Builtin, seed: int) -> None:
    from tk_worker.models.random_weights import randomise

    sizes = {symbol: pair[0] for symbol, pair in builtin.sizes.items()}
    randomise(module, seed, [spec.sizes({"N": 4, **sizes}) for spec in builtin.inputs])
