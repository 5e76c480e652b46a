"""iResNet, the improved residual network of ArcFace and MagFace (Deng et al. 2019; Meng et al. 2021).

A block is BN, conv, BN, PReLU, conv with the stride, BN, and a shortcut (Duta et al. 2020, "Improved Residual
Networks"). Parameter names are those of MagFace's published checkpoints.
"""

import torch
from torch import nn

LAYERS = {18: (2, 2, 2, 2), 50: (3, 4, 14, 3), 100: (3, 13, 30, 3)}

_EPS = 1e-5


class Block(nn.Module):
    """One residual block: [N, in, H, W] → [N, out, H / stride, W / stride]."""

    def __init__(self, in_channels: int, out_channels: int, stride: int) -> None:
        super().__init__()
        self.bn1 = nn.BatchNorm2d(in_channels, eps=_EPS)
        self.conv1 = nn.Conv2d(in_channels, out_channels, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(out_channels, eps=_EPS)
        self.prelu = nn.PReLU(out_channels)
        self.conv2 = nn.Conv2d(out_channels, out_channels, 3, stride=stride, padding=1, bias=False)
        self.bn3 = nn.BatchNorm2d(out_channels, eps=_EPS)
        self.downsample: nn.Module | None = None
        if stride != 1 or in_channels != out_channels:
            self.downsample = nn.Sequential(
                nn.Conv2d(in_channels, out_channels, 1, stride=stride, bias=False),
                nn.BatchNorm2d(out_channels, eps=_EPS),
            )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        shortcut = x if self.downsample is None else self.downsample(x)
        x = self.prelu(self.bn2(self.conv1(self.bn1(x))))
        return self.bn3(self.conv2(x)) + shortcut


class IResNet(nn.Module):
    """[N, 3, 112, 112] → [N, 512]; the length of the embedding is not normalised (for MagFace it is the
    quality)."""

    def __init__(self, depth: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, 64, 3, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(64, eps=_EPS)
        self.prelu = nn.PReLU(64)
        first, second, third, fourth = LAYERS[depth]
        self.layer1 = _stage(64, 64, first)
        self.layer2 = _stage(64, 128, second)
        self.layer3 = _stage(128, 256, third)
        self.layer4 = _stage(256, 512, fourth)
        self.bn2 = nn.BatchNorm2d(512, eps=_EPS)
        self.fc = nn.Linear(512 * 7 * 7, 512)
        self.features = nn.BatchNorm1d(512, eps=_EPS)

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        x = self.prelu(self.bn1(self.conv1(image)))
        x = self.layer4(self.layer3(self.layer2(self.layer1(x))))
        # The published network has dropout here, which does nothing when the network is only run.
        x = torch.flatten(self.bn2(x), 1)
        return self.features(self.fc(x))


def _stage(in_channels: int, out_channels: int, blocks: int) -> nn.Sequential:
    rest = (Block(out_channels, out_channels, 1) for _ in range(blocks - 1))
    return nn.Sequential(Block(in_channels, out_channels, 2), *rest)
