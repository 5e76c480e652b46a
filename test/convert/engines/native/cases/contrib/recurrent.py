"""The LSTM of integers that quantises what it reads as it runs."""

from typing import Any

import numpy as np

from .case import I32, RANDOM, Case, F, bytes_of, floats


def lstm(
    steps: int,
    ways: int = 1,
    *,
    weights: type = np.int8,
    by_column: bool = False,
    lengths: list[int] | None = None,
    first: bool = False,
    peepholes: bool = False,
    bias: bool = True,
    without: tuple[int, ...] = (),
    dynamic: bool = True,
    **attributes: Any,
) -> Case:
    """Three sequences of five features through four hidden units."""
    batch, features, hidden = 3, 5, 4
    columns = 4 * hidden

    def scales() -> list[np.ndarray]:
        size = (ways, columns) if by_column else (ways,)
        zero = 0 if weights == np.int8 else 131
        return [np.abs(floats(*size)) / 150 + F(0.002), np.full(size, zero, weights)]

    states = [floats(ways, batch, hidden) / 3 for _ in range(2)] if first else [None, None]
    given = [
        floats(steps, batch, features),
        bytes_of(ways, features, columns, dtype=weights),
        bytes_of(ways, hidden, columns, dtype=weights),
        floats(ways, 2 * columns) if bias else None,
        np.array(lengths, I32) if lengths else None,
        *states,
        floats(ways, 3 * hidden) if peepholes else None,
        *scales(),
        *scales(),
    ]
    direction = {"direction": "bidirectional"} if ways == 2 else {}
    return Case(
        "DynamicQuantizeLSTM",
        given,
        {"hidden_size": hidden, **direction, **attributes},
        3,
        without=without,
        dynamic=dynamic,
    )


RANDOM.bit_generator.state = np.random.default_rng(5).bit_generator.state

CASES = {
    "lstm": lstm(6),
    "lstm_unrolled": lstm(6, dynamic=False),
    "lstm_by_column": lstm(6, by_column=True, bias=False),
    "lstm_unsigned": lstm(6, weights=np.uint8),
    "lstm_backwards": lstm(6, direction="reverse", first=True),
    "lstm_both_ways": lstm(6, 2, by_column=True, first=True, peepholes=True),
    "lstm_clipped": lstm(6, clip=0.4),
    # Of a sequence that has ended onnxruntime holds zeros, or its last state, which count for the scale.
    "lstm_lengths": lstm(6, 2, lengths=[2, 5, 4], first=True),
    "lstm_lengths_unrolled": lstm(6, 2, lengths=[2, 5, 4], dynamic=False),
    "lstm_lengths_last_states": lstm(6, 2, lengths=[2, 5, 4], without=(0,)),
}
