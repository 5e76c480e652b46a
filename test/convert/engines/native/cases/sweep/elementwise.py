"""Element by element: functions, arithmetic with broadcasting, activations, casts, quantisation."""

import numpy as np

from .spec import Dice, F, Family, Spec

UNARY = {
    "Abs": (6, 13),
    "Neg": (6, 13),
    "Floor": (6, 13),
    "Ceil": (6, 13),
    "Sqrt": (6, 13),
    "Exp": (6, 13),
    "Log": (6, 13),
    "Reciprocal": (6, 13),
    "Sigmoid": (6, 13),
    "Tanh": (6, 13),
    "Relu": (6, 13, 14),
    "Sin": (7,),
    "Cos": (7,),
    "Tan": (7,),
    "Asin": (7,),
    "Acos": (7,),
    "Atan": (7,),
    "Sinh": (9,),
    "Cosh": (9,),
    "Asinh": (9,),
    "Acosh": (9,),
    "Atanh": (9,),
    "Erf": (9, 13),
    "Sign": (9, 13),
    "Softplus": (1,),
    "Softsign": (1,),
    "Round": (11,),
    "HardSwish": (14,),
    "Mish": (18,),
    "Identity": (1, 13),
    "Dropout": (7, 10, 12, 13),
    "Not": (1,),
    "IsNaN": (9, 13),
}


def unary(dice: Dice) -> Spec:
    """Functions of one tensor."""
    op = dice.one(list(UNARY))
    opset = dice.one(UNARY[op])
    shape = dice.shape(dice.between(0, 4))
    if op == "Not":
        return Spec(op, opset, [dice.ints(shape, 0, 1, np.bool_)])
    dtype = dice.one([F, F, np.float64]) if op not in ("HardSwish", "Mish") else F
    x = dice.floats(shape, dtype)
    if op in ("Sqrt", "Log"):
        x = np.abs(x)
    if op in ("Asin", "Acos", "Atanh"):
        x = np.tanh(x)
    if op == "Acosh":
        x = np.abs(x) + 1
    if op in ("Abs", "Neg", "Sign", "Relu") and opset > 13 and dice.maybe():
        x = dice.ints(shape, -5, 5, dice.one([np.int32, np.int8]))
    return Spec(op, opset, [np.asarray(x)], {"ratio": 0.3} if op == "Dropout" and opset < 12 else {})


ARITHMETIC = ["Add", "Sub", "Mul", "Div"]


def broadcast(dice: Dice) -> tuple[list[int], list[int]]:
    """Two shapes that broadcast."""
    whole = dice.shape(dice.between(1, 4))
    first, second = ([1 if dice.maybe(0.2) else size for size in whole] for _ in range(2))
    return first, second[dice.between(0, len(second) - 1) :] if dice.maybe(0.6) else second


def arithmetic(dice: Dice) -> Spec:
    """The four operations, floats and integers."""
    op, opset = dice.one(ARITHMETIC), dice.one([7, 13, 14])
    a, b = broadcast(dice)
    dtype = dice.one([F, np.float64, np.int32, np.int64])
    if np.issubdtype(dtype, np.floating):
        return Spec(
            op, opset, [dice.floats(a, dtype), dice.floats(b, dtype)], constant=(1,) if dice.maybe() else ()
        )
    y = dice.ints(b, 1, 5, dtype) * (1 if dice.maybe() else -1)
    return Spec(op, opset, [dice.ints(a, -20, 20, dtype), y.astype(dtype)])


def early_broadcast(dice: Dice) -> Spec:
    """Before opset 7: one-sided broadcasting from an axis."""
    shape = dice.shape(4)
    axis = dice.between(0, 3)
    part = shape[axis : axis + dice.between(1, 4 - axis)]
    a, b = dice.floats(shape), dice.floats(part)
    name, compute = dice.one(
        [("Add", np.add), ("Sub", np.subtract), ("Mul", np.multiply), ("Div", np.divide)]
    )
    wide = b.reshape([*part, *[1] * (4 - axis - len(part))])
    return Spec(name, dice.one([1, 6]), [a, b], {"broadcast": 1, "axis": axis}, expected=[compute(a, wide)])


def compare(dice: Dice) -> Spec:
    """Comparisons and logic."""
    a, b = broadcast(dice)
    op = dice.one(["Equal", "Less", "Greater", "LessOrEqual", "GreaterOrEqual", "And", "Or", "Xor"])
    if op in ("And", "Or", "Xor"):
        return Spec(op, 7, [dice.ints(a, 0, 1, np.bool_), dice.ints(b, 0, 1, np.bool_)])
    dtype = dice.one([np.int32, np.int64] if op == "Equal" else [F, np.int32, np.int64])
    opset = 16 if "Or" in op else dice.one([11, 13])
    return Spec(op, opset, [dice.ints(a, -2, 2, dtype), dice.ints(b, -2, 2, dtype)])


def modulo(dice: Dice) -> Spec:
    """Mod, of either sign, and as C's fmod."""
    a, b = broadcast(dice)
    if dice.maybe():
        return Spec("Mod", dice.one([10, 13]), [dice.floats(a), dice.floats(b)], {"fmod": 1})
    dtype = dice.one([np.int32, np.int64, np.int8])
    y = dice.ints(b, 1, 5, dtype) * dice.one([1, -1])
    fmod = {"fmod": 1} if dice.maybe() else {}
    return Spec("Mod", 13, [dice.ints(a, -9, 9, dtype), y.astype(dtype)], fmod)


