"""Seeded random weights that let a deep network be tried out: activations neither vanish nor explode."""

import torch
from torch import nn

_BatchNorm = nn.modules.batchnorm._BatchNorm

# Only part of a channel's mean is taken off: over few inputs of noise, what is left after all of it is
# rounding.
_MEAN_SHARE = 0.3


def randomise(module: nn.Module, seed: int, shapes: list[tuple[int, ...]]) -> None:
    """Draws every parameter from `seed`, then sets the running statistics of batch normalisation in one
    pass over
    seeded noise of `shapes`: without that, each residual block would double the variance."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for layer in module.modules():
            _draw(layer, generator)
    norms = [layer for layer in module.modules() if isinstance(layer, _BatchNorm)]
    hooks = [norm.register_forward_pre_hook(_set_statistics) for norm in norms]
    with torch.no_grad():
        module(*(torch.randn(shape, generator=generator) for shape in shapes))
    for hook in hooks:
        hook.remove()
    if norms:
        _scale_to_unit_length(norms[-1])


def _set_statistics(norm: nn.Module, inputs: tuple[torch.Tensor]) -> None:
    assert isinstance(norm, _BatchNorm) and norm.running_mean is not None and norm.running_var is not None
    (x,) = inputs
    axes = [axis for axis in range(x.dim()) if axis != 1]
    norm.running_mean.copy_(_MEAN_SHARE * x.mean(dim=axes))
    centre = norm.running_mean.view([-1 if axis == 1 else 1 for axis in range(x.dim())])
    norm.running_var.copy_((x - centre).square().mean(dim=axes))


def _scale_to_unit_length(norm: nn.Module) -> None:
    """The last normalisation gives an embedding of length about 1, a scale that absolute tolerances are
    meant for."""
    assert isinstance(norm, _BatchNorm)
    with torch.no_grad():
        norm.weight.mul_(norm.num_features**-0.5)
        norm.bias.mul_(norm.num_features**-0.5)


def _draw(layer: nn.Module, generator: torch.Generator) -> None:
    if isinstance(layer, nn.Conv2d | nn.Linear):
        fan_in = layer.weight[0].numel()
        layer.weight.normal_(0, (2 / fan_in) ** 0.5, generator=generator)
        if layer.bias is not None:
            layer.bias.normal_(0, 0.05, generator=generator)
    elif isinstance(layer, _BatchNorm):
        layer.weight.uniform_(0.8, 1.2, generator=generator)
        layer.bias.normal_(0, 0.1, generator=generator)
    elif isinstance(layer, nn.PReLU):
        layer.weight.uniform_(0.15, 0.35, generator=generator)
