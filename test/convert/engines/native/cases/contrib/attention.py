"""Attention over a cache with fewer heads of keys than of queries, and heads that come as one tensor."""

from typing import Any

import numpy as np

from .case import I32, Case, caches, floats

HEADS, SHARED, SIZE = 4, 2, 16
COS, SIN = caches(16, 8)


def grouped(
    steps: int,
    past: int | None,
    lengths: list[int],
    total: int,
    more: list[np.ndarray | None] | None = None,
    packed: bool = False,
    **attributes: Any,
) -> Case:
    """Queries of so many tokens after a cache; lengths count all tokens of each sentence but one."""
    batch = len(lengths)
    parts = [floats(batch, steps, heads * SIZE) for heads in (HEADS, SHARED, SHARED)]
    given: list[np.ndarray | None] = [np.concatenate(parts, 2), None, None] if packed else [*parts]
    cache = [floats(batch, SHARED, past, SIZE) if past is not None else None for _ in range(2)]
    inputs = [
        *given,
        *cache,
        np.array(lengths, I32),
        np.array(total, I32),
        *(more or []),
    ]
    fed = [at for at in range(7) if inputs[at] is not None]
    sizes = {"num_heads": HEADS, "kv_num_heads": SHARED}
    return Case("GroupQueryAttention", inputs, {**sizes, **attributes}, 3, fed)


def together(count: int) -> tuple[list[np.ndarray], np.ndarray]:
    """Parts of [batch, sequence, heads · size], and the same parts as one tensor."""
    parts = [floats(2, 3, 2 * 4) for _ in range(count)]
    return parts, np.stack([each.reshape(2, 3, 2, 4) for each in parts], 3)


def multi_head(q: np.ndarray, k: np.ndarray, v: np.ndarray) -> np.ndarray:
    """Plain attention over two heads, in numpy."""
    q, k, v = (each.reshape(2, 3, 2, 4).transpose(0, 2, 1, 3) for each in (q, k, v))
    scores = np.exp(q @ k.transpose(0, 1, 3, 2) / 2)
    shares = scores / scores.sum(-1, keepdims=True)
    return (shares @ v).transpose(0, 2, 1, 3).reshape(2, 3, 8)


(Q, K, V), QKV = together(3)
(K2, V2), KV = together(2)

CASES = {
    "gqa_prompt": grouped(4, None, [3, 3], 4),
    "gqa_prompt_packed": grouped(4, None, [3, 3], 4, packed=True),
    "gqa_prompt_empty_cache": grouped(4, 0, [3, 3], 4),
    "gqa_prompt_in_a_larger_cache": grouped(4, 9, [3, 3], 4),
    "gqa_step": grouped(1, 5, [5, 5], 6),
    "gqa_step_packed_rotary": grouped(1, 5, [5, 5], 6, [COS, SIN], packed=True, do_rotary=1),
    "gqa_step_of_unlike_lengths": grouped(1, 5, [5, 2], 6, [COS, SIN], do_rotary=1, rotary_interleaved=1),
    "gqa_step_in_a_larger_cache": grouped(1, 9, [5, 2], 6),
    "gqa_more_tokens": grouped(3, 5, [7], 8, [COS, SIN], do_rotary=1),
    "gqa_window": grouped(3, 5, [7], 8, local_window_size=2),
    "gqa_cap_bias": grouped(3, 5, [7], 8, [None, None, None, floats(1, HEADS, 3, 8)], softcap=2.0),
    "gqa_bias_short_of_the_cache": grouped(
        1, 9, [7, 4], 8, [None, None, None, floats(1, 1, 1, 8)], scale=0.2
    ),
    "gqa_smooth": grouped(3, 5, [7], 8, smooth_softmax=1),
    "gqa_sink": grouped(3, 5, [7], 8, [None, None, None, None, floats(HEADS)]),
    "gqa_positions": grouped(3, 5, [7], 8, [COS, SIN, np.array([[2, 9, 4]], np.int64)], do_rotary=1),
    "multi_head_in_one": Case("MultiHeadAttention", [QKV], {"num_heads": 2}, expected=[multi_head(Q, K, V)]),
    "multi_head_in_two": Case(
        "MultiHeadAttention",
        [Q, KV],
        {"num_heads": 2},
        fed=(0, 1),
        expected=[multi_head(Q, K2, V2)],
    ),
}
