"""Networks that give maps: segmentation, super-resolution, generators, flow."""

import torch
from exports import BATCH, SPACE, Network, images
from torch import Tensor, nn
from torch.nn import functional

from zoo.blocks import block, sizes, squares


class Pyramid(nn.Module):
    """Features from coarse to fine, each on top of the coarser one's by nearest neighbours."""

    def __init__(self) -> None:
        super().__init__()
        self.down = nn.ModuleList(block(a, b, 3, 2) for a, b in ((3, 8), (8, 12), (12, 16)))
        self.side = nn.ModuleList(nn.Conv2d(c, 8, 1) for c in (8, 12, 16))
        self.out = nn.Conv2d(8, 8, 3, padding=1)

    def forward(self, x: Tensor) -> tuple[Tensor, ...]:
        """Four maps."""
        maps = []
        for down, side in zip(self.down, self.side, strict=True):
            x = down(x)
            maps.append(side(x))
        for at in (1, 0):
            size = maps[at].shape[-2:]
            maps[at] = maps[at] + functional.interpolate(maps[at + 1], size=size, mode="nearest")
        outs = [self.out(each) for each in maps]
        return (*outs, functional.max_pool2d(outs[-1], 1, 2, 0))


class PyramidPooling(nn.Module):
    """Means over 1, 4, 9 and 36 fields, back to the size of the map, by corners."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Sequential(block(3, 8, 3, 2), block(8, 8, 3, 2))
        self.pools = nn.ModuleList(
            nn.Sequential(nn.AdaptiveAvgPool2d(k), nn.Conv2d(8, 4, 1)) for k in (1, 2, 3, 6)
        )
        self.out = nn.Conv2d(24, 4, 1)

    def forward(self, x: Tensor) -> Tensor:
        """Scores by pixel."""
        y = self.stem(x)
        options = {"mode": "bilinear", "align_corners": True}
        pooled = [functional.interpolate(pool(y), y.shape[2:], **options) for pool in self.pools]
        return functional.interpolate(self.out(torch.cat([y, *pooled], 1)), x.shape[2:], **options)


class UnevenUNet(nn.Module):
    """What goes up is padded to what came down; the differences are known at run time."""

    def __init__(self) -> None:
        super().__init__()
        self.a, self.b, self.c = block(1, 8), block(8, 16), block(16, 8)
        self.up, self.out = nn.ConvTranspose2d(16, 8, 2, 2), nn.Conv2d(8, 2, 1)

    def forward(self, x: Tensor) -> Tensor:
        """A map of the input's size."""
        a = self.a(x)
        up = self.up(self.b(functional.max_pool2d(a, 2)))
        dy, dx = a.size(2) - up.size(2), a.size(3) - up.size(3)
        up = functional.pad(up, [dx // 2, dx - dx // 2, dy // 2, dy - dy // 2])
        return self.out(self.c(torch.cat([a, up], 1)))


class UNet3d(nn.Module):
    """Volumes: groups and instances normalised, up by weights and by three lines."""

    def __init__(self) -> None:
        super().__init__()
        self.a = nn.Sequential(nn.Conv3d(1, 8, 3, padding=1), nn.GroupNorm(4, 8), nn.LeakyReLU(0.01))
        self.b = nn.Sequential(nn.Conv3d(8, 8, 3, 2, 1), nn.InstanceNorm3d(8), nn.ReLU())
        self.up, self.out = nn.ConvTranspose3d(8, 8, 2, 2), nn.Conv3d(16, 2, 1)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Scores by voxel, and a map made larger."""
        a = self.a(x)
        b = self.b(a)
        larger = functional.interpolate(b, scale_factor=2.0, mode="trilinear", align_corners=False)
        return self.out(torch.cat([a, self.up(b)], 1)), larger


def super_resolution() -> nn.Module:
    """Channels become pixels."""
    return nn.Sequential(
        nn.Conv2d(1, 16, 5, padding=2),
        nn.Tanh(),
        nn.Conv2d(16, 16, 3, padding=1),
        nn.PReLU(16),
        nn.Conv2d(16, 9, 3, padding=1),
        nn.PixelShuffle(3),
        nn.Sigmoid(),
    )


def generator() -> nn.Module:
    """From a vector to a picture."""
    return nn.Sequential(
        nn.ConvTranspose2d(16, 16, 4, 1, 0, bias=False),
        nn.BatchNorm2d(16),
        nn.ReLU(True),
        nn.ConvTranspose2d(16, 3, 3, 2, 1, output_padding=1),
        nn.Tanh(),
    )


def style_transfer() -> nn.Module:
    """Reflected and replicated borders, instances normalised."""
    return nn.Sequential(
        nn.ReflectionPad2d(3),
        nn.Conv2d(3, 8, 7),
        nn.InstanceNorm2d(8),
        nn.ReLU(True),
        nn.Conv2d(8, 8, 3, 2, 1),
        nn.InstanceNorm2d(8, affine=True),
        nn.ReplicationPad2d(1),
        nn.Conv2d(8, 8, 3),
        nn.Upsample(scale_factor=2.0, mode="bilinear", align_corners=True),
        nn.Conv2d(8, 3, 3),
    )


class Modulated(nn.Module):
    """A convolution whose weights the style of each picture makes."""

    def __init__(self) -> None:
        super().__init__()
        self.weight, self.style = (
            nn.Parameter(torch.randn(1, 6, 4, 3, 3)),
            nn.Linear(8, 4),
        )

    def forward(self, x: Tensor, w: Tensor) -> Tensor:
        """One group a picture."""
        n, c, h, width = x.shape
        kernel = self.weight * self.style(w).view(n, 1, c, 1, 1)
        kernel = kernel * torch.rsqrt(kernel.pow(2).sum([2, 3, 4]) + 1e-8).view(n, 6, 1, 1, 1)
        maps = x.reshape(1, n * c, h, width)
        y = functional.conv2d(maps, kernel.view(n * 6, c, 3, 3), padding=1, groups=n)
        return y.view(n, 6, h, width)


class Warp(nn.Module):
    """Every pixel matched with all others, and the second picture taken from where they match."""

    def forward(self, a: Tensor, b: Tensor) -> Tensor:
        """b moved onto a."""
        n, c, h, w = a.shape
        match = torch.matmul(a.view(n, c, h * w).transpose(1, 2), b.view(n, c, h * w)) / c**0.5
        rows, columns = torch.meshgrid(torch.arange(h), torch.arange(w), indexing="ij")
        places = torch.stack([columns, rows], 0).float().view(1, 2, h * w).expand(n, -1, -1)
        found = torch.matmul(places, match.softmax(-1).transpose(1, 2)).view(n, 2, h, w)
        grid = torch.stack([found[:, 0] * 2 / (w - 1) - 1, found[:, 1] * 2 / (h - 1) - 1], -1)
        return functional.grid_sample(b, grid, align_corners=True)


NETWORKS = {
    "pyramid": Network(Pyramid, sizes((2, 32), (1, 40)), {"x": SPACE}),
    "pyramid-pooling": Network(PyramidPooling, squares(72), {"x": BATCH}),
    "uneven-unet": Network(UnevenUNet, sizes((2, 25), (1, 18), channels=1), {"x": SPACE}),
    "unet-3d": Network(UNet3d, [{"x": images(n, 1, 4, 8, 8)} for n in (2, 1)], {"x": BATCH}),
    "super-resolution": Network(super_resolution, sizes((2, 8), (1, 11), channels=1), {"x": SPACE}),
    "generator": Network(generator, squares(1, 16), {"x": BATCH}),
    "style-transfer": Network(style_transfer, sizes((2, 16), (1, 20)), {"x": SPACE}),
    "modulated": Network(Modulated, [{"x": images(n, 4, 8, 8), "w": images(n, 8)} for n in (2, 2)], {}),
    "warp": Network(
        Warp,
        [{"a": images(n, 4, s, s + 2), "b": images(n, 4, s, s + 2, seed=1)} for n, s in ((2, 8), (1, 6))],
        {"a": SPACE, "b": SPACE},
    ),
}
