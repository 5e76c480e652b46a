"""onnxruntime's own operators. Usage: microsoft.py FOLDER."""

import sys
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from cases import add_case
from onnx import TensorProto, helper

F, I32 = np.float32, np.int32
RANDOM = np.random.default_rng(3)


def floats(*sizes: int) -> np.ndarray:
    """Seeded floats."""
    return RANDOM.standard_normal(sizes).astype(F)


def caches(positions: int, half: int) -> tuple[np.ndarray, np.ndarray]:
    """Cosines and sines of rotary embedding."""
    angles = np.arange(positions)[:, None] / 10.0 ** np.arange(half)[None]
    return np.cos(angles).astype(F), np.sin(angles).astype(F)


def bytes_of(*sizes: int, dtype: type = np.uint8) -> np.ndarray:
    """Seeded integers: uint8, or int8 of 7 bits (without VNNI, onnxruntime's sums of two may saturate)."""
    low, high = (0, 256) if dtype == np.uint8 else (-63, 64)
    return RANDOM.integers(low, high, sizes).astype(dtype)


Case = tuple[str, list[np.ndarray | None], dict[str, Any], int]
COS, SIN = caches(16, 2)
MASK = np.array([[1, 1, 1, 0], [1, 1, 1, 1]], I32)

# Operator, inputs, attributes, number of outputs; inputs from the second on are initializers.
CASES: dict[str, Case] = {
    "gelu": ("Gelu", [floats(2, 5)], {}, 1),
    "fast_gelu": ("FastGelu", [floats(2, 5)], {}, 1),
    "fast_gelu_bias": ("FastGelu", [floats(2, 5), floats(5)], {}, 1),
    "bias_gelu": ("BiasGelu", [floats(2, 5), floats(5)], {}, 1),
    "quick_gelu": ("QuickGelu", [floats(2, 5)], {"alpha": 1.5}, 1),
    "fused_matmul": (
        "FusedMatMul",
        [floats(2, 5, 3), floats(2, 4, 5)],
        {"transA": 1, "transB": 1, "alpha": 0.5},
        1,
    ),
    "fused_gemm": (
        "FusedGemm",
        [floats(2, 5), floats(3, 5), floats(3)],
        {"transB": 1, "activation": "Tanh"},
        1,
    ),
    "fused_gemm_leaky": (
        "FusedGemm",
        [floats(2, 5), floats(5, 3), floats(3)],
        {"activation": "LeakyRelu", "activation_alpha": 0.3},
        1,
    ),
    "fused_conv": (
        "FusedConv",
        [floats(1, 2, 5, 5), floats(3, 2, 3, 3), floats(3)],
        {"activation": "Relu", "pads": [1, 1, 1, 1]},
        1,
    ),
    "fused_conv_sum_clip": (
        "FusedConv",
        [floats(1, 2, 5, 5), floats(2, 2, 3, 3), floats(2), floats(1, 2, 5, 5)],
        {"activation": "Relu", "pads": [1, 1, 1, 1]},
        1,
    ),
    "skip_layer_norm": (
        "SkipLayerNormalization",
        [floats(2, 3, 8), floats(2, 3, 8), floats(8), floats(8)],
        {},
        1,
    ),
    "skip_layer_norm_sum": (
        "SkipLayerNormalization",
        [floats(2, 3, 8), floats(2, 3, 8), floats(8), floats(8), floats(8)],
        {"epsilon": 1e-5},
        4,
    ),
    "skip_simplified": (
        "SkipSimplifiedLayerNormalization",
        [floats(2, 3, 8), floats(2, 3, 8), floats(8)],
        {"epsilon": 1e-6},
        4,
    ),
    "embed_layer_norm": (
        "EmbedLayerNormalization",
        [
            np.array([[1, 2, 3, 0], [4, 4, 1, 2]], I32),
            np.array([[0, 0, 1, 1], [0, 1, 1, 1]], I32),
            floats(6, 8),
            floats(9, 8),
            floats(2, 8),
            floats(8),
            floats(8),
            MASK,
        ],
        {"epsilon": 1e-5},
        2,
    ),
    "attention": ("Attention", [floats(2, 4, 6), floats(6, 18), floats(18)], {"num_heads": 2}, 1),
    "attention_causal": (
        "Attention",
        [floats(2, 4, 6), floats(6, 18), floats(18)],
        {"num_heads": 2, "unidirectional": 1},
        1,
    ),
    "attention_mask": ("Attention", [floats(2, 4, 6), floats(6, 18), floats(18), MASK], {"num_heads": 2}, 1),
    "attention_mask_causal": (
        "Attention",
        [floats(2, 4, 6), floats(6, 18), floats(18), MASK],
        {"num_heads": 2, "unidirectional": 1},
        1,
    ),
    "attention_lengths": (
        "Attention",
        [floats(2, 4, 6), floats(6, 18), floats(18), np.array([2, 4], I32)],
        {"num_heads": 2},
        1,
    ),
    "attention_mask_3d": (
        "Attention",
        [floats(2, 4, 6), floats(6, 18), floats(18), RANDOM.integers(0, 2, (2, 4, 4)).astype(I32)],
        {"num_heads": 2},
        1,
    ),
    "attention_past": (
        "Attention",
        [floats(2, 3, 6), floats(6, 18), floats(18), None, floats(2, 2, 2, 5, 3)],
        {"num_heads": 2, "unidirectional": 1},
        2,
    ),
    "attention_bias_sizes": (
        "Attention",
        [floats(2, 4, 6), floats(6, 20), floats(20), None, None, floats(1, 2, 4, 4)],
        {"num_heads": 2, "qkv_hidden_sizes": [8, 8, 4], "scale": 0.3},
        1,
    ),
    "multi_head": (
        "MultiHeadAttention",
        [floats(2, 4, 6), floats(2, 5, 6), floats(2, 5, 6)],
        {"num_heads": 2},
        1,
    ),
    "multi_head_bias_mask": (
        "MultiHeadAttention",
        [
            floats(2, 4, 6),
            floats(2, 4, 6),
            floats(2, 4, 6),
            floats(18),
            MASK,
            floats(2, 2, 4, 4),
        ],
        {"num_heads": 2},
        1,
    ),
    "multi_head_past": (
        "MultiHeadAttention",
        [
            floats(2, 3, 6),
            floats(2, 3, 6),
            floats(2, 3, 6),
            None,
            None,
            None,
            floats(2, 2, 4, 3),
            floats(2, 2, 4, 3),
        ],
        {"num_heads": 2, "unidirectional": 1},
        3,
    ),
    "rotary": (
        "RotaryEmbedding",
        [floats(2, 3, 8), np.array([[0, 1, 2], [3, 4, 5]], np.int64), COS, SIN],
        {},
        1,
    ),
    "rotary_offset": (
        "RotaryEmbedding",
        [floats(2, 3, 8), np.array([4], np.int64), COS, SIN],
        {"interleaved": 1},
        1,
    ),
    "rotary_partial": (
        "RotaryEmbedding",
        [floats(2, 2, 3, 6), np.array([4], np.int64), COS, SIN],
        {"num_heads": 2, "rotary_embedding_dim": 4},
        1,
    ),
    "dynamic_quantize_matmul": (
        "DynamicQuantizeMatMul",
        [floats(3, 6), bytes_of(6, 4), np.array(0.02, F), np.array(120, np.uint8), floats(4)],
        {},
        1,
    ),
    "dynamic_quantize_matmul_by_column": (
        "DynamicQuantizeMatMul",
        [floats(2, 3, 6), bytes_of(6, 4, dtype=np.int8), np.abs(floats(4)) / 50, np.zeros(4, np.int8)],
        {},
        1,
    ),
    "matmul_integer_to_float": (
        "MatMulIntegerToFloat",
        [
            bytes_of(3, 6),
            bytes_of(6, 4, dtype=np.int8),
            np.array(0.02, F),
            np.abs(floats(4)) / 50,
            np.array(7, np.uint8),
            np.array([1, 2, 3, 4], np.int8),
            floats(4),
        ],
        {},
        1,
    ),
    "q_attention": (
        "QAttention",
        [
            bytes_of(2, 4, 6),
            bytes_of(6, 18, dtype=np.int8),
            floats(18),
            np.array(0.02, F),
            np.array(0.01, F),
            MASK,
            np.array(128, np.uint8),
            np.array(0, np.int8),
        ],
        {"num_heads": 2},
        1,
    ),
    "quantize": ("QuantizeLinear", [floats(3, 4), np.array(0.01, F), np.array(300, np.uint16)], {}, 1),
    "dequantize": ("DequantizeLinear", [bytes_of(3, 4), np.array(0.01, F), np.array(7, np.uint8)], {}, 1),
    "layer_norm_early": ("LayerNormalization", [floats(2, 3, 8), floats(8), floats(8)], {"epsilon": 1e-5}, 1),
    "simplified_layer_norm": (
        "SimplifiedLayerNormalization",
        [floats(2, 3, 8), floats(8)],
        {"epsilon": 1e-6},
        1,
    ),
}


