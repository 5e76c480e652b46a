"""What people write in PyTorch between layers: indices, masks, sums, pads, sizes."""

from collections.abc import Callable

import numpy as np
import torch
from exports import BATCH, SENTENCE, SPACE, Network, images, tokens
from torch import Tensor, nn
from torch.nn import functional

Outputs = Tensor | tuple[Tensor, ...]


class Function(nn.Module):
    """A function of one or two tensors."""

    def __init__(self, function: Callable[..., Outputs]) -> None:
        super().__init__()
        self.function = function


class Unary(Function):
    """Of one."""

    def forward(self, x: Tensor) -> Outputs:
        """The function's."""
        return self.function(x)


class Binary(Function):
    """Of two."""

    def forward(self, x: Tensor, y: Tensor) -> Outputs:
        """The function's."""
        return self.function(x, y)


def assigned(x: Tensor) -> tuple[Tensor, ...]:
    """Slices that are read and written."""
    y = x.clone()
    y[:, 1:3, ::2] = 0
    y[..., -1] += 1
    y[:, :, 2:5, 1] = x[:, :, :3, 0]
    return y, x[:, [0, 2]][..., None, 1:-1], x[x.shape[0] - 1], x[:, -2:, 1::3]


def masked(x: Tensor) -> tuple[Tensor, ...]:
    """As many as are chosen."""
    return (
        x[x > 0],
        x.masked_fill(x < 0, 5.0),
        torch.nonzero(x > 0.5),
        torch.where(x > 0)[0],
    )


def placed(x: Tensor, y: Tensor) -> tuple[Tensor, ...]:
    """By indices of places."""
    z = x.clone()
    z[y] = 2.0
    rows = y[:, None].expand(-1, x.shape[1])
    return (
        z,
        x.index_select(0, y),
        x.scatter(0, rows, 9.0),
        x.scatter_add(0, rows, x[: len(y)]),
        x.gather(0, rows),
    )


def sorted_(x: Tensor) -> tuple[Tensor, ...]:
    """The largest, in order, and where."""
    return (
        *torch.topk(x, 2, 1),
        *torch.sort(x, 1, descending=True),
        torch.argsort(x, -1),
        *torch.max(x, 1),
    )


def products(x: Tensor, y: Tensor) -> tuple[Tensor, ...]:
    """Einstein's sums."""
    return (
        torch.einsum("bij,bjk->bik", x, y),
        torch.einsum("bij,bkj->bik", x, y.transpose(1, 2)),
        torch.einsum("bii->bi", x[:, :, :4]),
        torch.einsum("bij->j", x),
        torch.einsum("...ij,...jk->...ki", x, y),
    )


def padded(x: Tensor) -> tuple[Tensor, ...]:
    """In all modes, also by less than nothing."""
    pads = (1, 2, 3, 0)
    modes = [functional.pad(x, pads, mode) for mode in ("reflect", "replicate", "circular")]
    return functional.pad(x, pads, value=2.5), functional.pad(x, (-1, 2, -3, 1)), *modes


def moved(x: Tensor) -> tuple[Tensor, ...]:
    """Rolled, flipped, summed along."""
    return (
        torch.roll(x, (1, -2), (2, 3)),
        torch.flip(x, [2, 3]),
        torch.cumsum(x, -1),
        torch.tril(x, -1),
        x.diagonal(0, 2, 3),
    )


def resized(mode: str, **options: bool) -> Callable[[Tensor], Outputs]:
    """By scales and to sizes."""

    def resize(x: Tensor) -> Outputs:
        return (
            functional.interpolate(x, scale_factor=1.7, mode=mode, **options),
            functional.interpolate(x, size=(5, 13), mode=mode, **options),
            functional.interpolate(x, scale_factor=0.5, mode=mode, **options),
        )

    return resize


def pooled(x: Tensor) -> tuple[Tensor, ...]:
    """With places, with rounding up, by powers."""
    return (
        *functional.max_pool2d(x, 2, return_indices=True),
        functional.lp_pool2d(x, 2, 2),
        functional.avg_pool2d(x, 3, 2, 1, ceil_mode=True, count_include_pad=False),
        functional.max_pool2d(x, 3, 2, 1, 2, ceil_mode=True),
    )


