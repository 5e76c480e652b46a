"""Operators between scaled integers."""

from typing import Any

import numpy as np

from .case import I32, RANDOM, Case, F, bytes_of, floats

Types = type[np.uint8] | type[np.int8]


def every(dtype: Types) -> tuple[np.ndarray, np.ndarray]:
    """All pairs of two integers."""
    values = np.arange(np.iinfo(dtype).min, np.iinfo(dtype).max + 1).astype(dtype)
    return np.repeat(values, 256), np.tile(values, 256)


def scale(dtype: Types) -> list[np.ndarray]:
    """A scale and a zero point."""
    bounds = np.iinfo(dtype)
    return [F(RANDOM.random() / 20 + 0.005), np.array(RANDOM.integers(bounds.min, bounds.max), dtype)]


def even(dtype: Types, power: int, zero: int) -> list[np.ndarray]:
    """A scale that is a power of two, so that halves are met."""
    return [F(2.0**-power), np.array(zero, dtype)]


def pair(op: str, dtype: Types, *scales: list[np.ndarray]) -> Case:
    """All pairs through a binary operator."""
    left, right = every(dtype)
    a, b, c = scales or [scale(dtype) for _ in range(3)]
    return Case(op, [left, *a, right, *b, *c], fed=(0, 3))


def image(dtype: Types, *sizes: int) -> np.ndarray:
    """Random integers of the whole range."""
    return RANDOM.integers(np.iinfo(dtype).min, np.iinfo(dtype).max + 1, sizes).astype(dtype)


def pool(op: str, dtype: Types, *sizes: int, **attributes: Any) -> Case:
    """An image through a pool."""
    return Case(op, [image(dtype, *sizes), *scale(dtype), *scale(dtype)], attributes)


def softmax(dtype: Types, zero: int, levels: int, **attributes: Any) -> Case:
    """Rows of integers."""
    given = [image(dtype, 3, 4, 16), F(0.01), np.array(3, dtype), F(1 / levels), np.array(zero, dtype)]
    return Case("QLinearSoftmax", given, attributes)


def where(dtype: Types) -> Case:
    """All pairs, one or the other."""
    left, right = every(dtype)
    choice = RANDOM.random(65536) < 0.5
    parts = [left, *scale(dtype), right, *scale(dtype), *scale(dtype)]
    return Case("QLinearWhere", [choice, *parts], fed=(0, 1, 4))


def gemm(a: Types, b: Types, to: list[np.ndarray], **attributes: Any) -> Case:
    """A product of integers, its bias in int32; scales by column."""
    bias = RANDOM.integers(-500, 500, 4).astype(I32)
    columns = np.abs(floats(4)) / 50 + F(0.001)
    right = [bytes_of(4, 6, dtype=b), columns, np.array([1, 2, 3, 4], b)]
    return Case(
        "QGemm", [image(a, 3, 6), F(0.02), np.array(7, a), *right, bias, *to], {"transB": 1, **attributes}
    )


def conv(last: bool) -> Case:
    """A convolution whose channels may be last."""
    x = image(np.uint8, 2, 3, 6, 6)
    given = [x.transpose(0, 2, 3, 1).copy() if last else x, F(0.02), np.array(120, np.uint8)]
    given += [bytes_of(4, 3, 3, 3, dtype=np.int8), np.abs(floats(4)) / 90, np.zeros(4, np.int8)]
    given += [F(0.1), np.array(130, np.uint8), RANDOM.integers(-500, 500, 4).astype(I32)]
    attributes = {"pads": [1, 1, 1, 1], "strides": [2, 2]}
    return Case("QLinearConv", given, {**attributes, **({"channels_last": 1} if last else {})})


def concatenated(dtype: Types) -> Case:
    """Two parts of unlike scales and one of the result's own."""
    to = scale(dtype)
    a, b, c = image(dtype, 3, 4), image(dtype, 3, 5), image(dtype, 3, 2)
    parts = [a, *scale(dtype), b, *scale(dtype), c, *to]
    return Case("QLinearConcat", [*to, *parts], {"axis": 1}, fed=(2, 5, 8))


def table(rows: int) -> np.ndarray:
    """Part of an embedding."""
    return bytes_of(*((rows, 8) if rows else (8,)))


