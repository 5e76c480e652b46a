"""Numbers, signals and words at the edges of what an operator takes."""

import numpy as np

from .case import Case, F, image, vector

CASES: dict[str, Case] = {
    # What calibration gives where a value was infinite: 0 or NaN by it, which is the lowest integer.
    "quantization_by_an_infinite_scale": (
        """
        <ir_version: 8, opset_import: ["" : 17]>
        g (float[6] x, float s, int8 zero) => (int8[6] q, float[6] y) {
          q = QuantizeLinear(x, s, zero)
          y = DequantizeLinear(q, s, zero)
        }""",
        [
            {
                "x": np.array([0, 1, -3e38, np.inf, -np.inf, np.nan], F),
                "s": np.array(size, F),
                "zero": np.array(3, np.int8),
            }
            for size in (np.inf, 1, 0)
        ],
    ),
    "dynamic_quantization_of_zeros": (
        """
        <ir_version: 8, opset_import: ["" : 17]>
        g (float[N, 3] x) => (uint8[N, 3] y, float s, uint8 z) { y, s, z = DynamicQuantizeLinear(x) }""",
        [{"x": np.zeros([2, 3], F)}, {"x": vector(7)[:, None] * np.ones([1, 3], F)}],
    ),
    "extremes_of_numbers_that_are_known_at_conversion": (
        """
        <ir_version: 8, opset_import: ["" : 17]>
        g (float[N] x) => (float[N] y, float[N] z) {
          numbers = Constant<value = float[4] {0.5, -3.25, 7, 2}>()
          high = ReduceMax<keepdims = 0>(numbers)
          low = ReduceMin<keepdims = 0>(numbers)
          y = Add(x, high)
          z = Add(x, low)
        }""",
        [{"x": vector(2)}],
    ),
    **{
        f"integers_to_a_power_in_floats_{exponent}": (
            f"""
            <ir_version: 8, opset_import: ["" : 17]>
            g (int64[N] x) => (int64[N] y) {{
              exponent = Constant<value = float {{{exponent}}}>()
              y = Pow(x, exponent)
            }}""",
            [{"x": np.array([3, 10, 123456, 94906267, 2000003])}],
        )
        for exponent in (2, 1.5, 0.5)
    },
    **{
        f"words_of_which_at_most_{most}_are_parted": (
            f"""
            <ir_version: 9, opset_import: ["" : 20]>
            g (string[N] x) => (string[N, K] y, int64[N] n) {{
              y, n = StringSplit<maxsplit = {most}>(x)
            }}""",
            [
                {"x": np.array(["  a  b  c", "d", "", "  x y"], object)},
                {"x": np.array(["d", "e"], object)},
                {"x": np.array(["", " "], object)},
            ],
        )
        for most in (0, 1, 2)
    },
    # torch.stft(return_complex=False) as the TorchScript exporter writes it.
    "stft_of_a_signal_without_an_axis_of_parts": (
        """
        <ir_version: 8, opset_import: ["" : 17]>
        g (float[B, L] x) => (float[B, T, F, 2] y) {
          step = Constant<value = int64 {4}>()
          window = Constant<value = float[8] {0.1, 0.3, 0.6, 1, 1, 0.6, 0.3, 0.1}>()
          length = Constant<value = int64 {8}>()
          y = STFT<onesided = 1>(x, step, window, length)
        }""",
        [{"x": image(6).reshape(2, 36)}],
    ),
}
