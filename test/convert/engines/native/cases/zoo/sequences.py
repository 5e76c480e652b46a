"""Networks over time, over points and over graphs."""

import numpy as np
import torch
from exports import BATCH, SENTENCE, Network, images, tokens
from torch import Tensor, nn
from torch.nn import functional

from zoo.blocks import block


class Reader(nn.Module):
    """A line of text as a picture, read by two recurrent layers."""

    def __init__(self) -> None:
        super().__init__()
        self.eye = nn.Sequential(
            block(1, 8),
            nn.MaxPool2d(2),
            block(8, 8),
            nn.MaxPool2d((2, 2), (2, 1), (0, 1)),
            nn.Conv2d(8, 8, (4, 1)),
        )
        self.lstm, self.out = nn.LSTM(8, 6, bidirectional=True), nn.Linear(12, 20)

    def forward(self, x: Tensor) -> Tensor:
        """Logarithms of the shares of letters, by place."""
        y, _ = self.lstm(self.eye(x).squeeze(2).permute(2, 0, 1))
        t, n, h = y.size()
        return functional.log_softmax(self.out(y.view(t * n, h)).view(t, n, -1), 2)


class States(nn.Module):
    """A language model that takes its states and gives them back."""

    def __init__(self) -> None:
        super().__init__()
        self.table, self.lstm = nn.Embedding(60, 8), nn.LSTM(8, 6, 2, batch_first=True)
        self.out = nn.Linear(6, 60)

    def forward(self, ids: Tensor, h: Tensor, c: Tensor) -> tuple[Tensor, ...]:
        """Scores and states."""
        y, (h, c) = self.lstm(self.table(ids), (h, c))
        return self.out(y), h, c


class Tagger(nn.Module):
    """A GRU both ways, and a share for each place that the mask shows."""

    def __init__(self) -> None:
        super().__init__()
        self.table = nn.Embedding(60, 8, padding_idx=0)
        self.gru = nn.GRU(8, 6, 2, batch_first=True, bidirectional=True)
        self.weight, self.out = nn.Linear(12, 1), nn.Linear(12, 4)

    def forward(self, ids: Tensor, mask: Tensor) -> Tensor:
        """Scores."""
        y, _ = self.gru(self.table(ids))
        shares = self.weight(y).squeeze(-1).masked_fill(mask == 0, float("-inf")).softmax(-1)
        return self.out(torch.bmm(shares.unsqueeze(1), y).squeeze(1))


def encoder() -> nn.Module:
    """torch's own layers, normalised first, time before batch."""
    layer = nn.TransformerEncoderLayer(16, 2, 24, activation="gelu", norm_first=True)
    return nn.TransformerEncoder(layer, 2, enable_nested_tensor=False)


class Cross(nn.Module):
    """Queries of one sequence, keys of another with one more that is learned."""

    def __init__(self) -> None:
        super().__init__()
        self.attend = nn.MultiheadAttention(16, 4, kdim=12, vdim=12, batch_first=True, add_bias_kv=True)

    def forward(self, query: Tensor, key: Tensor) -> tuple[Tensor, Tensor]:
        """Values and shares."""
        return self.attend(query, key, key, need_weights=True)


class Causal(nn.Module):
    """Turned queries and keys, slopes by distance, and torch's own product with what came before."""

    def __init__(self) -> None:
        super().__init__()
        self.all = nn.Linear(16, 48)

    def forward(self, x: Tensor) -> Tensor:
        """Values by head."""
        n, t, _ = x.shape
        q, k, v = self.all(x).view(n, t, 3, 2, 8).permute(2, 0, 3, 1, 4)
        turns = torch.outer(torch.arange(t).float(), 10000 ** (-torch.arange(0, 8, 2).float() / 8))
        turn = torch.cat((turns, turns), -1)
        q, k = (y * turn.cos() + torch.cat((-y[..., 4:], y[..., :4]), -1) * turn.sin() for y in (q, k))
        y = functional.scaled_dot_product_attention(q, k, v, is_causal=True)
        away = (torch.arange(t)[None] - torch.arange(t)[:, None]).float() * 0.5
        return y + functional.scaled_dot_product_attention(q, k, v, attn_mask=away)


class Wave(nn.Module):
    """Steps that reach further and further back, gated."""

    def __init__(self) -> None:
        super().__init__()
        self.start = nn.Conv1d(1, 8, 1)
        self.steps = nn.ModuleList(nn.Conv1d(8, 16, 2, dilation=2**at) for at in range(3))
        self.out = nn.Conv1d(8, 4, 1)

    def forward(self, x: Tensor) -> Tensor:
        """Four values for each moment."""
        x = self.start(x)
        for at, step in enumerate(self.steps):
            a, b = step(functional.pad(x, (2**at, 0))).chunk(2, 1)
            x = x + torch.tanh(a) * torch.sigmoid(b)
        return self.out(functional.relu(x))


class Separator(nn.Module):
    """Two voices of one recording: a learned basis, masks, and back."""

    def __init__(self) -> None:
        super().__init__()
        self.basis, self.norm = nn.Conv1d(1, 8, 16, 8, bias=False), nn.GroupNorm(1, 8)
        self.mask, self.back = (
            nn.Conv1d(8, 16, 1),
            nn.ConvTranspose1d(8, 1, 16, 8, bias=False),
        )

    def forward(self, x: Tensor) -> Tensor:
        """Both."""
        y = functional.relu(self.basis(x.unsqueeze(1)))
        masks = torch.sigmoid(self.mask(self.norm(y))).view(x.shape[0], 2, 8, -1)
        return torch.stack([self.back(masks[:, at] * y).squeeze(1) for at in range(2)], 1)


