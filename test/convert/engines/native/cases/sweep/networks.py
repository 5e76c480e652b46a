"""Convolutions, pools, resizing, normalisation, products and recurrence."""

from typing import Any

import numpy as np

from .spec import Dice, F, Family, Spec, i64


def window(dice: Dice, space: int, kernel: list[int], dilated: bool) -> dict[str, Any]:
    """Strides, dilations and pads, or the word for pads."""
    attributes: dict[str, Any] = dice.some(strides=[dice.between(1, 3) for _ in range(space)])
    if dilated and dice.maybe(0.4):
        attributes["dilations"] = [dice.between(1, 2) for _ in range(space)]
    way = dice.one(["pads", "pads", "none", "SAME_UPPER", "SAME_LOWER", "VALID"])
    if way == "pads":
        attributes["pads"] = [dice.between(0, size - 1) for size in kernel * 2]
    elif way != "none":
        attributes["auto_pad"] = way
    return attributes


def conv(dice: Dice) -> Spec:
    """Groups, depthwise ones too, in one to three dimensions of space."""
    space = dice.one([1, 2, 2, 2, 3])
    groups, each = dice.one([(1, 3), (2, 2), (4, 1)])
    kernel = dice.shape(space, 1, 3)
    x = dice.floats([dice.between(1, 2), groups * each, *dice.shape(space, 7, 9)])
    w = dice.floats([groups * dice.between(1, 2), each, *kernel])
    bias = [dice.floats([w.shape[0]])] if dice.maybe() else []
    attributes = {**window(dice, space, kernel, True), **({"group": groups} if groups > 1 else {})}
    if "auto_pad" in attributes and attributes["auto_pad"] != "VALID":
        attributes.pop("dilations", None)
    return Spec("Conv", dice.one([1, 11]), [x, w, *bias], attributes, constant=(1, 2))


def transposed(dice: Dice) -> Spec:
    """ConvTranspose with its two ways to say the output's size."""
    space = dice.one([1, 2, 2, 3])
    groups = dice.one([1, 1, 2])
    kernel = dice.shape(space, 2, 3)
    strides = dice.shape(space, 1, 3)
    x = dice.floats([dice.between(1, 2), groups * 2, *dice.shape(space, 3, 5)])
    w = dice.floats([groups * 2, dice.between(1, 2), *kernel])
    attributes: dict[str, Any] = {"strides": strides, **({"group": groups} if groups > 1 else {})}
    way = dice.one(["pads", "output_padding", "output_shape", "auto", "none"])
    if way == "pads":
        attributes["pads"] = [dice.between(0, size - 1) for size in kernel * 2]
    elif way == "output_padding":
        attributes["output_padding"] = [dice.between(0, stride - 1) for stride in strides]
    elif way == "output_shape":
        full = [(n - 1) * s + k for n, s, k in zip(x.shape[2:], strides, kernel, strict=True)]
        attributes["output_shape"] = [max(1, size - dice.between(0, 1)) for size in full]
    elif way == "auto":
        attributes["auto_pad"] = dice.one(["SAME_UPPER", "SAME_LOWER", "VALID"])
    bias = [dice.floats([w.shape[1] * groups])] if dice.maybe() else []
    return Spec("ConvTranspose", dice.one([1, 11]), [x, w, *bias], attributes, constant=(1, 2))


def pool(dice: Dice) -> Spec:
    """Windows that slide, rounding up too, the edge counted or not."""
    space = dice.one([1, 2, 2, 3])
    kernel = dice.shape(space, 1, 3)
    op = dice.one(["MaxPool", "MaxPool", "AveragePool", "AveragePool", "LpPool"])
    opset = dice.one({"MaxPool": [1, 8, 10, 12], "AveragePool": [7, 10, 11, 19], "LpPool": [2, 11, 18]}[op])
    dilated = (op == "MaxPool" and opset >= 10) or opset >= 18
    attributes = {"kernel_shape": kernel, **window(dice, space, kernel, dilated)}
    if attributes.get("auto_pad", "").startswith("SAME"):
        attributes.pop("dilations", None)
        # onnxruntime pads by less than nothing where strides leave gaps.
        attributes["strides"] = [dice.between(1, size) for size in kernel]
    if opset >= 10 and op != "LpPool" and "auto_pad" not in attributes:
        attributes.update(dice.some(ceil_mode=1))
    if op == "AveragePool":
        attributes.update(dice.some(count_include_pad=1))
    if op == "LpPool":
        attributes.update(dice.some(p=1))
    outputs = 2 if op == "MaxPool" and opset >= 8 and dice.maybe(0.2) else 1
    x = dice.floats([dice.between(1, 2), dice.between(1, 3), *dice.shape(space, 6, 9)])
    return Spec(op, opset, [x], attributes, outputs)


