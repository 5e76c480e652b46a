"""Convolution and pooling of ONNX's reference evaluator by torch: any float type, at a usable speed."""

from typing import Any

import numpy as np
import torch
from onnx.reference.op_run import OpRun
from onnx.reference.ops.op_conv import Conv as _Conv
from onnx.reference.ops.op_max_pool import MaxPool as _MaxPool
from torch.nn import functional as F

_CONV = {1: F.conv1d, 2: F.conv2d, 3: F.conv3d}
_MAX_POOL = {1: F.max_pool1d, 2: F.max_pool2d, 3: F.max_pool3d}


class Conv(_Conv):
    """ONNX's Conv; of more than three spatial dimensions or of bfloat16 it is left to the evaluator's own."""

    op_domain = ""

    def _run(  # type: ignore[override]
        self,
        x: np.ndarray,
        w: np.ndarray,
        b: np.ndarray | None = None,
        auto_pad: str | None = None,
        dilations: Any = None,
        group: int | None = None,
        kernel_shape: Any = None,
        pads: Any = None,
        strides: Any = None,
    ) -> tuple[np.ndarray]:
        rank = x.ndim - 2
        if x.dtype.kind != "f" or rank not in _CONV:
            return super()._run(x, w, b, auto_pad, dilations, group, kernel_shape, pads, strides)
        dilations, strides = list(dilations or [1] * rank), list(strides or [1] * rank)
        extents = [(size - 1) * step + 1 for size, step in zip(w.shape[2:], dilations, strict=True)]
        padded = _pad(_tensor(x), _pads(auto_pad, pads, x.shape[2:], extents, strides), 0.0)
        bias = None if b is None else _tensor(b)
        y = _CONV[rank](padded, _tensor(w), bias, strides, 0, dilations, group or 1)
        return (y.numpy(),)


class MaxPool(_MaxPool):
    """ONNX's MaxPool; what torch does otherwise (indices, rounding up) is left to the evaluator's own."""

    op_domain = ""

    def _run(  # type: ignore[override]
        self, x: np.ndarray, **attributes: Any
    ) -> tuple[np.ndarray, ...]:
        rank = x.ndim - 2
        plain = not attributes.get("ceil_mode") and len(self.onnx_node.output) == 1 and rank in _MAX_POOL
        if not plain or x.dtype.kind != "f":
            return super()._run(x, **attributes)
        kernel = list(attributes["kernel_shape"])
        strides = list(attributes.get("strides") or [1] * rank)
        dilations = list(attributes.get("dilations") or [1] * rank)
        extents = [(size - 1) * step + 1 for size, step in zip(kernel, dilations, strict=True)]
        pads = _pads(attributes.get("auto_pad"), attributes.get("pads"), x.shape[2:], extents, strides)
        y = _MAX_POOL[rank](_pad(_tensor(x), pads, -np.inf), kernel, strides, 0, dilations)
        return (y.numpy(),)


def _tensor(array: np.ndarray) -> torch.Tensor:
    return torch.tensor(array)


def _pads(auto: str | None, pads: Any, sizes: Any, extents: list[int], strides: list[int]) -> list[int]:
    """ONNX's pads: the beginnings of all axes, then their ends."""
    rank = len(extents)
    if auto in (None, "", "NOTSET"):
        return list(pads or [0] * (2 * rank))
    if auto == "VALID":
        return [0] * (2 * rank)
    totals = [
        max((-(-size // step) - 1) * step + extent - size, 0)
        for size, extent, step in zip(sizes, extents, strides, strict=True)
    ]
    small, large = [total // 2 for total in totals], [total - total // 2 for total in totals]
    return [*small, *large] if auto == "SAME_UPPER" else [*large, *small]


def _pad(tensor: torch.Tensor, pads: list[int], value: float) -> torch.Tensor:
    rank = len(pads) // 2
    # torch takes pairs, the last axis first.
    pairs = [pad for axis in reversed(range(rank)) for pad in (pads[axis], pads[rank + axis])]
    return F.pad(tensor, pairs, value=value) if any(pairs) else tensor


TORCH_OPS: list[type[OpRun]] = [Conv, MaxPool]