# Further inputs that are fed, since their batch is that of the first.
FED = {"attention_lengths": 3}


def model_of(name: str, case: Case) -> tuple[onnx.ModelProto, dict[str, np.ndarray]]:
    """One node whose first input is fed with a dynamic batch; the others are initializers."""
    op, inputs, attributes, outputs = case
    names = [f"i{at}" if array is not None else "" for at, array in enumerate(inputs)]
    given = [array for array in inputs if array is not None]
    first = helper.make_tensor_value_info(
        "i0", helper.np_dtype_to_tensor_dtype(given[0].dtype), ["N", *given[0].shape[1:]]
    )
    domain = "" if name.endswith(("layer_norm_early", "simplified_layer_norm")) else "com.microsoft"
    # Means and deviations of training stand between the outputs that inference gives.
    made = [f"o{at}" for at in range(outputs)]
    if op.startswith("Skip") and outputs == 4:
        made[1] = made[2] = ""
    node = helper.make_node(op, names, made, domain=domain, **attributes)
    kinds = [
        TensorProto.INT32 if (op.startswith("Embed") and at == 1) else TensorProto.FLOAT
        for at in range(outputs)
    ]
    if op == "QuantizeLinear":
        kinds = [TensorProto.UINT16]
    fed = FED.get(name)
    more = [helper.make_tensor_value_info(f"i{fed}", TensorProto.INT32, ["N"])] if fed else []
    graph = helper.make_graph(
        [node],
        name,
        [first, *more],
        [helper.make_tensor_value_info(o, k, None) for o, k in zip(made, kinds, strict=True) if o],
        [
            onnx.numpy_helper.from_array(array, f"i{at}")
            for at, array in enumerate(inputs)
            if at not in (0, fed) and array is not None
        ],
    )
    opsets = [helper.make_opsetid("", 15), helper.make_opsetid("com.microsoft", 1)]
    return helper.make_model(graph, opset_imports=opsets, ir_version=8), {
        f"i{at}": inputs[at] for at in (0, fed) if at is not None
    }


def main(folder: Path) -> None:
    """Writes every case."""
    for name, case in CASES.items():
        try:
            model, feed = model_of(name, case)
            add_case(folder / name, model, [feed])
        except Exception as error:
            print(f"{name}: {error}", file=sys.stderr)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
