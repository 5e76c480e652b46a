"""Shapes, selections, reductions: what moves elements or takes some of them."""

import numpy as np

from .spec import Dice, F, Family, Spec, i64


def reduce(dice: Dice) -> Spec:
    """Axes as attribute, then as input; ReduceSum changed first."""
    names = ["Sum", "Mean", "Max", "Min", "Prod", "L1", "L2", "LogSum", "LogSumExp", "SumSquare"]
    op = f"Reduce{dice.one(names)}"
    opset = dice.one([1, 11, 13, 18])
    rank = dice.between(1, 4)
    x = dice.floats(dice.shape(rank)) / 2
    if op == "ReduceLogSum":
        x = np.abs(x) + F(0.1)
    axes = dice.axes(rank, dice.between(1, rank))
    if opset == 1:
        axes = [axis % rank for axis in axes]
    attributes = dice.some(keepdims=0)
    as_input = opset >= 18 or (op == "ReduceSum" and opset >= 13)
    if not as_input:
        return Spec(op, opset, [x], {**attributes, **dice.some(axes=axes)})
    if dice.maybe(0.2):
        return Spec(op, opset, [x], {**attributes, **dice.some(noop_with_empty_axes=1)})
    return Spec(op, opset, [x, i64(*axes)], attributes, constant=(1,))


def arg(dice: Dice) -> Spec:
    """The first or last of the largest or smallest."""
    rank = dice.between(1, 4)
    opset = dice.one([1, 11, 12, 13])
    axis = dice.axis(rank) if opset > 1 else dice.between(0, rank - 1)
    attributes = dice.some(axis=axis, keepdims=0, **({"select_last_index": 1} if opset >= 12 else {}))
    x = dice.ints(dice.shape(rank), -2, 2, F)
    return Spec(dice.one(["ArgMax", "ArgMin"]), opset, [x], attributes)


def pad(dice: Dice) -> Spec:
    """Pads as attribute or input, negative ones, modes, axes."""
    rank = dice.between(1, 4)
    shape = dice.shape(rank, 3, 5)
    mode = dice.one(["constant", "reflect", "edge"])
    low = -1 if mode == "constant" else 0
    if dice.maybe(0.4):
        pads = [dice.between(low, 2) for _ in range(rank * 2)]
        return Spec("Pad", 2, [dice.floats(shape)], {"pads": pads, "mode": mode, **dice.some(value=1.5)})
    opset = dice.one([11, 13, 18, 19])
    if opset == 19 and mode == "constant" and dice.maybe():
        mode = "wrap"
    attributes = {} if mode == "constant" and dice.maybe() else {"mode": mode}
    value = np.array(2.5, F) if mode == "constant" and dice.maybe() else None
    if opset >= 18 and dice.maybe():
        axes = dice.axes(rank, dice.between(1, rank))
        pads = i64(*[dice.between(0, 2) for _ in range(len(axes) * 2)])
        return Spec(
            "Pad", opset, [dice.floats(shape), pads, value, i64(*axes)], attributes, constant=(1, 2, 3)
        )
    pads = i64(*[dice.between(low if mode == "constant" else 0, 2) for _ in range(rank * 2)])
    return Spec("Pad", opset, [dice.floats(shape), pads, value], attributes, constant=(1, 2))


def slice_of(dice: Dice) -> Spec:
    """Bounds beyond the ends, negative ones, steps of either sign; constant or computed."""
    rank = dice.between(1, 4)
    shape = dice.shape(rank, 2, 6)
    axes = dice.axes(rank, dice.between(1, rank))
    starts = [dice.between(-7, 7) for _ in axes]
    ends = [dice.one([dice.between(-7, 7), 2**31 - 1, 2**63 - 1]) for _ in axes]
    x = dice.floats(shape)
    if dice.maybe(0.3):
        axes = [axis % rank for axis in axes]
        return Spec("Slice", 1, [x], {"starts": starts, "ends": ends, "axes": axes})
    inputs = [x, i64(*starts), i64(*ends), i64(*axes)]
    if dice.maybe():
        steps = [dice.one([1, 2, -1, -2]) for _ in axes]
        for at, step in enumerate(steps):
            if step < 0 and dice.maybe():
                starts[at], ends[at] = 2**31 - 1, -(2**31)
            elif step < 0:
                # "To the end" of a walk backwards is the smallest integer, not the largest.
                ends[at] = min(ends[at], 7)
        inputs = [x, i64(*starts), i64(*ends), i64(*axes), i64(*steps)]
    constant = (1, 2, 3, 4) if dice.maybe(0.8) else (3, 4)
    return Spec("Slice", dice.one([10, 11, 13]), inputs, constant=constant)