def shared(x: Tensor) -> tuple[Tensor, ...]:
    """Turned, and means over fields that share rows: what only the newer exporter knows."""
    return torch.rot90(x, 1, [2, 3]), functional.adaptive_avg_pool2d(x, (3, 5))


def reduced(x: Tensor) -> tuple[Tensor, ...]:
    """Sums, spreads, lengths."""
    return (
        torch.logsumexp(x, 1),
        x.std(1),
        x.var((2, 3), unbiased=False),
        x.norm(2, 1),
        x.prod(1),
        x.amax((2, 3)),
        x.argmin(1),
        functional.normalize(x, dim=1),
        torch.cdist(x[:, 0], x[:, 1]),
    )


def whole(x: Tensor) -> tuple[Tensor, ...]:
    """Integers: divided three ways, their bits, their sums."""
    return (
        x // 3,
        x % 3,
        torch.div(x, 3, rounding_mode="trunc"),
        torch.div(x, -3, rounding_mode="floor"),
        torch.fmod(-x, 3),
        x / 2,
        x.sum(1),
        x.max(1)[0],
        x.clamp(2, 5),
        functional.one_hot(x, 60),
    )


def made(x: Tensor) -> tuple[Tensor, ...]:
    """Tensors that only the input's sizes make."""
    n, t = x.shape[:2]
    return (
        torch.arange(t),
        torch.arange(0, t, 2, dtype=torch.float32),
        torch.zeros(n, t),
        torch.full_like(x, 3.0),
        torch.eye(4) * x.mean(),
        torch.meshgrid(torch.arange(n), torch.arange(t), indexing="ij")[1],
    )


def shaped(x: Tensor) -> tuple[Tensor, ...]:
    """Views of all kinds."""
    return (
        x.view(x.size(0), -1),
        x.flatten(1, 2).unflatten(1, (3, 8)),
        x.expand(4, *x.shape),
        x.repeat(1, 2, 1, 3),
        x.repeat_interleave(2, 2),
        *x.chunk(2, 3),
        *x.split([1, 2], 1),
        x.movedim(1, -1),
        functional.pixel_unshuffle(x, 2),
        x.unfold(2, 3, 2),
    )


def activated(x: Tensor) -> Tensor:
    """Everything that bends a line."""
    bends = [
        nn.GLU(1),
        nn.Softshrink(),
        nn.Hardshrink(),
        nn.Tanhshrink(),
        nn.SELU(),
        nn.CELU(0.7),
        nn.Mish(),
    ]
    bends += [
        nn.ELU(0.5),
        nn.Hardtanh(-2, 1),
        nn.LogSigmoid(),
        nn.Softmin(1),
        nn.Softsign(),
        nn.GELU("tanh"),
    ]
    return torch.cat([bend(x) for bend in bends], 1)


def costs(x: Tensor, y: Tensor) -> tuple[Tensor, ...]:
    """Losses."""
    return (
        functional.cross_entropy(x, y, ignore_index=1),
        functional.nll_loss(functional.log_softmax(x, 1), y, reduction="none"),
        functional.smooth_l1_loss(x, x * 2),
        functional.binary_cross_entropy_with_logits(x, x.sigmoid()),
        functional.cosine_similarity(x, x * x),
    )


class Normalized(nn.Module):
    """Groups, instances, layers, neighbours."""

    def __init__(self) -> None:
        super().__init__()
        self.group, self.layer = nn.GroupNorm(2, 4), nn.LayerNorm([4, 8, 8])
        self.instance = nn.InstanceNorm2d(4, affine=True, track_running_stats=True)
        self.local = nn.LocalResponseNorm(3)

    def forward(self, x: Tensor) -> tuple[Tensor, ...]:
        """Each."""
        return (
            self.group(x),
            self.layer(x),
            self.instance(x),
            self.local(x),
            functional.rms_norm(x, (8,)),
        )