def power(dice: Dice) -> Spec:
    """Pow, also of mixed types."""
    a, b = broadcast(dice)
    if dice.maybe():
        return Spec("Pow", dice.one([7, 12, 13]), [np.abs(dice.floats(a)), dice.floats(b)])
    kind = dice.one([np.int32, np.int64])
    return Spec("Pow", dice.one([12, 15]), [dice.floats(a), dice.ints(b, -2, 3, kind)])


def several(dice: Dice) -> Spec:
    """Any number of inputs."""
    op = dice.one(["Min", "Max", "Sum", "Mean"])
    shapes = broadcast(dice)
    extra = [shapes[0]] if dice.maybe() else []
    return Spec(op, dice.one([8, 13]), [dice.floats(shape) for shape in [*shapes, *extra]])


def clip(dice: Dice) -> Spec:
    """Bounds as attributes, as inputs, either left out."""
    x = dice.floats(dice.shape(dice.between(0, 3)))
    if dice.maybe():
        return Spec("Clip", 6, [x], dice.some(min=-1.0, max=0.5))
    low, high = np.array(-1, F), np.array(0.5, F)
    bounds = dice.one([[low, high], [None, high], [low], [high, low]])
    return Spec("Clip", dice.one([11, 12, 13]), [x, *bounds], constant=(1, 2) if dice.maybe() else ())


def activation(dice: Dice) -> Spec:
    """Activations with parameters."""
    x = dice.floats(dice.shape(dice.between(1, 4)))
    table: list[tuple[str, tuple[int, ...], dict[str, float]]] = [
        ("LeakyRelu", (6, 16), {"alpha": 0.3}),
        ("Elu", (6,), {"alpha": 0.7}),
        ("Selu", (6,), {"alpha": 1.5, "gamma": 1.2}),
        ("Celu", (12,), {"alpha": 0.8}),
        ("HardSigmoid", (6,), {"alpha": 0.3, "beta": 0.4}),
        ("ThresholdedRelu", (10,), {"alpha": 0.6}),
        ("Shrink", (9,), {"bias": 0.2, "lambd": 0.7}),
        ("Gelu", (20,), {}),
    ]
    op, opsets, attributes = dice.one(table)
    return Spec(op, dice.one(opsets), [x], dice.some(**attributes))


def prelu(dice: Dice) -> Spec:
    """Slopes that broadcast one way."""
    shape = dice.shape(4)
    slope = dice.one([[shape[1], 1, 1], [1], shape[-1:], shape])
    return Spec("PRelu", dice.one([7, 9, 16]), [dice.floats(shape), dice.floats(slope)], constant=(1,))


def softmax(dice: Dice) -> Spec:
    """Before opset 13 over all axes from one on, since then along one."""
    rank = dice.between(1, 4)
    op, opset = dice.one(["Softmax", "LogSoftmax", "Hardmax"]), dice.one([1, 11, 13])
    axis = dice.between(0, rank - 1) - (rank if opset > 1 and dice.maybe(0.3) else 0)
    known = rank > 1 or opset >= 13
    attributes = dice.some(axis=axis) if known else {"axis": axis}
    return Spec(
        op, opset, [dice.floats(dice.shape(rank))], attributes, dynamic=opset >= 13 and op != "Hardmax"
    )


def cast(dice: Dice) -> Spec:
    """Between numbers and bools."""
    kinds = [F, np.float64, np.float16, np.int32, np.int64, np.int8, np.uint8, np.bool_]
    source, target = dice.one(kinds), dice.one(kinds)
    shape = dice.shape(dice.between(0, 3))
    # What does not fit has no defined result.
    x = dice.ints(shape, 0, 1, source) if source == np.bool_ else dice.ints(shape, 0, 100, source)
    if np.issubdtype(source, np.floating):
        x = (x + dice.random.random(shape) * 0.9).astype(source)
    code = {
        F: 1,
        np.uint8: 2,
        np.int8: 3,
        np.int32: 6,
        np.int64: 7,
        np.bool_: 9,
        np.float16: 10,
        np.float64: 11,
    }
    return Spec("Cast", dice.one([6, 9, 13, 19]), [np.asarray(x)], {"to": code[target]})


def quantise(dice: Dice) -> Spec:
    """To and from integers of 8 bits, by tensor or along an axis."""
    shape = dice.shape(dice.between(1, 4))
    kind = dice.one([np.uint8, np.int8])
    along = dice.maybe()
    axis = dice.axis(len(shape))
    size = [shape[axis]] if along else []
    scale = np.asarray(np.abs(dice.floats(size)) + 0.01, F)
    zero = np.asarray(
        dice.ints(size, 1, 100, kind) if dice.maybe(0.7) or kind == np.int8 else np.zeros(size, kind)
    )
    opset, attributes = (13, {"axis": axis}) if along else (dice.one([10, 13, 19]), {})
    if dice.maybe():
        return Spec(
            "QuantizeLinear", opset, [dice.floats(shape) * 20, scale, zero], attributes, constant=(1, 2)
        )
    x = dice.ints(shape, 0, 127, kind)
    return Spec("DequantizeLinear", opset, [x, scale, zero], attributes, constant=(1, 2))


FAMILIES: list[Family] = [
    unary,
    unary,
    arithmetic,
    early_broadcast,
    compare,
    modulo,
    power,
    several,
    clip,
    activation,
    prelu,
    softmax,
    cast,
    quantise,
]