class Clouds(nn.Module):
    """PointNet: a turn for each cloud, and the largest of all its points."""

    def __init__(self) -> None:
        super().__init__()
        self.see = nn.Sequential(nn.Conv1d(3, 8, 1), nn.BatchNorm1d(8), nn.ReLU())
        self.turn, self.out = nn.Linear(8, 9), nn.Conv1d(16, 4, 1)

    def forward(self, x: Tensor) -> Tensor:
        """Logarithms of shares by point."""
        turn = self.turn(torch.max(self.see(x), 2)[0]).view(-1, 3, 3) + torch.eye(3).view(1, 3, 3)
        y = self.see(torch.bmm(x.transpose(2, 1), turn).transpose(2, 1))
        whole = torch.max(y, 2, keepdim=True)[0].repeat(1, 1, x.size(2))
        return functional.log_softmax(self.out(torch.cat([whole, y], 1)).transpose(2, 1), -1)


class Neighbours(nn.Module):
    """The four nearest points of each, found by the network."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(6, 8, 1)

    def forward(self, x: Tensor) -> Tensor:
        """Features by point."""
        n, c, p = x.shape
        square = (x**2).sum(1, keepdim=True)
        near = 2 * torch.matmul(x.transpose(2, 1), x) - square - square.transpose(2, 1)
        at = near.topk(4, dim=-1)[1] + torch.arange(n).view(-1, 1, 1) * p
        points = x.transpose(2, 1).reshape(n * p, c)
        around = points[at.view(-1), :].view(n, p, 4, c)
        own = points.view(n, p, 1, c).repeat(1, 1, 4, 1)
        return self.conv(torch.cat((around - own, own), 3).permute(0, 3, 1, 2)).max(-1)[0]


class Graph(nn.Module):
    """What a node's neighbours send, summed and averaged."""

    def __init__(self) -> None:
        super().__init__()
        self.see = nn.Linear(6, 8)

    def forward(self, x: Tensor, edges: Tensor) -> tuple[Tensor, Tensor]:
        """By node."""
        y = self.see(x)
        sent, to = y[edges[0]], edges[1]
        count = torch.zeros(x.shape[0]).scatter_add(0, to, torch.ones(to.shape[0]))
        total = torch.zeros_like(y).scatter_add(0, to.unsqueeze(1).expand(-1, 8), sent)
        mean = total / count.clamp(min=1).unsqueeze(1)
        return functional.relu(mean), torch.zeros_like(y).index_add(0, to, sent)


EDGES = tokens(2, 24, below=8, seed=3)
NETWORKS = {
    "reader": Network(
        Reader,
        [{"x": images(n, 1, 16, w)} for n, w in ((2, 32), (1, 40))],
        {"x": {0: "N", 3: "W"}},
    ),
    "states": Network(
        States,
        [
            {"ids": tokens(n, t), "h": images(2, n, 6), "c": images(2, n, 6, seed=1)}
            for n, t in ((2, 5), (3, 1))
        ],
        {"ids": SENTENCE, "h": {1: "N"}, "c": {1: "N"}},
        ["y", "hn", "cn"],
    ),
    "tagger": Network(
        Tagger,
        [{"ids": tokens(n, t), "mask": np.tri(n, t, t - n, dtype=np.int64)} for n, t in ((2, 5), (3, 9))],
        {"ids": SENTENCE, "mask": SENTENCE},
    ),
    "encoder": Network(
        encoder,
        [{"x": images(t, n, 16)} for n, t in ((2, 7), (3, 4))],
        {"x": {0: "T", 1: "N"}},
    ),
    "cross": Network(
        Cross,
        [{"query": images(n, t, 16), "key": images(n, t + 2, 12)} for n, t in ((2, 5), (3, 8))],
        {"query": SENTENCE, "key": {0: "N", 1: "U"}},
        ["y", "shares"],
    ),
    "causal": Network(Causal, [{"x": images(n, t, 16)} for n, t in ((2, 7), (3, 4))], {"x": SENTENCE}),
    "wave": Network(
        Wave,
        [{"x": images(n, 1, t)} for n, t in ((2, 40), (1, 55))],
        {"x": {0: "N", 2: "T"}},
    ),
    "separator": Network(
        Separator,
        [{"x": images(n, t)} for n, t in ((2, 160), (1, 240))],
        {"x": SENTENCE},
    ),
    "clouds": Network(
        Clouds,
        [{"x": images(n, 3, p)} for n, p in ((2, 20), (3, 11))],
        {"x": {0: "N", 2: "P"}},
    ),
    "neighbours": Network(Neighbours, [{"x": images(n, 3, 12)} for n in (2, 3)], {"x": BATCH}),
    "graph": Network(
        Graph,
        [{"x": images(n, 6), "edges": EDGES[:, :e]} for n, e in ((8, 20), (11, 24))],
        {"x": {0: "V"}, "edges": {1: "E"}},
        ["mean", "total"],
    ),
}