def resize(dice: Dice) -> Spec:
    """Upsample and Resize: modes, coordinates, rounding, scales or sizes."""
    shape = [1, dice.between(1, 2), *dice.shape(2, 3, 6)]
    x = dice.floats(shape)
    scales = [1.0, 1.0, dice.one([1.0, 2.0, 3.0, 1.5, 0.5]), dice.one([1.0, 2.0, 2.5, 0.6])]
    grown = [max(1.0, scale) for scale in scales]
    op = dice.one(["Upsample", "Resize", "Resize", "Resize"])
    if op == "Upsample":
        mode = {"mode": dice.one(["nearest", "linear"])}
        if dice.maybe():
            return Spec(op, 7, [x], {**mode, "scales": grown})
        return Spec(op, 9, [x, np.array(grown, F)], mode, constant=(1,))
    opset = dice.one([10, 11, 13, 18, 19])
    if opset == 10:
        mode = {"mode": dice.one(["nearest", "linear"])}
        return Spec(op, opset, [x, np.array(scales, F)], mode, constant=(1,))
    ways = ["half_pixel", "align_corners", "asymmetric", "pytorch_half_pixel", "tf_crop_and_resize"]
    attributes: dict[str, Any] = {
        "mode": dice.one(["nearest", "linear", "cubic"]),
        "coordinate_transformation_mode": dice.one(ways[:4]),
        **dice.some(nearest_mode=dice.one(["round_prefer_floor", "round_prefer_ceil", "floor", "ceil"])),
        **dice.some(cubic_coeff_a=-0.5, exclude_outside=1),
    }
    if opset >= 18:
        attributes.update(dice.some(antialias=1) if attributes["mode"] != "nearest" else {})
    roi = np.zeros(0, F)
    if dice.maybe():
        sizes = i64(*shape[:2], *dice.shape(2, 2, 9))
        return Spec(
            op, opset, [x, roi, np.zeros(0, F) if opset < 13 else None, sizes], attributes, constant=(1, 2, 3)
        )
    if attributes["coordinate_transformation_mode"] == "align_corners":
        # ONNX's tests take the size before it is rounded down, onnxruntime the one after.
        scales = [1.0, 1.0, 2.0, 3.0]
    return Spec(op, opset, [x, roi, np.array(scales, F)], attributes, constant=(1, 2))


def normalise(dice: Dice) -> Spec:
    """Batch, instance, layer, group, across channels, by a norm."""
    c = dice.one([2, 4])
    shape = [dice.between(1, 3), c, *dice.shape(dice.between(0, 3), 2, 5)]
    x = dice.floats(shape)
    scale, shift, mean, spread = (dice.floats([c]) for _ in range(4))
    op = dice.one(
        ["BatchNormalization", "InstanceNormalization", "LayerNormalization", "GroupNormalization", "LRN"]
    )
    epsilon = dice.some(epsilon=0.01)
    if op == "BatchNormalization":
        inputs = [x, scale, shift, mean, np.abs(spread) + F(0.1)]
        constant = (1, 2, 3, 4) if dice.maybe(0.8) else ()
        return Spec(
            op, dice.one([7, 9, 14, 15]), inputs, {**epsilon, **dice.some(momentum=0.5)}, constant=constant
        )
    if op == "LayerNormalization":
        axis = dice.axis(len(shape))
        inputs = [x, dice.floats(shape[axis:]), *([dice.floats(shape[axis:])] if dice.maybe() else [])]
        return Spec(op, 17, inputs, {"axis": axis, **epsilon}, constant=(1, 2))
    if op == "LRN":
        attributes = {"size": dice.one([3, 5]), **dice.some(alpha=0.1, beta=0.5, bias=2.0)}
        return Spec(op, dice.one([1, 13]), [dice.floats([2, 5, 4, 4])], attributes)
    if len(shape) == 2:
        x = dice.floats([*shape, 4])
    if op == "GroupNormalization":
        return Spec(op, 21, [x, scale, shift], {"num_groups": 2, **epsilon}, constant=(1, 2))
    return Spec(op, 6, [x, scale, shift], epsilon, constant=(1, 2))


