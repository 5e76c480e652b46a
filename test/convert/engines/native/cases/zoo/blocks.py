"""Classifiers of pictures by what each is known for."""

import math

import torch
from exports import BATCH, SPACE, Network, images
from torch import Tensor, nn
from torch.nn import functional


def block(cin: int, cout: int, k: int = 3, stride: int = 1, groups: int = 1) -> nn.Sequential:
    """Convolution, normalisation, ReLU."""
    return nn.Sequential(
        nn.Conv2d(cin, cout, k, stride, k // 2, groups=groups, bias=False),
        nn.BatchNorm2d(cout),
        nn.ReLU(),
    )


class ShuffleNet(nn.Module):
    """Half of the channels pass, the halves are shuffled."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Sequential(block(3, 8, stride=2), nn.MaxPool2d(3, 2, 1))
        self.way = nn.Sequential(block(4, 4, 1), nn.Conv2d(4, 4, 3, 1, 1, groups=4), block(4, 4, 1))
        self.out = nn.Linear(8, 5)

    def forward(self, x: Tensor) -> Tensor:
        """Scores."""
        kept, changed = self.stem(x).chunk(2, 1)
        y = torch.cat((kept, self.way(changed)), 1)
        n, c, h, w = y.size()
        y = y.view(n, 2, c // 2, h, w).transpose(1, 2).contiguous().view(n, -1, h, w)
        return self.out(y.mean([2, 3]))


class DenseNet(nn.Module):
    """Normalisation before convolution, each layer sees all before it."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = block(3, 8, 7, 2)
        self.layers = nn.ModuleList(
            nn.Sequential(nn.BatchNorm2d(c), nn.ReLU(), nn.Conv2d(c, 4, 3, padding=1, bias=False))
            for c in (8, 12, 16)
        )
        self.norm, self.out = nn.BatchNorm2d(20), nn.Linear(20, 5)

    def forward(self, x: Tensor) -> Tensor:
        """Scores."""
        maps = [functional.max_pool2d(self.stem(x), 3, 2, 1)]
        for layer in self.layers:
            maps.append(layer(torch.cat(maps, 1)))
        y = functional.relu(self.norm(torch.cat(maps, 1)), inplace=True)
        return self.out(functional.adaptive_avg_pool2d(y, (1, 1)).flatten(1))


class Inception(nn.Module):
    """Channels turned as for TensorFlow's weights, kernels of 1 × 7 and 7 × 1, pools side by side."""

    def __init__(self) -> None:
        super().__init__()
        self.stem, self.a = block(3, 8, 3, 2), block(8, 4, 1)
        self.b = nn.Sequential(
            nn.Conv2d(8, 6, (1, 7), padding=(0, 3)),
            nn.Conv2d(6, 6, (7, 1), padding=(3, 0)),
        )
        self.c, self.out = block(8, 4, 1), nn.Linear(14, 5)

    def forward(self, x: Tensor) -> Tensor:
        """Scores."""
        first = x[:, 0].unsqueeze(1) * (0.229 / 0.5) + (0.485 - 0.5) / 0.5
        y = self.stem(torch.cat((first, x[:, 1:]), 1))
        y = torch.cat([self.a(y), self.b(y), self.c(functional.avg_pool2d(y, 3, 1, 1))], 1)
        return self.out(functional.adaptive_avg_pool2d(functional.max_pool2d(y, 3, 2), 1).flatten(1))


class SqueezeNet(nn.Module):
    """Pools that round up, a convolution for the classes."""

    def __init__(self) -> None:
        super().__init__()
        self.stem, self.pool = nn.Conv2d(3, 8, 3, 2), nn.MaxPool2d(3, 2, ceil_mode=True)
        self.squeeze, self.one, self.three = (
            nn.Conv2d(8, 4, 1),
            nn.Conv2d(4, 8, 1),
            nn.Conv2d(4, 8, 3, padding=1),
        )
        self.out = nn.Conv2d(16, 5, 1)

    def forward(self, x: Tensor) -> Tensor:
        """Scores."""
        y = functional.relu(self.squeeze(self.pool(functional.relu(self.stem(x)))))
        y = self.pool(torch.cat([functional.relu(self.one(y)), functional.relu(self.three(y))], 1))
        return functional.adaptive_avg_pool2d(functional.relu(self.out(y)), (1, 1)).flatten(1)


class SamePadding(nn.Module):
    """TensorFlow's SAME written by sizes that are known at run time."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.second = nn.Conv2d(3, 8, 3, 2), nn.Conv2d(8, 8, 5, 2, groups=8)

    def padded(self, x: Tensor, k: int) -> Tensor:
        """What a kernel of k with steps of 2 needs."""
        pads = []
        for size in (x.shape[-1], x.shape[-2]):
            total = max((math.ceil(size / 2) - 1) * 2 + k - size, 0)
            pads += [total // 2, total - total // 2]
        return functional.pad(x, pads)

    def forward(self, x: Tensor) -> Tensor:
        """A map."""
        y = functional.silu(self.first(self.padded(x, 3)))
        return functional.max_pool2d(self.second(self.padded(y, 5)), 2)


class Standardized(nn.Module):
    """Weights standardised before each convolution, as NFNet and BiT do it in their two ways."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.second = nn.Conv2d(3, 8, 3), nn.Conv2d(8, 8, 3, 2, 1, groups=2)
        self.norm = nn.GroupNorm(4, 8)

    def forward(self, x: Tensor) -> Tensor:
        """A map."""
        flat = self.first.weight.reshape(1, 8, -1)
        weight = functional.batch_norm(flat, None, None, training=True, momentum=0.0, eps=1e-6)
        y = functional.conv2d(x, weight.reshape_as(self.first.weight), self.first.bias, padding=1)
        variance, mean = torch.var_mean(self.second.weight, dim=(1, 2, 3), keepdim=True, unbiased=False)
        weight = (self.second.weight - mean) * torch.rsqrt(variance + 1e-5)
        return functional.gelu(self.norm(functional.conv2d(y, weight, None, 2, 1, groups=2))) * 1.7


class Attentive(nn.Module):
    """CBAM's, ECA's and coordinate attention, one after the other."""

    def __init__(self) -> None:
        super().__init__()
        self.channels = nn.Sequential(nn.Flatten(), nn.Linear(8, 4), nn.ReLU(), nn.Linear(4, 8))
        self.places, self.near = (
            nn.Conv2d(2, 1, 7, padding=3),
            nn.Conv1d(1, 1, 3, padding=1, bias=False),
        )
        self.joint, self.rows, self.columns = (
            nn.Conv2d(8, 4, 1),
            nn.Conv2d(4, 8, 1),
            nn.Conv2d(4, 8, 1),
        )

    def forward(self, x: Tensor) -> Tensor:
        """x scaled four times."""
        mean, most = (
            functional.adaptive_avg_pool2d(x, 1),
            functional.adaptive_max_pool2d(x, 1),
        )
        x = x * (self.channels(mean) + self.channels(most)).sigmoid()[:, :, None, None]
        x = x * self.places(torch.cat([x.max(1, True)[0], x.mean(1, True)], 1)).sigmoid()
        near = self.near(functional.adaptive_avg_pool2d(x, 1).squeeze(-1).transpose(-1, -2))
        x = x * near.transpose(-1, -2).unsqueeze(-1).sigmoid().expand_as(x)
        h, w = x.shape[2:]
        both = torch.cat([x.mean(3, True), x.mean(2, True).permute(0, 1, 3, 2)], 2)
        rows, columns = torch.split(functional.hardswish(self.joint(both)), [h, w], 2)
        return x * self.rows(rows).sigmoid() * self.columns(columns.permute(0, 1, 3, 2)).sigmoid()


class Mixer(nn.Module):
    """Layers over tokens, then over channels."""

    def __init__(self) -> None:
        super().__init__()
        self.patch, self.norm = nn.Conv2d(3, 16, 8, 8), nn.LayerNorm(16)
        self.tokens = nn.Sequential(nn.Linear(16, 24), nn.GELU("tanh"), nn.Linear(24, 16))
        self.channels, self.out = (
            nn.Sequential(nn.Linear(16, 24), nn.GELU()),
            nn.Linear(24, 5),
        )

    def forward(self, x: Tensor) -> Tensor:
        """Scores."""
        x = self.patch(x).flatten(2).transpose(1, 2)
        x = x + self.tokens(self.norm(x).transpose(1, 2)).transpose(1, 2)
        return self.out(self.channels(x).mean(1))


def sizes(*pairs: tuple[int, int], channels: int = 3) -> list[dict]:
    """Batches of pictures, a little wider than high."""
    return [{"x": images(n, channels, s, s + 8)} for n, s in pairs]


def squares(size: int, channels: int = 3) -> list[dict]:
    """Two batches of pictures of one size."""
    return [{"x": images(n, channels, size, size)} for n in (2, 3)]


NETWORKS = {
    "shufflenet": Network(ShuffleNet, squares(32), {"x": BATCH}),
    "densenet": Network(DenseNet, sizes((2, 32), (1, 40)), {"x": SPACE}),
    "inception": Network(Inception, squares(33), {"x": BATCH}),
    "squeezenet": Network(SqueezeNet, sizes((2, 64), (1, 49)), {"x": SPACE}),
    "same-padding": Network(SamePadding, sizes((2, 33), (1, 46)), {"x": SPACE}),
    "standardized": Network(Standardized, squares(16), {"x": BATCH}),
    "attentive": Network(Attentive, sizes((2, 16), (1, 21), channels=8), {"x": SPACE}),
    "mixer": Network(Mixer, squares(32), {"x": BATCH}),
}