class Bag(nn.Module):
    """Sums of rows of a table."""

    def __init__(self) -> None:
        super().__init__()
        self.mean = nn.EmbeddingBag(60, 5, mode="mean")

    def forward(self, x: Tensor) -> Tensor:
        """One row each."""
        return self.mean(x)


class Half(nn.Module):
    """In half precision."""

    def __init__(self) -> None:
        super().__init__()
        self.linear, self.norm = nn.Linear(8, 8).half(), nn.LayerNorm(8).half()

    def forward(self, x: Tensor) -> Tensor:
        """To the end."""
        return self.norm(self.linear(x.half()))


def unary(
    function: Callable[[Tensor], Outputs],
    axes: dict[int, str],
    count: int,
    *sizes: tuple[int, ...],
    exporters: tuple[str, ...] = ("torchscript", "dynamo"),
) -> Network:
    """A network of one input; count names of outputs."""
    names = [f"y{at}" for at in range(count)]
    return Network(
        lambda: Unary(function),
        [{"x": images(*each)} for each in sizes],
        {"x": axes},
        names,
        exporters,
    )


def places(n: int, below: int) -> np.ndarray:
    """Different ones."""
    return np.random.default_rng(n).permutation(below)[:n]


MAPS = ((2, 3, 8, 8), (3, 3, 11, 9))
FIXED = ((2, 3, 8, 8), (3, 3, 8, 8))
LISTS = ((2, 5, 6), (3, 4, 6))
NETWORKS = {
    "assigned": unary(assigned, SPACE, 4, *MAPS),
    "masked": unary(masked, SPACE, 4, *MAPS),
    "placed": Network(
        lambda: Binary(placed),
        [{"x": images(n, 4), "y": places(3, n)} for n in (6, 9)],
        {"x": {0: "N"}},
        [f"y{at}" for at in range(5)],
    ),
    "sorted": unary(sorted_, SENTENCE, 7, *LISTS),
    "products": Network(
        lambda: Binary(products),
        [{"x": images(n, 4, 5), "y": images(n, 5, 3)} for n in (2, 3)],
        {"x": BATCH, "y": BATCH},
        [f"y{at}" for at in range(5)],
    ),
    "padded": unary(padded, SPACE, 5, *MAPS),
    "moved": unary(moved, SPACE, 5, *MAPS),
    "nearest": unary(resized("nearest"), SPACE, 3, *MAPS),
    "linear": unary(resized("bilinear", align_corners=False), SPACE, 3, *MAPS),
    "cubic": unary(resized("bicubic", align_corners=True), SPACE, 3, *MAPS),
    "pooled": unary(pooled, BATCH, 5, *FIXED),
    "shared": unary(shared, BATCH, 2, *FIXED, exporters=("dynamo",)),
    "reduced": unary(reduced, BATCH, 9, *FIXED),
    "whole": Network(
        lambda: Unary(whole),
        [{"x": tokens(n, 4)} for n in (3, 2)],
        {"x": BATCH},
        [f"y{at}" for at in range(10)],
    ),
    "made": unary(made, SENTENCE, 6, *LISTS),
    "shaped": unary(shaped, BATCH, 12, *FIXED),
    "activated": unary(activated, BATCH, 1, (2, 4, 6), (3, 4, 6)),
    "costs": Network(
        lambda: Binary(costs),
        [{"x": images(n, 5), "y": tokens(n, below=5)} for n in (4, 6)],
        {"x": BATCH, "y": BATCH},
        [f"y{at}" for at in range(5)],
    ),
    "normalized": Network(
        Normalized,
        [{"x": images(n, 4, 8, 8)} for n in (2, 3)],
        {"x": BATCH},
        [f"y{at}" for at in range(5)],
    ),
    "bag": Network(Bag, [{"x": tokens(n, 7)} for n in (2, 3)], {"x": BATCH}),
    "half": Network(Half, [{"x": images(n, 8)} for n in (2, 3)], {"x": BATCH}, atol=1e-3),
}
