"""Runs the torch model on seeded inputs: to learn its dynamic dimensions, and for reference.npz."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path

import numpy as np
import torch

from tk_worker.errors import WorkerError, first_line
from tk_worker.specs import Dim, InputSpec, batch_symbol, dtype_name, symbols_of, torch_dtype

BATCHES = (1, 2, 5)

Model = Callable[..., Sequence[torch.Tensor]]

# Sizes tried in turn for a dynamic dimension that is no batch, until the model takes them.
_TRIED_SIZES = ((8, 11), (32, 40), (64, 80), (224, 256))
_TRIED_VALUES = ((0, 9), (0, 1), (0, 0))


@dataclass
class Probe:
    """What running the model told: sizes for its symbols (two each), integer ranges, outputs with symbolic
    shapes."""

    sizes: dict[str, tuple[int, int]]
    values: dict[str, tuple[int, int]]
    shapes: list[tuple[Dim, ...]] = field(default_factory=list)
    dtypes: list[str] = field(default_factory=list)


def make_inputs(
    specs: list[InputSpec], sizes: dict[str, int], seed: int, values: dict[str, tuple[int, int]]
) -> list[torch.Tensor]:
    """Seeded inputs: normal for floats, uniform over their range for integers, fair coins for booleans."""
    generator = torch.Generator().manual_seed(seed)
    return [_draw(spec, spec.sizes(sizes), generator, values) for spec in specs]


def probe(model: Model, specs: list[InputSpec], known_sizes: dict[str, tuple[int, int]], seed: int) -> Probe:
    """Finds sizes and values that the model takes, and how its outputs' shapes follow from them.

    Throws WorkerError `model-failed` (exit 2) with the model's own first message where nothing works.
    """
    failure: Exception | None = None
    for sizes, low_high in product(_size_choices(specs, known_sizes), _TRIED_VALUES):
        values = {spec.name: spec.values or low_high for spec in specs if _is_integer(spec)}
        try:
            return _shapes(model, specs, Probe(sizes, values), seed)
        except (RuntimeError, IndexError, ValueError, TypeError, AttributeError, AssertionError) as error:
            failure = failure or error
            if not values and not symbols_of(specs):
                break
    assert failure is not None
    declared = ", ".join(f"{spec.name}:{spec.dtype}{list(spec.shape)}".replace("'", "") for spec in specs)
    raise WorkerError(
        "model-failed", f"the model does not run on {declared}: {first_line(failure)}", "check --input"
    )


def sizes_of(probed: Probe, choice: int, batch: str | None, batch_size: int) -> dict[str, int]:
    """Sizes of every symbol: the first or second that was found for each, and `batch_size` for the batch."""
    sizes = {symbol: pair[choice] for symbol, pair in probed.sizes.items()}
    return sizes if batch is None else {**sizes, batch: batch_size}


def write_reference(
    model: Model, specs: list[InputSpec], names: list[str], probed: Probe, seed: int, path: Path
) -> list[int]:
    """Writes `b{N}/in/{name}` and `b{N}/out/{name}` for batches 1, 2 and 5, or for the one static batch;
    gives them."""
    batch = batch_symbol(specs)
    batches = list(BATCHES) if batch is not None else [_static_batch(specs)]
    arrays: dict[str, np.ndarray] = {}
    for size in batches:
        tensors = make_inputs(specs, sizes_of(probed, size % 2 == 0, batch, size), seed + size, probed.values)
        with torch.no_grad():
            results = model(*(tensor.clone() for tensor in tensors))
        arrays |= {
            f"b{size}/in/{spec.name}": _array(tensor) for spec, tensor in zip(specs, tensors, strict=True)
        }
        arrays |= {f"b{size}/out/{name}": _array(tensor) for name, tensor in zip(names, results, strict=True)}
    np.savez(path, **arrays)  # type: ignore[arg-type]
    return batches


def _shapes(model: Model, specs: list[InputSpec], probed: Probe, seed: int) -> Probe:
    """Runs the model once with every symbol small, and once more for each symbol grown alone."""
    batch = batch_symbol(specs)
    small = sizes_of(probed, 0, batch, 2)
    base = _run(model, specs, small, seed, probed)
    grown: dict[str, list[tuple[int, ...]]] = {}
    larger = sizes_of(probed, 1, batch, 3)
    for symbol in symbols_of(specs):
        results = _run(model, specs, {**small, symbol: larger[symbol]}, seed, probed)
        grown[symbol] = [tuple(tensor.shape) for tensor in results]
        if len(grown[symbol]) != len(base):
            raise WorkerError("bad-model", f"the number of outputs changes with {symbol}")
    for index, tensor in enumerate(base):
        probed.dtypes.append(dtype_name(tensor.dtype))
        dims = []
        for axis, size in enumerate(tensor.shape):
            movers = [symbol for symbol, shapes in grown.items() if shapes[index][axis] != size]
            dims.append(_dim(index, axis, int(size), movers, small, larger, grown))
        probed.shapes.append(tuple(dims))
    return probed


def _dim(
    index: int,
    axis: int,
    size: int,
    movers: list[str],
    small: dict[str, int],
    larger: dict[str, int],
    grown: dict[str, list[tuple[int, ...]]],
) -> Dim:
    """A size; the symbol that it equals; or a new symbol for what is computed from others, e.g.
    `out0_dim2`."""
    if not movers:
        return size
    symbol = movers[0]
    follows = len(movers) == 1 and size == small[symbol] and grown[symbol][index][axis] == larger[symbol]
    return symbol if follows else f"out{index}_dim{axis}"


def _run(
    model: Model, specs: list[InputSpec], sizes: dict[str, int], seed: int, probed: Probe
) -> Sequence[torch.Tensor]:
    with torch.no_grad():
        return model(*make_inputs(specs, sizes, seed, probed.values))


def _size_choices(
    specs: list[InputSpec], known: dict[str, tuple[int, int]]
) -> list[dict[str, tuple[int, int]]]:
    batch = batch_symbol(specs)
    unknown = [symbol for symbol in symbols_of(specs) if symbol != batch and symbol not in known]
    choices = _TRIED_SIZES if unknown else _TRIED_SIZES[:1]
    fixed = {symbol: pair for symbol, pair in known.items() if symbol in symbols_of(specs)}
    return [{**fixed, **dict.fromkeys(unknown, pair)} for pair in choices]


def _draw(
    spec: InputSpec, shape: tuple[int, ...], generator: torch.Generator, values: dict[str, tuple[int, int]]
) -> torch.Tensor:
    dtype = torch_dtype(spec.dtype)
    if spec.dtype == "bool":
        return torch.randint(0, 2, shape, generator=generator).bool()
    if dtype.is_floating_point:
        return torch.randn(shape, generator=generator).to(dtype)
    low, high = values[spec.name]
    return torch.randint(low, high + 1, shape, generator=generator).to(dtype)


def _is_integer(spec: InputSpec) -> bool:
    return spec.dtype != "bool" and not torch_dtype(spec.dtype).is_floating_point


def _static_batch(specs: list[InputSpec]) -> int:
    first = next((spec.shape[0] for spec in specs if spec.shape), 1)
    return first if isinstance(first, int) else 1


def _array(tensor: torch.Tensor) -> np.ndarray:
    tensor = tensor.detach().cpu()
    return tensor.float().numpy() if tensor.dtype is torch.bfloat16 else tensor.numpy()