U, S = np.uint8, np.int8

CASES = {
    "q_add": pair("QLinearAdd", U),
    "q_add_signed": pair("QLinearAdd", S),
    "q_add_halves": pair("QLinearAdd", U, even(U, 3, 7), even(U, 4, 5), even(U, 2, 31)),
    "q_add_broadcast": Case(
        "QLinearAdd", [image(U, 2, 3, 4), *scale(U), image(U, 3, 1), *scale(U), *scale(U)]
    ),
    "q_add_no_zero": Case(
        "QLinearAdd", [image(S, 2, 3), *scale(S), image(S, 2, 3), *scale(S), F(0.3)], fed=(0, 3)
    ),
    "q_mul": pair("QLinearMul", U),
    "q_mul_signed": pair("QLinearMul", S),
    "q_mul_halves": pair("QLinearMul", S, even(S, 3, 7), even(S, 4, 5), even(S, 2, 31)),
    "q_sigmoid": Case("QLinearSigmoid", [every(U)[1][:256], *scale(U), *scale(U)]),
    "q_sigmoid_signed": Case(
        "QLinearSigmoid", [every(S)[1][:256], F(0.05), np.array(3, S), F(1 / 256), np.array(-128, S)]
    ),
    "q_leaky": Case("QLinearLeakyRelu", [every(S)[1][:256], *scale(S), *scale(S)], {"alpha": 0.2}),
    "q_concat": concatenated(U),
    "q_concat_signed": concatenated(S),
    "q_where": where(U),
    "q_where_signed": where(S),
    "q_softmax": softmax(U, 0, 256, opset=13),
    "q_softmax_signed": softmax(S, -128, 256, opset=13, axis=1),
    # onnxruntime's result goes around here, to -128.
    "q_softmax_sure": Case(
        "QLinearSoftmax",
        [np.array([[100, -100, -100]], S), F(0.5), np.array(0, S), F(1 / 256), np.array(-128, S)],
        {"opset": 13},
        expected=[np.array([[127, -128, -128]], S)],
    ),
    "q_softmax_flattened": softmax(U, 0, 256, opset=12, axis=1),
    "q_average_pool": pool("QLinearAveragePool", U, 2, 3, 8, 8, kernel_shape=[2, 2], strides=[2, 2]),
    "q_average_pool_pads": pool(
        "QLinearAveragePool",
        S,
        2,
        3,
        7,
        7,
        kernel_shape=[3, 3],
        strides=[2, 2],
        pads=[1, 1, 1, 1],
        count_include_pad=1,
    ),
    "q_average_pool_last": pool(
        "QLinearAveragePool", U, 2, 7, 7, 3, kernel_shape=[3, 3], pads=[1, 0, 1, 0], channels_last=1
    ),
    "q_global_pool": pool("QLinearGlobalAveragePool", U, 2, 3, 7, 7),
    "q_global_pool_last": pool("QLinearGlobalAveragePool", S, 2, 7, 8, 3, channels_last=1),
    "q_gemm": gemm(U, S, [F(0.05), np.array(120, U)]),
    "q_gemm_floats": gemm(U, U, []),
    "q_gemm_signed": gemm(S, S, [F(0.05), np.array(-3, S)], alpha=1.5),
    "q_conv": conv(False),
    "q_conv_last": conv(True),
    "matmul_integer_16": Case(
        "MatMulInteger16",
        [
            RANDOM.integers(-3000, 3000, (3, 4)).astype(np.int16),
            RANDOM.integers(-3000, 3000, (4, 2)).astype(np.int16),
        ],
    ),
    "q_embed_layer_norm": Case(
        "QEmbedLayerNormalization",
        [
            np.array([[1, 2, 3, 0], [4, 4, 1, 2]], I32),
            np.array([[0, 0, 1, 1], [0, 1, 1, 1]], I32),
            table(6),
            table(9),
            table(2),
            table(0),
            table(0),
            np.array([[1, 1, 1, 0], [1, 1, 1, 1]], I32),
            *[F(0.01), F(0.02), F(0.03), F(0.02), F(0.01)],
            *[np.array(120, np.uint8)] * 5,
        ],
        {"epsilon": 1e-5},
        2,
        fed=(0,),
        dynamic=False,
    ),
}
