"""What a random node is, and the dice."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

import numpy as np

Choice = TypeVar("Choice")
F = np.float32


@dataclass
class Spec:
    """One node: inputs in order, None for one that is left out."""

    op: str
    opset: int
    inputs: Sequence[np.ndarray | None]
    attributes: dict[str, Any] = field(default_factory=dict)
    outputs: int = 1
    # Inputs, by their place, that are initializers; exporters write sizes and axes so.
    constant: Sequence[int] = ()
    # Whether sizes of the inputs that are fed may be declared as symbols.
    dynamic: bool = True
    # Where neither onnxruntime nor ONNX's evaluator knows this version.
    expected: Sequence[np.ndarray] | None = None


class Dice:
    """Seeded choices."""

    def __init__(self, seed: int) -> None:
        self.random = np.random.default_rng(seed)

    def one(self, choices: Sequence[Choice]) -> Choice:
        """One of several."""
        return choices[int(self.random.integers(len(choices)))]

    def between(self, low: int, high: int) -> int:
        """An integer, both ends included."""
        return int(self.random.integers(low, high + 1))

    def maybe(self, share: float = 0.5) -> bool:
        """True so often."""
        return bool(self.random.random() < share)

    def shape(self, rank: int, low: int = 1, high: int = 5) -> list[int]:
        """Sizes."""
        return [self.between(low, high) for _ in range(rank)]

    def floats(self, shape: Sequence[int], dtype: Any = F) -> np.ndarray:
        """Normal numbers."""
        return (self.random.standard_normal(shape) * 2).astype(dtype)

    def ints(self, shape: Sequence[int], low: int, high: int, dtype: Any = np.int64) -> np.ndarray:
        """Integers, both ends included."""
        return self.random.integers(low, high + 1, shape).astype(dtype)

    def axes(self, rank: int, count: int) -> list[int]:
        """Distinct axes, some counted from the end."""
        chosen = self.random.permutation(rank)[:count]
        return [int(axis) - (rank if self.maybe(0.3) else 0) for axis in chosen]

    def axis(self, rank: int) -> int:
        """One axis, perhaps counted from the end."""
        return self.axes(rank, 1)[0]

    def some(self, **attributes: Any) -> dict[str, Any]:
        """Each attribute with a chance of a half."""
        return {name: value for name, value in attributes.items() if self.maybe()}


Family = Callable[[Dice], Spec]


def i64(*values: int) -> np.ndarray:
    """A vector of int64."""
    return np.array(values, np.int64)
