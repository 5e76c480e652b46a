"""Whole networks with seeded random weights, exported by both of torch's exporters.

Usage: networks.py FOLDER [NAME…]. Each is run at other sizes than it was exported at.
"""

import sys
from pathlib import Path

import numpy as np
import torch
from exports import BATCH, SENTENCE, SPACE, Network, images, sentences, tokens, write
from tiny_transformers import bert, clip, gpt2, t5, vit, whisper
from torch import Tensor, nn
from torch.nn import functional


def conv(cin: int, cout: int, k: int = 3, act: type[nn.Module] = nn.ReLU, **options: int) -> nn.Sequential:
    """Convolution, normalisation, activation."""
    padding = options.pop("padding", (k - 1) // 2 * options.get("dilation", 1))
    return nn.Sequential(
        nn.Conv2d(cin, cout, k, padding=padding, bias=False, **options),
        nn.BatchNorm2d(cout),
        act(),
    )


class Residual(nn.Module):
    """A basic block of ResNet."""

    def __init__(self, cin: int, cout: int, stride: int) -> None:
        super().__init__()
        self.first = conv(cin, cout, stride=stride)
        self.second = nn.Sequential(nn.Conv2d(cout, cout, 3, padding=1, bias=False), nn.BatchNorm2d(cout))
        self.short = nn.Sequential(nn.Conv2d(cin, cout, 1, stride=stride, bias=False), nn.BatchNorm2d(cout))

    def forward(self, x: Tensor) -> Tensor:
        """Sum of both ways."""
        return functional.relu(self.second(self.first(x)) + self.short(x))


def resnet() -> nn.Module:
    """Stem, four blocks, head."""
    return nn.Sequential(
        nn.Conv2d(3, 8, 7, stride=2, padding=3),
        nn.BatchNorm2d(8),
        nn.ReLU(),
        nn.MaxPool2d(3, 2, 1),
        Residual(8, 8, 1),
        Residual(8, 16, 2),
        Residual(16, 24, 2),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(24, 5),
    )


class UNet(nn.Module):
    """Down, up by ConvTranspose and by interpolation, with shortcuts."""

    def __init__(self) -> None:
        super().__init__()
        self.a, self.b, self.c = conv(3, 8), conv(8, 12), conv(12, 16)
        self.up = nn.ConvTranspose2d(16, 12, 2, stride=2)
        self.d, self.e, self.out = conv(24, 12), conv(20, 8), nn.Conv2d(8, 2, 1)

    def forward(self, x: Tensor) -> Tensor:
        """A map of the input's size."""
        a = self.a(x)
        b = self.b(functional.max_pool2d(a, 2))
        c = self.c(functional.avg_pool2d(b, 2))
        d = self.d(torch.cat([self.up(c), b], 1))
        e = functional.interpolate(d, scale_factor=2.0, mode="bilinear", align_corners=False)
        return torch.sigmoid(self.out(self.e(torch.cat([e, a], 1))))


class SqueezeExcite(nn.Module):
    """Channels scaled by what the whole picture says."""

    def __init__(self, channels: int, gate: type[nn.Module]) -> None:
        super().__init__()
        self.down, self.up, self.gate = nn.Conv2d(channels, 4, 1), nn.Conv2d(4, channels, 1), gate()

    def forward(self, x: Tensor) -> Tensor:
        """x scaled."""
        pooled = functional.adaptive_avg_pool2d(x, 1)
        return x * self.gate(self.up(functional.relu(self.down(pooled))))


class Inverted(nn.Module):
    """MobileNet's and EfficientNet's block: wide, depthwise, scaled, narrow."""

    def __init__(
        self, cin: int, cout: int, stride: int, act: type[nn.Module], gate: type[nn.Module], k: int = 3
    ) -> None:
        super().__init__()
        wide = cin * 3
        self.body = nn.Sequential(
            conv(cin, wide, 1, act),
            conv(wide, wide, k, act, stride=stride, groups=wide),
            SqueezeExcite(wide, gate),
            nn.Conv2d(wide, cout, 1, bias=False),
            nn.BatchNorm2d(cout),
        )
        self.same = stride == 1 and cin == cout

    def forward(self, x: Tensor) -> Tensor:
        """With its shortcut where the sizes allow one."""
        y = self.body(x)
        return x + y if self.same else y


def mobilenet() -> nn.Module:
    """hardswish and hardsigmoid."""
    return nn.Sequential(
        conv(3, 8, 3, nn.Hardswish, stride=2),
        Inverted(8, 8, 1, nn.Hardswish, nn.Hardsigmoid),
        Inverted(8, 12, 2, nn.Hardswish, nn.Hardsigmoid, 5),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(12, 16),
        nn.Hardswish(),
        nn.Dropout(0.2),
        nn.Linear(16, 5),
    )


def efficientnet() -> nn.Module:
    """SiLU and sigmoid."""
    return nn.Sequential(
        conv(3, 8, 3, nn.SiLU, stride=2),
        Inverted(8, 8, 1, nn.SiLU, nn.Sigmoid),
        Inverted(8, 12, 2, nn.SiLU, nn.Sigmoid, 5),
        conv(12, 20, 1, nn.SiLU),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(20, 5),
    )


class DeepLab(nn.Module):
    """Atrous convolutions side by side, the picture's mean, and back to the input's size."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Sequential(conv(3, 8, stride=2), conv(8, 12, stride=2))
        self.ways = nn.ModuleList([conv(12, 6, 1)] + [conv(12, 6, dilation=d) for d in (2, 4)])
        self.mean, self.out = conv(12, 6, 1), nn.Conv2d(24, 3, 1)

    def forward(self, x: Tensor) -> Tensor:
        """Scores by pixel."""
        y = self.stem(x)
        mean = self.mean(y.mean((2, 3), keepdim=True))
        mean = functional.interpolate(mean, size=y.shape[2:], mode="bilinear", align_corners=False)
        y = self.out(torch.cat([way(y) for way in self.ways] + [mean], 1))
        return functional.interpolate(y, size=x.shape[2:], mode="bilinear", align_corners=True)


class Yolo(nn.Module):
    """A detection head: focus by slices, upsampling by nearest, boxes by a grid."""

    def __init__(self) -> None:
        super().__init__()
        self.stem, self.down, self.head = (
            conv(12, 8, 3, nn.SiLU),
            conv(8, 8, 3, nn.SiLU, stride=2),
            nn.Conv2d(16, 21, 1),
        )

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Boxes and scores."""
        x = torch.cat([x[..., ::2, ::2], x[..., 1::2, ::2], x[..., ::2, 1::2], x[..., 1::2, 1::2]], 1)
        a = self.stem(x)
        b = functional.interpolate(self.down(a), scale_factor=2.0, mode="nearest")
        y = self.head(torch.cat([a, b], 1))
        n, _, h, w = y.shape
        y = y.view(n, 3, 7, h, w).permute(0, 1, 3, 4, 2).sigmoid()
        xy, wh, scores = y.split((2, 2, 3), 4)
        rows, columns = torch.meshgrid(torch.arange(h), torch.arange(w), indexing="ij")
        grid = torch.stack((columns, rows), 2).view(1, 1, h, w, 2).float()
        xy = (xy * 2 - 0.5 + grid) * 8.0
        boxes = torch.cat([xy, (wh * 2) ** 2 * 4.0], 4).reshape(n, -1, 4)
        return boxes, scores.reshape(n, -1, 3)


class ConvNeXt(nn.Module):
    """Depthwise 7 × 7, LayerNorm with channels last, GELU, a scale, in patches."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, 12, 4, stride=4)
        self.wise, self.norm = nn.Conv2d(12, 12, 7, padding=3, groups=12), nn.LayerNorm(12, eps=1e-6)
        self.wide, self.narrow = nn.Linear(12, 48), nn.Linear(48, 12)
        self.scale = nn.Parameter(torch.full((12,), 0.3))
        self.last, self.head = nn.LayerNorm(12), nn.Linear(12, 5)

    def forward(self, x: Tensor) -> Tensor:
        """Scores."""
        x = self.stem(x)
        y = self.norm(self.wise(x).permute(0, 2, 3, 1))
        y = self.scale * self.narrow(functional.gelu(self.wide(y)))
        x = x + y.permute(0, 3, 1, 2)
        return self.head(self.last(x.mean([-2, -1])))


class Swin(nn.Module):
    """Windows, shifted by a roll, attended within."""

    def __init__(self) -> None:
        super().__init__()
        self.patch, self.norm = nn.Conv2d(3, 16, 4, stride=4), nn.LayerNorm(16)
        self.qkv, self.proj = nn.Linear(16, 48), nn.Linear(16, 16)
        self.bias = nn.Parameter(torch.randn(2, 16, 16) * 0.1)
        self.merge = nn.Linear(64, 24)

    def forward(self, x: Tensor) -> Tensor:
        """Merged patches."""
        x = self.patch(x).permute(0, 2, 3, 1)
        n, h, w, c = x.shape
        y = torch.roll(self.norm(x), shifts=(-2, -2), dims=(1, 2))
        y = y.view(n, h // 4, 4, w // 4, 4, c).permute(0, 1, 3, 2, 4, 5).reshape(-1, 16, c)
        q, k, v = self.qkv(y).reshape(-1, 16, 3, 2, 8).permute(2, 0, 3, 1, 4).unbind(0)
        shares = ((q * 8**-0.5) @ k.transpose(-2, -1) + self.bias).softmax(-1)
        y = self.proj((shares @ v).transpose(1, 2).reshape(-1, 16, c))
        y = y.view(n, h // 4, w // 4, 4, 4, c).permute(0, 1, 3, 2, 4, 5).reshape(n, h, w, c)
        x = x + torch.roll(y, shifts=(2, 2), dims=(1, 2))
        corners = [x[:, i::2, j::2] for j in (0, 1) for i in (0, 1)]
        return self.merge(torch.cat(corners, -1))


class Recurrent(nn.Module):
    """An LSTM both ways, a GRU, a plain RNN."""

    def __init__(self) -> None:
        super().__init__()
        self.lstm = nn.LSTM(6, 5, num_layers=2, bidirectional=True, batch_first=True)
        self.gru, self.rnn = nn.GRU(10, 4, batch_first=True), nn.RNN(4, 3, batch_first=True)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Every step's output and the LSTM's last cell."""
        y, (_, cell) = self.lstm(x)
        y, _ = self.gru(y)
        y, _ = self.rnn(y)
        return y, cell


BERT = ["input_ids", "attention_mask", "token_type_ids"]
NETWORKS: dict[str, Network] = {
    "resnet": Network(
        resnet, [{"x": images(n, 3, s, s + 8)} for n, s in ((2, 32), (1, 40), (5, 24))], {"x": SPACE}
    ),
    "unet": Network(UNet, [{"x": images(n, 3, s, s + 8)} for n, s in ((2, 16), (1, 24))], {"x": SPACE}),
    "mobilenet": Network(mobilenet, [{"x": images(n, 3, 32, 32)} for n in (2, 1, 5)], {"x": BATCH}),
    "efficientnet": Network(efficientnet, [{"x": images(n, 3, 24, 24)} for n in (2, 1)], {"x": BATCH}),
    "deeplab": Network(DeepLab, [{"x": images(n, 3, s, s + 8)} for n, s in ((2, 32), (1, 40))], {"x": SPACE}),
    "yolo": Network(
        Yolo,
        [{"x": images(n, 3, s, s + 8)} for n, s in ((2, 16), (1, 24))],
        {"x": SPACE},
        ["boxes", "scores"],
    ),
    "convnext": Network(ConvNeXt, [{"x": images(n, 3, 16, 16)} for n in (2, 3)], {"x": BATCH}),
    "swin": Network(Swin, [{"x": images(n, 3, 32, 32)} for n in (2, 3)], {"x": BATCH}),
    "recurrent": Network(
        Recurrent,
        [{"x": images(n, t, 6)} for n, t in ((2, 7), (1, 3), (3, 12))],
        {"x": SENTENCE},
        ["y", "cell"],
    ),
    "bert": Network(
        bert, sentences(BERT, (2, 7), (1, 5), (3, 12)), dict.fromkeys(BERT, SENTENCE), ["y", "pooled"]
    ),
    "gpt2": Network(gpt2, sentences(BERT[:2], (2, 7), (1, 4)), dict.fromkeys(BERT[:2], SENTENCE)),
    "vit": Network(vit, [{"x": images(n, 3, 16, 16)} for n in (2, 1)], {"x": BATCH}),
    "t5": Network(
        t5,
        sentences([*BERT[:2], "decoder_ids"], (2, 7), (1, 4)),
        {**dict.fromkeys(BERT[:2], SENTENCE), "decoder_ids": {0: "N", 1: "D"}},
    ),
    "whisper": Network(
        whisper,
        [{"frames": images(n, 8, 20), "ids": tokens(n, t)} for n, t in ((2, 5), (1, 7))],
        {"frames": BATCH, "ids": SENTENCE},
    ),
    "clip": Network(
        clip,
        [
            {"ids": tokens(n, t), "x": images(n, 3, 16, 16), "mask": np.ones((n, t), np.int64)}
            for n, t in ((2, 7), (3, 5))
        ],
        {"ids": SENTENCE, "x": BATCH, "mask": SENTENCE},
        ["logits", "text"],
    ),
}


if __name__ == "__main__":
    write(NETWORKS, Path(sys.argv[1]), sys.argv[2:])
