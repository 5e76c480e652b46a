"""Networks with seeded random weights through both of torch's exporters, as test cases."""

import logging
import sys
import traceback
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from cases import add_data, session_of
from torch import Tensor, nn

warnings.filterwarnings("ignore")
logging.disable(logging.WARNING)

Arrays = dict[str, np.ndarray]


@dataclass
class Network:
    """How a network is made, exported and fed."""

    make: Callable[[], nn.Module]
    feeds: list[Arrays]
    dynamic: dict[str, dict[int, str]] = field(default_factory=dict)
    outputs: list[str] = field(default_factory=lambda: ["y"])
    exporters: tuple[str, ...] = ("torchscript", "dynamo")
    atol: float | None = None


def images(*sizes: int, seed: int = 0) -> np.ndarray:
    """Seeded floats."""
    return np.random.default_rng(seed).standard_normal(sizes).astype(np.float32)


def tokens(*sizes: int, below: int = 50, seed: int = 0) -> np.ndarray:
    """Seeded token numbers."""
    return np.random.default_rng(seed).integers(0, below, sizes, dtype=np.int64)


class Wrapped(nn.Module):
    """A transformers model that takes and gives plain tensors."""

    def __init__(self, model: nn.Module, inputs: list[str], outputs: list[str], **fixed: object) -> None:
        super().__init__()
        self.model, self.names, self.outputs, self.fixed = model, inputs, outputs, fixed

    def forward(self, *inputs: Tensor) -> tuple[Tensor, ...]:
        """The outputs by name."""
        result = self.model(**dict(zip(self.names, inputs, strict=True)), **self.fixed)
        return tuple(result[name] for name in self.outputs)


BATCH = {0: "N"}
SPACE = {0: "N", 2: "H", 3: "W"}
SENTENCE = {0: "N", 1: "T"}


def sentences(names: list[str], *sizes: tuple[int, int]) -> list[Arrays]:
    """Tokens and masks; the last token of the first sentence is hidden where there is a mask."""
    feeds = []
    for n, t in sizes:
        feed = {}
        for at, name in enumerate(names):
            feed[name] = tokens(n, t, seed=at)
            if "mask" in name:
                feed[name] = np.ones((n, t), np.int64)
                feed[name][0, -1] = 0
            elif "type" in name:
                feed[name] = tokens(n, t, below=2)
        feeds.append(feed)
    return feeds


def export(network: Network, path: Path, exporter: str) -> None:
    """Writes the ONNX file."""
    torch.manual_seed(0)
    model = network.make().eval()
    for module in model.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.running_mean.uniform_(-0.5, 0.5)
            module.running_var.uniform_(0.5, 1.5)
    example = network.feeds[0]
    args = tuple(torch.from_numpy(each) for each in example.values())
    common = {"input_names": list(example), "output_names": network.outputs}
    if exporter == "torchscript":
        axes = {name: dict(axes) for name, axes in network.dynamic.items()}
        torch.onnx.export(model, args, str(path), opset_version=17, dynamo=False, dynamic_axes=axes, **common)
        return
    shapes = tuple(
        dict.fromkeys(network.dynamic.get(name, {}), torch.export.Dim.DYNAMIC) or None for name in example
    )
    wrapped = isinstance(model, Wrapped)
    torch.onnx.export(
        model,
        args,
        str(path),
        dynamo=True,
        dynamic_shapes=(shapes,) if wrapped else shapes,
        verbose=False,
        **common,
    )


def write(networks: Mapping[str, Network], folder: Path, wanted: list[str]) -> None:
    """Writes every network that is wanted; of one that an exporter cannot do, why: `not-exported.txt`."""
    for name, network in networks.items():
        if wanted and name not in wanted:
            continue
        for exporter in network.exporters:
            case = folder / f"{name}-{exporter}"
            case.mkdir(parents=True)
            try:
                with torch.no_grad():
                    export(network, case / "model.onnx", exporter)
                add_data(case, session_of(case / "model.onnx"), network.feeds)
                if network.atol is not None:
                    (case / "atol").write_text(str(network.atol))
            except Exception as error:
                (case / "model.onnx").unlink(missing_ok=True)
                (case / "not-exported.txt").write_text(f"{type(error).__name__}: {error}")
                print(f"{case.name}: {traceback.format_exc(limit=-2)}", file=sys.stderr)
