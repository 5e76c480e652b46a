"""A loaded source, as the export takes it."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from tk_worker.errors import WorkerError
from tk_worker.protocol import Request
from tk_worker.specs import InputSpec

if TYPE_CHECKING:
    from torch import nn
    from torch.export import ExportedProgram

Kind = Literal["builtin", "factory", "exported-program", "torchscript"]


@dataclass
class Source:
    """`module` computes; for an exported program `program` is what is exported. `weights` is the
    manifest's record."""

    kind: Kind
    module: "nn.Module"
    inputs: list[InputSpec]
    outputs: list[str] | None = None
    program: "ExportedProgram | None" = None
    profile: str | None = None
    tolerances: dict[str, float] | None = None
    sha256: str | None = None
    weights: dict[str, Any] | None = None
    dropped: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    sizes: dict[str, tuple[int, int]] = field(default_factory=dict)


def refuse_weights(request: Request, what: str) -> None:
    """A source that carries its weights takes no others."""
    if request.get("weights") or request.get("randomWeights"):
        raise WorkerError(
            "unneeded-weights", f"{what} carries its own weights: leave --weights and --random-weights out"
        )
