"""Makes a small network of many kinds of op for the tests of layers: `mixed.onnx` in a folder.

Usage: networks.py FOLDER

Normalisation stands before convolutions, so that the exporter cannot fold it away; attention gives
transposes, products of activations and a softmax; weights are drawn from a seed.
"""

import sys
from pathlib import Path

import torch
from torch import nn

SIZE = 24


class Residual(nn.Module):
    """Normalisation, activation, convolution, twice, around a shortcut."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.body = nn.Sequential(
            nn.BatchNorm2d(channels),
            nn.ReLU(),
            nn.Conv2d(channels, channels, 3, padding=1),
            nn.BatchNorm2d(channels),
            nn.PReLU(channels),
            nn.Conv2d(channels, channels, 3, padding=1, groups=2),
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x + self.body(x)


class Mixed(nn.Module):
    """Convolutions, then attention over what they found, then two heads."""

    def __init__(self, channels: int = 16, heads: int = 2) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, channels, 5, stride=2, padding=2)
        self.blocks = nn.Sequential(Residual(channels), nn.MaxPool2d(3, 2, 1), Residual(channels))
        self.norm = nn.LayerNorm(channels)
        self.heads = heads
        self.qkv = nn.Linear(channels, 3 * channels)
        self.project = nn.Linear(channels, channels)
        self.embedding = nn.Linear(channels, 12)
        self.score = nn.Linear(channels, 4)

    def attend(self, x: torch.Tensor) -> torch.Tensor:
        batch, tokens, channels = x.shape
        qkv = self.qkv(x).reshape(batch, tokens, 3, self.heads, channels // self.heads)
        q, k, v = qkv.permute(2, 0, 3, 1, 4)
        weights = torch.softmax(q @ k.transpose(-1, -2) / 2.0, dim=-1)
        return self.project((weights @ v).transpose(1, 2).reshape(batch, tokens, channels))

    def forward(self, image: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        found = self.blocks(self.stem(image))
        tokens = found.flatten(2).transpose(1, 2)
        tokens = tokens + self.attend(self.norm(tokens))
        mean = torch.tanh(tokens.mean(1))
        return self.embedding(mean), torch.sigmoid(self.score(mean))


def main(folder: Path) -> None:
    torch.manual_seed(11)
    network = Mixed().eval()
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.running_mean.normal_(std=0.3)
            module.running_var.uniform_(0.3, 2)
            module.weight.data.uniform_(0.5, 1.5)
            module.bias.data.normal_(std=0.2)
    torch.onnx.export(
        network,
        (torch.randn(2, 3, SIZE, SIZE),),
        str(folder / "mixed.onnx"),
        dynamo=False,
        opset_version=17,
        input_names=["image"],
        output_names=["embedding", "score"],
        dynamic_axes={name: {0: "N"} for name in ("image", "embedding", "score")},
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