def product(dice: Dice) -> Spec:
    """Matrices: Gemm with every flag, MatMul of every rank, Einsum."""
    m, k, n = dice.shape(3, 2, 4)
    op = dice.one(["Gemm", "Gemm", "MatMul", "MatMul", "Einsum"])
    if op == "Gemm":
        trans_a, trans_b = dice.between(0, 1), dice.between(0, 1)
        a = dice.floats([k, m] if trans_a else [m, k])
        b = dice.floats([n, k] if trans_b else [k, n])
        c = [dice.floats(dice.one([[n], [m, 1], [1, n], [m, n], [1]]))] if dice.maybe(0.8) else []
        attributes = {"transA": trans_a, "transB": trans_b, **dice.some(alpha=0.5, beta=2.0)}
        opset = dice.one([7, 9, 11, 13] if c else [11, 13])
        return Spec(op, opset, [a, b, *c], attributes, constant=(1, 2) if dice.maybe() else ())
    if op == "MatMul":
        batch = dice.shape(dice.between(0, 2))
        one_sided = [1 if dice.maybe(0.3) else size for size in batch]
        left = dice.one([[*batch, m, k], [k]])
        right = dice.one([[*one_sided, k, n], [k, n], [k]])
        return Spec(op, dice.one([1, 9, 13]), [dice.floats(left), dice.floats(right)])
    equation, first, second = dice.one(
        [
            ("bij,bjk->bik", [2, m, k], [2, k, n]),
            ("ij,kj->ik", [m, k], [n, k]),
            ("bhd,bsd->bhs", [2, m, k], [2, n, k]),
        ]
    )
    return Spec(op, 12, [dice.floats(first), dice.floats(second)], {"equation": equation})


def recurrent(dice: Dice) -> Spec:
    """LSTM, GRU and RNN with every option that onnxruntime takes."""
    op = dice.one(["LSTM", "GRU", "RNN"])
    gates = {"LSTM": 4, "GRU": 3, "RNN": 1}[op]
    time, batch, size, hidden = dice.between(1, 5), dice.between(1, 3), 3, 4
    direction = dice.one(["forward", "reverse", "bidirectional"])
    ways = 2 if direction == "bidirectional" else 1
    bias = dice.floats([ways, 2 * gates * hidden]) if dice.maybe(0.7) else None
    lengths = dice.ints([batch], 1, time, np.int32) if dice.maybe(0.4) else None
    state = [dice.floats([ways, batch, hidden]) for _ in range(2 if op == "LSTM" else 1)]
    inputs: list[np.ndarray | None] = [
        dice.floats([time, batch, size]),
        dice.floats([ways, gates * hidden, size]) / 2,
        dice.floats([ways, gates * hidden, hidden]) / 2,
        bias,
        lengths,
        *(state if dice.maybe() else []),
    ]
    attributes: dict[str, Any] = {"hidden_size": hidden, "direction": direction}
    if op == "GRU":
        attributes.update(dice.some(linear_before_reset=1))
    if dice.maybe(0.3):
        names = {"LSTM": ["Sigmoid", "Relu", "Tanh"], "GRU": ["Sigmoid", "Relu"], "RNN": ["Relu"]}[op]
        attributes["activations"] = names * ways
    if op != "LSTM" and dice.maybe(0.2):
        # onnxruntime does not clip the cell of an LSTM before its last activation; the specification does.
        attributes["clip"] = 0.7
    return Spec(op, dice.one([7, 14]), inputs, attributes, 3 if op == "LSTM" else 2, constant=(1, 2, 3))


def space_depth(dice: Dice) -> Spec:
    """Space from depth and back."""
    if dice.maybe():
        x = dice.floats([1, 8, *dice.shape(2, 1, 3)])
        opset = dice.one([1, 11, 13])
        return Spec(
            "DepthToSpace", opset, [x], {"blocksize": 2, **(dice.some(mode="CRD") if opset > 1 else {})}
        )
    return Spec(
        "SpaceToDepth", dice.one([1, 13]), [dice.floats([1, 2, 4, 6])], {"blocksize": 2}, dynamic=False
    )


FAMILIES: list[Family] = [
    conv,
    conv,
    transposed,
    transposed,
    pool,
    pool,
    pool,
    resize,
    resize,
    resize,
    normalise,
    normalise,
    product,
    product,
    recurrent,
    recurrent,
    space_depth,
]
