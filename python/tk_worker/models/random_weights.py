"""Seeded random weights that let a deep network be tried out: activations neither vanish nor explode."""

import torch
from torch import nn


def randomise(module: nn.Module, seed: int, shapes: list[tuple[int, ...]]) -> None:
    """Draws every parameter from `seed`, then sets the running statistics of batch normalisation by one pass over
    seeded noise of `shapes`: without that, each residual block would double the variance."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for layer in module.modules():
            _draw(layer, generator)
    norms = [layer for layer in module.modules() if isinstance(layer, nn.modules.batchnorm._BatchNorm)]
    if not norms:
        return
    for norm in norms:
        norm.reset_running_stats()
        norm.momentum = None
    batch = [torch.randn(shape, generator=generator) for shape in shapes]
    module.train()
    with torch.no_grad():
        module(*batch)
    module.eval()


def _draw(layer: nn.Module, generator: torch.Generator) -> None:
    if isinstance(layer, nn.Conv2d | nn.Linear):
        fan_in = layer.weight[0].numel()
        layer.weight.normal_(0, (2 / fan_in) ** 0.5, generator=generator)
        if layer.bias is not None:
            layer.bias.normal_(0, 0.05, generator=generator)
    elif isinstance(layer, nn.modules.batchnorm._BatchNorm):
        layer.weight.uniform_(0.8, 1.2, generator=generator)
        layer.bias.normal_(0, 0.1, generator=generator)
    elif isinstance(layer, nn.PReLU):
        layer.weight.uniform_(0.15, 0.35, generator=generator)
