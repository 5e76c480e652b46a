"""Nodes to be refused: onnxruntime differs from the specification, or something is known at run time only."""

import numpy as np

from .attention import SHARED, grouped
from .blocks import product
from .case import I32, Case, F, floats
from .quantized import S, U, image, scale, softmax

GROUPS = np.zeros(64, I32)
NBITS = product(64, 4, 32)

CASES = {
    "groups_with_packed_zeros": product(64, 4, 16, "packed", groups=GROUPS),
    "weights_of_3_bits": NBITS._replace(attributes={**NBITS.attributes, "bits": 3}),
    "weights_at_run_time": NBITS._replace(fed=(0, 1)),
    "scores_as_output": grouped(4, None, [3, 3], 4, qk_output=1)._replace(outputs=4),
    "heads_that_do_not_divide": grouped(4, None, [3, 3], 4)._replace(
        attributes={"num_heads": 3, "kv_num_heads": SHARED}
    ),
    "softmax_levels": softmax(S, -128, 255, opset=13),
    "scales_by_channel": Case(
        "QLinearAdd", [image(U, 2, 3), np.ones(3, F), np.zeros(3, U), image(U, 2, 3), *scale(U), *scale(U)]
    ),
    "unknown_operator": Case("LongformerAttention", [floats(2, 3)]),
    "unknown_activation": Case("FusedGemm", [floats(2, 3), floats(3, 3)], {"activation": "Gelu"}),
}
