"""Elements read at places that are computed, between others too."""

from typing import Any

import numpy as np

from .spec import Dice, F, Family, Spec


def grid_sample(dice: Dice) -> Spec:
    """Images at places of a grid, some of them outside."""
    opset = dice.one([16, 20])
    long = opset == 16
    modes = ["bilinear", "nearest", "bicubic"] if long else ["linear", "nearest", "cubic"]
    attributes: dict[str, Any] = {
        "mode": dice.one(modes),
        **dice.some(padding_mode=dice.one(["border", "reflection"]), align_corners=1),
    }
    x = dice.floats([2, dice.between(1, 3), *dice.shape(2, 2, 6)])
    # Away from halves, where the nearest one is a matter of the last bit.
    grid = dice.random.uniform(-1.4, 1.4, [2, *dice.shape(2, 1, 4), 2]).astype(F)
    return Spec("GridSample", opset, [x, grid], attributes)


def roi_align(dice: Dice) -> Spec:
    """Boxes, with as many samples as elements too, some reaching outside."""
    opset = dice.one([10, 16])
    count = dice.between(1, 4)
    x = dice.floats([2, dice.between(1, 3), *dice.shape(2, 4, 9)])
    start = dice.random.uniform(-3, 8, [count, 2])
    boxes = np.concatenate([start, start + dice.random.uniform(0.1, 9, [count, 2])], 1).astype(F)
    attributes = {
        "mode": dice.one(["avg", "max"]),
        "output_height": dice.between(1, 3),
        "output_width": dice.between(1, 3),
        **dice.some(sampling_ratio=dice.between(1, 3), spatial_scale=0.7),
    }
    if opset == 16:
        attributes.update(dice.some(coordinate_transformation_mode="output_half_pixel"))
    return Spec("RoiAlign", opset, [x, boxes, dice.ints([count], 0, 1)], attributes)


def deformed(dice: Dice) -> Spec:
    """A convolution whose taps move, with groups of channels and of offsets, and a mask."""
    groups, owners = dice.one([(1, 1), (1, 2), (2, 1), (2, 2)])
    kernel, strides, dilations = dice.shape(2, 1, 3), dice.shape(2, 1, 2), dice.shape(2, 1, 2)
    pads = [dice.between(0, 1) for _ in range(4)]
    size = dice.shape(2, 6, 8)
    out = [
        (n + pads[at] + pads[at + 2] - (kernel[at] - 1) * dilations[at] - 1) // strides[at] + 1
        for at, n in enumerate(size)
    ]
    taps = kernel[0] * kernel[1]
    x = dice.floats([2, 4, *size])
    w = dice.floats([groups * 2, 4 // groups, *kernel])
    offset = dice.floats([2, owners * taps * 2, *out])
    bias = dice.floats([groups * 2]) if dice.maybe() else None
    mask = dice.floats([2, owners * taps, *out]) if dice.maybe() else None
    attributes = {
        "group": groups,
        "offset_group": owners,
        "strides": strides,
        "dilations": dilations,
        "pads": pads,
        "kernel_shape": kernel,
    }
    return Spec("DeformConv", dice.one([19, 22]), [x, w, offset, bias, mask], attributes, constant=(1, 3))


def uneven(dice: Dice) -> Spec:
    """Parts of one size, the last one smaller."""
    count = dice.between(2, 4)
    x = dice.floats([dice.between(count * 2 - 1, 9), 3])
    return Spec("Split", 18, [x], {"num_outputs": count}, count)


FAMILIES: list[Family] = [grid_sample, roi_align, deformed, uneven]