def squeeze(dice: Dice) -> Spec:
    """Axes of size 1 taken away or put in."""
    rank = dice.between(1, 4)
    opset = dice.one([1, 11, 13])
    if dice.maybe():
        shape = [1 if dice.maybe() else size for size in dice.shape(rank, 2, 4)]
        ones = [
            axis - (rank if opset > 1 and dice.maybe(0.3) else 0)
            for axis, size in enumerate(shape)
            if size == 1
        ]
        if not ones or dice.maybe(0.2):
            return Spec("Squeeze", opset, [dice.floats(shape)], dynamic=False)
        axes = ones[: dice.between(1, len(ones))]
        op, x = "Squeeze", dice.floats(shape)
    else:
        count = dice.between(1, 2)
        axes = dice.axes(rank + count, count)
        if opset == 1:
            axes = sorted(axis % (rank + count) for axis in axes)
        op, x = "Unsqueeze", dice.floats(dice.shape(rank))
    if opset < 13:
        return Spec(op, opset, [x], {"axes": axes})
    return Spec(op, opset, [x, i64(*axes)], constant=(1,))


def reshape(dice: Dice) -> Spec:
    """0 copies a size, -1 is what is left; Flatten; Expand; Tile."""
    shape = dice.shape(dice.between(2, 4))
    x = dice.floats(shape)
    op = dice.one(["Reshape", "Flatten", "Expand", "Tile", "Transpose"])
    if op == "Flatten":
        opset = dice.one([1, 9, 11, 13])
        axis = dice.between(0, len(shape)) if opset < 11 else dice.between(-len(shape), len(shape))
        return Spec(op, opset, [x], dice.some(axis=axis))
    if op == "Transpose":
        return Spec(op, 1, [x], dice.some(perm=[int(axis) for axis in dice.random.permutation(len(shape))]))
    if op == "Reshape":
        target = dice.one([[0, -1], [-1], [-1, shape[-1]], [0, 0, *[-1] * (len(shape) > 2)], [1, *shape]])
        return Spec(op, dice.one([5, 13, 14]), [x, i64(*target)], constant=(1,))
    if op == "Expand":
        narrow = [1 if dice.maybe(0.4) else size for size in shape]
        wide = [1 if dice.maybe(0.3) else size for size in shape]
        target = [dice.between(1, 3), *wide] if dice.maybe() else wide
        return Spec(
            op, dice.one([8, 13]), [dice.floats(narrow), i64(*target)], constant=(1,) if dice.maybe() else ()
        )
    return Spec(
        op, dice.one([6, 13]), [x, i64(*dice.shape(len(shape), 1, 3))], constant=(1,) if dice.maybe() else ()
    )


def join(dice: Dice) -> Spec:
    """Concat and Split, at every version."""
    rank = dice.between(1, 4)
    shape, axis = dice.shape(rank, 2, 6), dice.axis(rank)
    if dice.maybe():
        parts = []
        for _ in range(dice.between(1, 3)):
            own = list(shape)
            own[axis] = dice.between(1, 4)
            parts.append(dice.floats(own))
        return Spec("Concat", dice.one([4, 11, 13]), parts, {"axis": axis})
    opset = dice.one([2, 11, 13, 18])
    if opset == 2:
        axis %= rank
    size = shape[axis]
    first = dice.between(1, size - 1)
    x, attributes = dice.floats(shape), {"axis": axis}
    if opset == 18 and dice.maybe():
        return Spec("Split", opset, [x], {**attributes, "num_outputs": 2}, 2, dynamic=False)
    if opset < 13:
        return Spec("Split", opset, [x], {**attributes, "split": [first, size - first]}, 2)
    return Spec("Split", opset, [x, i64(first, size - first)], attributes, 2, constant=(1,))


def gather(dice: Dice) -> Spec:
    """Indices of every kind, some from the end."""
    rank = dice.between(1, 4)
    shape, axis = dice.shape(rank, 2, 5), dice.axis(rank)
    x, size = dice.floats(shape), shape[axis]
    op = dice.one(["Gather", "GatherElements", "GatherND"])
    if op == "Gather":
        low = -size if dice.maybe() else 0
        indices = dice.ints(dice.shape(dice.between(0, 2)), low, size - 1, dice.one([np.int32, np.int64]))
        return Spec(op, 11, [x, np.asarray(indices)], {"axis": axis}, constant=(1,) if dice.maybe() else ())
    if op == "GatherElements":
        own = list(shape)
        own[axis] = dice.between(1, 4)
        return Spec(op, dice.one([11, 13]), [x, dice.ints(own, -size, size - 1)], {"axis": axis})
    batch = dice.between(0, min(1, rank - 1))
    depth = dice.between(1, rank - batch)
    lead = [*shape[:batch], *dice.shape(dice.between(1, 2), 1, 3)]
    bounds = shape[batch : batch + depth]
    indices = np.stack([dice.ints(lead, -bound, bound - 1) for bound in bounds], -1)
    return Spec(op, 12 if batch else dice.one([11, 12]), [x, indices], {"batch_dims": batch} if batch else {})


