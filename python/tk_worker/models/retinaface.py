"""RetinaFace (Deng et al. 2020) on MobileNet 0.25, with the parameter names of biubug6's checkpoints.

Input is BGR less the mean (104, 117, 123). Each place of three feature maps (strides 8, 16 and 32) has two
anchors; for every anchor, place by place: probabilities (no face, face), box offsets and five landmarks,
relative to the anchor. The anchors' sizes are no part of the network.
"""

import torch
from torch import nn
from torch.nn.functional import interpolate

_ANCHORS = 2
# Slope of the leaky ReLU where layers have 64 channels or fewer, as here everywhere.
_SLOPE = 0.1


def _conv(
    in_channels: int, out_channels: int, kernel: int, stride: int = 1, *, relu: bool = True
) -> nn.Module:
    """Convolution without bias, batch normalisation, leaky ReLU."""
    layers: list[nn.Module] = [
        nn.Conv2d(in_channels, out_channels, kernel, stride, kernel // 2, bias=False),
        nn.BatchNorm2d(out_channels),
    ]
    return nn.Sequential(*layers, *([nn.LeakyReLU(_SLOPE)] if relu else []))


def _separable(in_channels: int, out_channels: int, stride: int) -> nn.Module:
    """A 3 × 3 convolution by channel, then a 1 × 1."""
    return nn.Sequential(
        nn.Conv2d(in_channels, in_channels, 3, stride, 1, groups=in_channels, bias=False),
        nn.BatchNorm2d(in_channels),
        nn.LeakyReLU(_SLOPE),
        nn.Conv2d(in_channels, out_channels, 1, bias=False),
        nn.BatchNorm2d(out_channels),
        nn.LeakyReLU(_SLOPE),
    )


class Backbone(nn.Module):
    """MobileNet (Howard et al. 2017), a quarter of its channels; gives the maps of strides 8, 16 and 32."""

    def __init__(self) -> None:
        super().__init__()
        self.stage1 = nn.Sequential(
            _conv(3, 8, 3, 2),
            _separable(8, 16, 1),
            _separable(16, 32, 2),
            _separable(32, 32, 1),
            _separable(32, 64, 2),
            _separable(64, 64, 1),
        )
        self.stage2 = nn.Sequential(_separable(64, 128, 2), *(_separable(128, 128, 1) for _ in range(5)))
        self.stage3 = nn.Sequential(_separable(128, 256, 2), _separable(256, 256, 1))

    def forward(self, image: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        first = self.stage1(image)
        second = self.stage2(first)
        return first, second, self.stage3(second)


class FeaturePyramid(nn.Module):
    """Feature pyramid (Lin et al. 2017): what the coarser maps know is added to the finer ones."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.output1 = _conv(64, channels, 1)
        self.output2 = _conv(128, channels, 1)
        self.output3 = _conv(256, channels, 1)
        self.merge1 = _conv(channels, channels, 3)
        self.merge2 = _conv(channels, channels, 3)

    def forward(self, maps: tuple[torch.Tensor, torch.Tensor, torch.Tensor]) -> list[torch.Tensor]:
        fine, middle, coarse = self.output1(maps[0]), self.output2(maps[1]), self.output3(maps[2])
        middle = self.merge2(middle + interpolate(coarse, size=middle.shape[2:], mode="nearest"))
        fine = self.merge1(fine + interpolate(middle, size=fine.shape[2:], mode="nearest"))
        return [fine, middle, coarse]


class ContextModule(nn.Module):
    """SSH's context module (Najibi et al. 2017): windows of 3, 5 and 7, side by side."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        half, quarter = channels // 2, channels // 4
        self.conv3X3 = _conv(channels, half, 3, relu=False)
        self.conv5X5_1 = _conv(channels, quarter, 3)
        self.conv5X5_2 = _conv(quarter, quarter, 3, relu=False)
        self.conv7X7_2 = _conv(quarter, quarter, 3)
        self.conv7x7_3 = _conv(quarter, quarter, 3, relu=False)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        wide = self.conv5X5_1(x)
        return torch.relu(
            torch.cat([self.conv3X3(x), self.conv5X5_2(wide), self.conv7x7_3(self.conv7X7_2(wide))], dim=1)
        )


class Head(nn.Module):
    """So many values for each anchor of a map: [N, C, h, w] → [N, h · w · anchors, values]."""

    def __init__(self, channels: int, values: int) -> None:
        super().__init__()
        self.values = values
        self.conv1x1 = nn.Conv2d(channels, _ANCHORS * values, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        out = self.conv1x1(x).permute(0, 2, 3, 1)
        return torch.reshape(torch.flatten(out, 1), (out.shape[0], -1, self.values))


class RetinaFace(nn.Module):
    """[N, 3, H, W] → probabilities [N, A, 2], boxes [N, A, 4], landmarks [N, A, 10]."""

    def __init__(self, channels: int = 64) -> None:
        super().__init__()
        self.body = Backbone()
        self.fpn = FeaturePyramid(channels)
        self.ssh1 = ContextModule(channels)
        self.ssh2 = ContextModule(channels)
        self.ssh3 = ContextModule(channels)
        self.ClassHead = nn.ModuleList([Head(channels, 2) for _ in range(3)])
        self.BboxHead = nn.ModuleList([Head(channels, 4) for _ in range(3)])
        self.LandmarkHead = nn.ModuleList([Head(channels, 10) for _ in range(3)])

    def forward(self, image: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        contexts = (self.ssh1, self.ssh2, self.ssh3)
        maps = [context(x) for context, x in zip(contexts, self.fpn(self.body(image)), strict=True)]

        def all_anchors(heads: nn.ModuleList) -> torch.Tensor:
            return torch.cat([head(x) for head, x in zip(heads, maps, strict=True)], dim=1)

        probabilities = torch.softmax(all_anchors(self.ClassHead), dim=-1)
        return probabilities, all_anchors(self.BboxHead), all_anchors(self.LandmarkHead)
