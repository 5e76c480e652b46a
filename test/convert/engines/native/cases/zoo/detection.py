"""Detectors, with what stands before and behind their networks."""

import numpy as np
import torch
from exports import BATCH, SPACE, Network, images
from torch import Tensor, nn
from torch.nn import functional

from zoo.blocks import block, sizes, squares


class AnchorFree(nn.Module):
    """YOLO's eighth: pools over pools, distances as shares of bins, anchors by the maps' sizes."""

    def __init__(self) -> None:
        super().__init__()
        self.stem, self.down = (
            nn.Sequential(block(3, 8, 3, 2), block(8, 8, 3, 2)),
            block(8, 8, 3, 2),
        )
        self.join, self.heads = (
            block(32, 8, 1),
            nn.ModuleList(nn.Conv2d(c, 19, 1) for c in (16, 8)),
        )
        self.bins = nn.Conv2d(4, 1, 1, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """Boxes and scores of all places of both maps."""
        fine = self.stem(x)
        pools = [self.down(fine)]
        for _ in range(3):
            pools.append(functional.max_pool2d(pools[-1], 5, 1, 2))
        coarse = self.join(torch.cat(pools, 1))
        up = functional.interpolate(coarse, scale_factor=2.0, mode="nearest")
        maps = [head(y) for head, y in zip(self.heads, (torch.cat([up, fine], 1), coarse), strict=True)]
        centres, strides = [], []
        for y, stride in zip(maps, (4, 8), strict=True):
            h, w = y.shape[2:]
            rows, columns = torch.meshgrid(
                torch.arange(h).float() + 0.5,
                torch.arange(w).float() + 0.5,
                indexing="ij",
            )
            centres.append(torch.stack((columns, rows), -1).view(-1, 2))
            strides.append(torch.full((h * w, 1), float(stride)))
        centre, stride = torch.cat(centres).t().unsqueeze(0), torch.cat(strides).t()
        boxes, scores = torch.cat([y.flatten(2) for y in maps], 2).split((16, 3), 1)
        n, _, count = boxes.shape
        shares = boxes.view(n, 4, 4, count).transpose(2, 1).softmax(1)
        before, after = self.bins(shares).view(n, 4, count).chunk(2, 1)
        corners = torch.cat((centre - before, centre + after), 1) * stride
        return torch.cat((corners, scores.sigmoid()), 1)


class Priors(nn.Module):
    """SSD: a map of unit length with a scale, boxes that known ones are moved to."""

    def __init__(self) -> None:
        super().__init__()
        self.a, self.b = (
            nn.Sequential(block(3, 8, 3, 2), block(8, 8, 3, 2)),
            block(8, 12, 3, 2),
        )
        self.places = nn.ModuleList(nn.Conv2d(c, 12, 3, padding=1) for c in (8, 12))
        self.scale = nn.Parameter(torch.full((8,), 20.0))
        self.register_buffer("priors", torch.rand(3 * (8 * 8 + 4 * 4), 4))

    def forward(self, x: Tensor) -> Tensor:
        """Corners."""
        first = self.a(x)
        second = self.b(first)
        length = first.pow(2).sum(1, keepdim=True).sqrt() + 1e-10
        first = self.scale.view(1, -1, 1, 1).expand_as(first) * torch.div(first, length)
        moves = [
            conv(y).permute(0, 2, 3, 1).contiguous().view(y.size(0), -1)
            for conv, y in zip(self.places, (first, second), strict=True)
        ]
        move = torch.cat(moves, 1).view(x.size(0), -1, 4)
        middle = self.priors[:, :2] + move[..., :2] * 0.1 * self.priors[:, 2:]
        size = self.priors[:, 2:] * torch.exp(move[..., 2:] * 0.2)
        return torch.cat([middle - size / 2, middle + size / 2], 2)


class Peaks(nn.Module):
    """CenterNet: places that are the highest around, the best ten of them, what stands there."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Sequential(block(3, 8, 3, 2), nn.ConvTranspose2d(8, 8, 4, 2, 1, bias=False))
        self.heat, self.size = nn.Conv2d(8, 2, 1), nn.Conv2d(8, 2, 1)

    def forward(self, x: Tensor) -> tuple[Tensor, ...]:
        """Scores, classes, columns and sizes."""
        y = self.stem(x)
        heat = self.heat(y).sigmoid()
        heat = heat * (functional.max_pool2d(heat, 3, 1, 1) == heat).float()
        n, _, h, w = heat.shape
        scores, at = torch.topk(heat.view(n, -1), 10)
        classes = torch.div(at, h * w, rounding_mode="floor")
        at = at % (h * w)
        size = self.size(y).permute(0, 2, 3, 1).reshape(n, -1, 2)
        return (
            scores,
            classes,
            at % w,
            size.gather(1, at.unsqueeze(2).expand(-1, -1, 2)),
        )


class Suppress(torch.autograd.Function):
    """NonMaxSuppression, as exporters of detectors write it."""

    @staticmethod
    def forward(ctx: object, boxes: Tensor, scores: Tensor) -> Tensor:
        """Something of the right shape."""
        return torch.zeros(8, 3, dtype=torch.int64)

    @staticmethod
    def symbolic(g: object, boxes: Tensor, scores: Tensor) -> object:
        """The node."""
        limits = [torch.tensor([20]), torch.tensor([0.5]), torch.tensor([0.3])]
        constants = [g.op("Constant", value_t=each) for each in limits]
        return g.op("NonMaxSuppression", boxes, scores, *constants)


class Kept(nn.Module):
    """The boxes that are left, the best five of them."""

    def forward(self, boxes: Tensor, scores: Tensor) -> tuple[Tensor, ...]:
        """Boxes, scores, classes."""
        kept = Suppress.apply(boxes, scores)
        at = kept[:, 2]
        best, order = torch.topk(scores[0][kept[:, 1], at], 5)
        return boxes[0].index_select(0, at)[order], best, kept[:, 1][order]


class Align(torch.autograd.Function):
    """RoiAlign."""

    @staticmethod
    def forward(ctx: object, x: Tensor, boxes: Tensor, batch: Tensor) -> Tensor:
        """Something of the right shape."""
        return torch.zeros(boxes.shape[0], x.shape[1], 3, 3)

    @staticmethod
    def symbolic(g: object, x: Tensor, boxes: Tensor, batch: Tensor) -> object:
        """The node, whose samples are as many as each field's size asks for."""
        sizes = {"output_height_i": 3, "output_width_i": 3, "sampling_ratio_i": 0}
        return g.op("RoiAlign", x, boxes, batch, spatial_scale_f=0.25, mode_s="avg", **sizes)


class Regions(nn.Module):
    """The second stage of a detector."""

    def __init__(self) -> None:
        super().__init__()
        self.stem, self.out = (
            nn.Sequential(block(3, 8, 3, 2), block(8, 8, 3, 2)),
            nn.Linear(72, 5),
        )

    def forward(self, x: Tensor, boxes: Tensor, batch: Tensor) -> Tensor:
        """Scores by region."""
        return self.out(Align.apply(self.stem(x), boxes, batch).flatten(1))


class FaceParts(nn.Module):
    """RetinaFace's heads: boxes, faces, five points, all places in one list."""

    def __init__(self) -> None:
        super().__init__()
        self.a, self.b = (
            nn.Sequential(block(3, 8, 3, 2), block(8, 8, 3, 2)),
            block(8, 8, 3, 2),
        )
        self.heads = nn.ModuleList(nn.Conv2d(8, c, 1) for c in (4, 8, 20))

    def forward(self, x: Tensor) -> tuple[Tensor, ...]:
        """Shares, boxes, points."""
        fine = self.a(x)
        coarse = self.b(fine)
        size = [fine.size(2), fine.size(3)]
        fine = fine + functional.interpolate(coarse, size=size, mode="nearest")
        lists = [
            torch.cat(
                [head(y).permute(0, 2, 3, 1).contiguous().view(y.shape[0], -1, k) for y in (fine, coarse)],
                1,
            )
            for head, k in zip(self.heads, (2, 4, 10), strict=True)
        ]
        return functional.softmax(lists[0], -1), lists[1], lists[2]


def boxes(count: int, seed: int) -> np.ndarray:
    """Corners within [0, 1.5)."""
    random = np.random.default_rng(seed)
    corner = random.random((1, count, 2))
    return np.concatenate([corner, corner + 0.05 + random.random((1, count, 2)) / 2], -1).astype(np.float32)


def scores(count: int, seed: int) -> np.ndarray:
    """Of three classes."""
    return np.random.default_rng(seed).random((1, 3, count)).astype(np.float32)


REGIONS = np.array([[2, 3, 30, 40], [10, 5, 50, 60], [0, 0, 63, 63], [-5, -6, 80, 70]], np.float32)
NETWORKS = {
    "anchor-free": Network(AnchorFree, sizes((2, 32), (1, 40)), {"x": SPACE}),
    "priors": Network(Priors, squares(32), {"x": BATCH}),
    "peaks": Network(Peaks, sizes((2, 16), (1, 22)), {"x": SPACE}, ["a", "b", "c", "d"]),
    "suppression": Network(
        Kept,
        [{"boxes": boxes(n, n), "scores": scores(n, n)} for n in (30, 50)],
        {"boxes": {1: "K"}, "scores": {2: "K"}},
        ["kept", "best", "classes"],
        ("torchscript",),
    ),
    "regions": Network(
        Regions,
        [
            {
                "x": images(2, 3, 64, 64),
                "boxes": REGIONS[:n],
                "batch": np.array([0, 1, 1, 0])[:n],
            }
            for n in (4, 2)
        ],
        {"boxes": {0: "K"}, "batch": {0: "K"}},
        exporters=("torchscript",),
    ),
    "face-parts": Network(FaceParts, sizes((2, 32), (1, 40)), {"x": SPACE}, ["faces", "boxes", "points"]),
}