def scatter(dice: Dice) -> Spec:
    """Distinct places written, or any summed over."""
    rank = dice.between(1, 3)
    shape, axis = dice.shape(rank, 3, 5), dice.axis(rank)
    x = dice.floats(shape)
    reduction = dice.one(["none", "add", "mul", "max", "min"])
    opset = (
        18
        if reduction in ("max", "min")
        else dice.one([16, 18])
        if reduction != "none"
        else dice.one([11, 13, 18])
    )
    attributes = {} if reduction == "none" else {"reduction": reduction}
    if dice.maybe():
        own = list(shape)
        own[axis] = 2
        order = [dice.random.permutation(shape[axis])[:2] for _ in range(int(np.prod(own)) // 2)]
        indices = np.stack(order).reshape([*(own[:axis] + own[axis:][1:]), 2]) if axis >= 0 else None
        if indices is None:
            indices = np.stack(order).reshape([*[s for a, s in enumerate(own) if a != axis % rank], 2])
        indices = np.moveaxis(indices, -1, axis).astype(np.int64)
        return Spec("ScatterElements", opset, [x, indices, dice.floats(own)], {**attributes, "axis": axis})
    rows = dice.random.permutation(shape[0])[:2].astype(np.int64)[:, None]
    return Spec("ScatterND", opset, [x, rows, dice.floats([2, *shape[1:]])], attributes)


def top(dice: Dice) -> Spec:
    """The k largest or smallest."""
    rank = dice.between(1, 3)
    shape = dice.shape(rank, 3, 6)
    axis = dice.axis(rank)
    x = dice.random.permutation(int(np.prod(shape))).reshape(shape).astype(F)
    opset = dice.one([1, 10, 11])
    if opset == 1:
        return Spec("TopK", 1, [x], {"k": 2, "axis": axis % rank}, 2)
    attributes = {"axis": axis, **(dice.some(largest=0) if opset == 11 else {})}
    return Spec("TopK", opset, [x, i64(2)], attributes, 2, constant=(1,) if dice.maybe(0.7) else ())


def pick(dice: Dice) -> Spec:
    """Selections and the like that have few parameters."""
    rank = dice.between(2, 4)
    shape = dice.shape(rank, 2, 5)
    x = dice.floats(shape)
    op = dice.one(
        ["Where", "Trilu", "CumSum", "OneHot", "NonZero", "Compress", "Shape", "ReverseSequence", "Unique"]
    )
    if op == "Where":
        other = [1 if dice.maybe(0.3) else size for size in shape]
        return Spec(op, 9, [dice.ints(other, 0, 1, np.bool_), x, dice.floats(shape[1:])])
    if op == "Trilu":
        return Spec(op, 14, [x, np.array(dice.between(-2, 2))], dice.some(upper=0), constant=(1,))
    if op == "CumSum":
        axis = np.array(dice.axis(rank), np.int32)
        return Spec(op, dice.one([11, 14]), [x, axis], dice.some(exclusive=1, reverse=1), constant=(1,))
    if op == "OneHot":
        indices = dice.ints(shape[:2], -4, 3)
        axis = dice.between(-3, 2)
        inputs = [indices, np.array(4), dice.floats([2])]
        return Spec(op, dice.one([9, 11]), inputs, {"axis": axis}, constant=(1, 2))
    if op == "NonZero":
        return Spec(op, dice.one([9, 13]), [dice.ints(shape, 0, 1, F)])
    if op == "Compress":
        axis = dice.axis(rank)
        return Spec(op, 11, [x, dice.ints([shape[axis]], 0, 1, np.bool_)], {"axis": axis})
    if op == "Shape":
        return Spec(op, 15, [x], dice.some(start=dice.between(-5, 3), end=dice.between(-5, 5)))
    if op == "Unique":
        return Spec(op, 11, [dice.ints(shape, 0, 3, F)], {"sorted": 1}, 4)
    batch, time = dice.one([(0, 1), (1, 0)])
    lengths = dice.ints([shape[batch]], 1, shape[time])
    return Spec(op, 10, [x, lengths], {"batch_axis": batch, "time_axis": time})


FAMILIES: list[Family] = [
    reduce,
    reduce,
    arg,
    pad,
    pad,
    slice_of,
    slice_of,
    squeeze,
    reshape,
    reshape,
    join,
    gather,
    scatter,
    top,
    pick,
    pick,
]
