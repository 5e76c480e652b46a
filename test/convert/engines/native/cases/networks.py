"""Whole networks with seeded random weights, exported by both of torch's exporters.

Usage: networks.py FOLDER [NAME…]. Each is run at other sizes than it was exported at.
"""

import logging
import sys
import traceback
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from cases import add_data, session_of
from torch import Tensor, nn
from torch.nn import functional

warnings.filterwarnings("ignore")
logging.disable(logging.WARNING)

Arrays = dict[str, np.ndarray]


@dataclass
class Network:
    """How a network is made, exported and fed."""

    make: Callable[[], nn.Module]
    feeds: list[Arrays]
    dynamic: dict[str, dict[int, str]] = field(default_factory=dict)
    outputs: list[str] = field(default_factory=lambda: ["y"])
    exporters: tuple[str, ...] = ("torchscript", "dynamo")


def images(*sizes: int, seed: int = 0) -> np.ndarray:
    """Seeded floats."""
    return np.random.default_rng(seed).standard_normal(sizes).astype(np.float32)


def tokens(*sizes: int, below: int = 50, seed: int = 0) -> np.ndarray:
    """Seeded token numbers."""
    return np.random.default_rng(seed).integers(0, below, sizes, dtype=np.int64)


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


class Wrapped(nn.Module):
    """A transformers model that takes and gives plain tensors."""

    def __init__(self, model: nn.Module, inputs: list[str], outputs: list[str], **fixed: object) -> None:
        super().__init__()
        self.model, self.names, self.outputs, self.fixed = model, inputs, outputs, fixed

    def forward(self, *inputs: Tensor) -> tuple[Tensor, ...]:
        """The outputs by name."""
        result = self.model(**dict(zip(self.names, inputs, strict=True)), **self.fixed)
        return tuple(result[name] for name in self.outputs)


SMALL = {"hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 24}


def bert() -> nn.Module:
    """Encoder with a pooler."""
    from transformers import BertConfig, BertModel

    config = BertConfig(vocab_size=50, max_position_embeddings=32, attn_implementation="eager", **SMALL)
    names = ["input_ids", "attention_mask", "token_type_ids"]
    return Wrapped(BertModel(config), names, ["last_hidden_state", "pooler_output"])


def gpt2() -> nn.Module:
    """Causal language model without a cache."""
    from transformers import GPT2Config, GPT2LMHeadModel

    config = GPT2Config(
        vocab_size=50, n_positions=32, n_embd=16, n_layer=2, n_head=2, attn_implementation="eager"
    )
    return Wrapped(GPT2LMHeadModel(config), ["input_ids", "attention_mask"], ["logits"], use_cache=False)


def vit() -> nn.Module:
    """Patches, a class token, an encoder."""
    from transformers import ViTConfig, ViTForImageClassification

    config = ViTConfig(image_size=16, patch_size=4, num_labels=5, attn_implementation="eager", **SMALL)
    return Wrapped(ViTForImageClassification(config), ["pixel_values"], ["logits"])


def t5() -> nn.Module:
    """Encoder and decoder with relative positions."""
    from transformers import T5Config, T5ForConditionalGeneration

    config = T5Config(
        vocab_size=50, d_model=16, d_kv=8, d_ff=24, num_layers=2, num_heads=2, decoder_start_token_id=0
    )
    names = ["input_ids", "attention_mask", "decoder_input_ids"]
    return Wrapped(T5ForConditionalGeneration(config), names, ["logits"], use_cache=False)


def whisper() -> nn.Module:
    """Log-mel frames to tokens."""
    from transformers import WhisperConfig, WhisperForConditionalGeneration

    config = WhisperConfig(
        vocab_size=50,
        num_mel_bins=8,
        d_model=16,
        encoder_layers=1,
        decoder_layers=1,
        encoder_attention_heads=2,
        decoder_attention_heads=2,
        encoder_ffn_dim=24,
        decoder_ffn_dim=24,
        max_source_positions=10,
        max_target_positions=16,
        pad_token_id=0,
        bos_token_id=1,
        eos_token_id=2,
        decoder_start_token_id=1,
        attn_implementation="eager",
    )
    names = ["input_features", "decoder_input_ids"]
    return Wrapped(WhisperForConditionalGeneration(config), names, ["logits"], use_cache=False)


def clip() -> nn.Module:
    """Pictures against sentences."""
    from transformers import CLIPConfig, CLIPModel

    text = {"vocab_size": 50, "max_position_embeddings": 16, "eos_token_id": 49, **SMALL}
    vision = {"image_size": 16, "patch_size": 8, **SMALL}
    config = CLIPConfig(text_config=text, vision_config=vision, projection_dim=8, attn_implementation="eager")
    names = ["input_ids", "pixel_values", "attention_mask"]
    return Wrapped(CLIPModel(config), names, ["logits_per_image", "text_embeds"])


BATCH = {0: "N"}
SPACE = {0: "N", 2: "H", 3: "W"}
SENTENCE = {0: "N", 1: "T"}


def sentences(names: list[str], *sizes: tuple[int, int]) -> list[Arrays]:
    """Tokens and masks; the last token of the first sentence is hidden where there is a mask."""
    feeds = []
    for n, t in sizes:
        feed = {}
        for at, name in enumerate(names):
            feed[name] = tokens(n, t, seed=at)
            if "mask" in name:
                feed[name] = np.ones((n, t), np.int64)
                feed[name][0, -1] = 0
            elif "type" in name:
                feed[name] = tokens(n, t, below=2)
        feeds.append(feed)
    return feeds


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


def export(network: Network, path: Path, exporter: str) -> None:
    """Writes the ONNX file."""
    torch.manual_seed(0)
    model = network.make().eval()
    for module in model.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.running_mean.uniform_(-0.5, 0.5)
            module.running_var.uniform_(0.5, 1.5)
    example = network.feeds[0]
    args = tuple(torch.from_numpy(each) for each in example.values())
    common = {"input_names": list(example), "output_names": network.outputs}
    if exporter == "torchscript":
        axes = {name: dict(axes) for name, axes in network.dynamic.items()}
        torch.onnx.export(model, args, str(path), opset_version=17, dynamo=False, dynamic_axes=axes, **common)
        return
    shapes = tuple(
        dict.fromkeys(network.dynamic.get(name, {}), torch.export.Dim.DYNAMIC) or None for name in example
    )
    wrapped = isinstance(model, Wrapped)
    torch.onnx.export(
        model,
        args,
        str(path),
        dynamo=True,
        dynamic_shapes=(shapes,) if wrapped else shapes,
        verbose=False,
        **common,
    )


def main(folder: Path, wanted: list[str]) -> None:
    """Writes every network that is wanted; of one that an exporter cannot do, why: `not-exported.txt`."""
    for name, network in NETWORKS.items():
        if wanted and name not in wanted:
            continue
        for exporter in network.exporters:
            case = folder / f"{name}-{exporter}"
            case.mkdir(parents=True)
            try:
                with torch.no_grad():
                    export(network, case / "model.onnx", exporter)
                add_data(case, session_of(case / "model.onnx"), network.feeds)
            except Exception as error:
                (case / "model.onnx").unlink(missing_ok=True)
                (case / "not-exported.txt").write_text(f"{type(error).__name__}: {error}")
                print(f"{case.name}: {traceback.format_exc(limit=-2)}", file=sys.stderr)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
