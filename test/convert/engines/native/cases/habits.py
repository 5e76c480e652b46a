"""Single nodes as exporters write them, whose sizes only the run tells. Usage: habits.py FOLDER."""

import sys
from pathlib import Path

import numpy as np
from cases import add_case, model_of

F = np.float32


def image(size: int) -> np.ndarray:
    """Seeded floats of one image."""
    return np.random.default_rng(size).standard_normal([1, 2, size, size]).astype(F)


def vector(seed: int, at_least: float = -9.0) -> np.ndarray:
    """Seeded floats by channel."""
    return np.maximum(np.random.default_rng(seed).standard_normal(2), at_least).astype(F)


def unruly(size: int) -> np.ndarray:
    """An image with an infinite and an undefined corner."""
    x = image(size)
    x[0, 0, 0, 0], x[0, 1, -1, -1] = np.inf, np.nan
    return x


# Beyond the corners, beyond one side, and between elements.
OUTSIDE = [[-3, -3], [3, 3], [-9, 0.1], [0.1, 9], [0.3, -0.3], [-0.9, -0.8]]

RESIZE = """
    <ir_version: 8, opset_import: ["" : 17]>
    g (float[1, 2, H, W] x) => (float[1, 2, A, B] y) {{
      scales = Constant<value = float[4] {{1, 1, 1.7, 1.7}}>()
      y = Resize<mode = "nearest", coordinate_transformation_mode = "{}", nearest_mode = "{}">(x, , scales)
    }}"""

PARAMETERS = {"s": vector(1), "t": vector(2), "m": vector(3), "v": vector(4, 0.1)}

CASES: dict[str, tuple[str, list[dict[str, np.ndarray]]]] = {
    # 17 / 1.7 is 10 in float32, and a little less in float64: the tenth element or the ninth.
    **{
        f"resize_nearest_{coordinates}_{rounding}": (
            RESIZE.format(coordinates, rounding),
            [{"x": image(size)} for size in (8, 11)],
        )
        for coordinates, rounding in [
            ("asymmetric", "floor"),
            ("asymmetric", "ceil"),
            ("half_pixel", "round_prefer_floor"),
            ("half_pixel", "floor"),
        ]
    },
    "normalization_by_parameters_of_unknown_size": (
        """
        <ir_version: 8, opset_import: ["" : 17]>
        g (float[N, 2, H, W] x, float[S] s, float[T] t, float[M] m, float[V] v) => (float[N, 2, H, W] y) {
          y = BatchNormalization(x, s, t, m, v)
        }""",
        [{"x": image(4), **PARAMETERS}],
    ),
    # What YOLO's non-maximum suppression takes of boxes that carry nothing but scores.
    "rows_without_elements_by_a_mask": (
        """
        <ir_version: 8, opset_import: ["" : 17]>
        g (float[N, C] x, float[N, 2] more, bool[N] keep) => (float[K, C] y, float[K, D] z) {
          sizes = Constant<value = int64[2] {2, 0}>()
          both, none = Split<axis = 1>(more, sizes)
          places = NonZero(keep)
          rows = Transpose<perm = [1, 0]>(places)
          y = GatherND(x, rows)
          z = GatherND(none, rows)
        }""",
        [
            {
                "x": np.arange(12, dtype=F).reshape(3, 4),
                "more": np.ones([3, 2], F),
                "keep": np.array([True, False, True]),
            }
        ],
    ),
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
    # ONNX's function of AffineGrid cuts and multiplies what branches of unlike rank give.
    "parts_and_products_of_what_an_if_gives": (
        """
        <ir_version: 8, opset_import: ["" : 18]>
        g (float[A, B] x, bool wide) => (float[C, D] first, float[C, D] second, float[E, F] z) {
          either = If (wide) <
            then_branch = g1 () => (float[A, B] same) { same = Identity(x) },
            else_branch = g2 () => (float[A, B, 1] more) {
              axes = Constant<value = int64[1] {2}>()
              more = Unsqueeze(x, axes)
            }
          >
          first, second = Split<axis = 1, num_outputs = 2>(either)
          turned = Constant<value = float[2, 2] {0, 1, -1, 0}>()
          z = MatMul(first, turned)
        }""",
        [{"x": np.arange(12, dtype=F).reshape(3, 4), "wide": np.array(True)}],
    ),
    **{
        f"last_states_of_an_empty_sequence_{op}": (
            f"""
            <ir_version: 8, opset_import: ["" : 17]>
            g (float[3, 2, 2] x, int32[2] lengths, float[1, 2, 2] h, float[1, {gates}, 2] w)
                => (float[1, 2, 2] y) {{
              all, y = {op}<hidden_size = 2>(x, w, w, , lengths, h)
            }}""",
            [
                {
                    "x": image(3)[0].ravel()[:12].reshape(3, 2, 2),
                    "lengths": np.array([0, 2], np.int32),
                    "h": image(2)[0, :1],
                    "w": image(5).ravel()[: gates * 2].reshape(1, gates, 2),
                }
            ],
        )
        for op, gates in (("LSTM", 8), ("GRU", 6))
    },
    # What torch makes of windows where one axis is not shifted: a slice of nothing is written.
    "scatter_into_an_empty_slice": (
        """
        <ir_version: 8, opset_import: ["" : 18]>
        g (float[4, 3, 5] x, int64[2, 1] at, float[2, 3, 0] updates) => (float[4, 3, 0] y) {
          start = Constant<value = int64[1] {5}>()
          end = Constant<value = int64[1] {9}>()
          axis = Constant<value = int64[1] {2}>()
          slice = Slice(x, start, end, axis)
          y = ScatterND(slice, at, updates)
        }""",
        [{"x": np.ones([4, 3, 5], F), "at": np.array([[0], [2]]), "updates": np.ones([2, 3, 0], F)}],
    ),
    "scatter_into_a_slice_that_may_be_empty": (
        """
        <ir_version: 8, opset_import: ["" : 18]>
        g (float[4, 3, W] x, int64[1] start, int64[2, 1] at, float[2, 3, U] updates)
            => (float[4, 3, K] y, float[4, 3, K] z) {
          end = Constant<value = int64[1] {9}>()
          axis = Constant<value = int64[1] {2}>()
          slice = Slice(x, start, end, axis)
          y = ScatterND(slice, at, updates)
          z = ScatterND<reduction = "add">(slice, at, updates)
        }""",
        [
            {
                "x": np.ones([4, 3, 5], F),
                "start": np.array([start]),
                "at": np.array([[0], [2]]),
                "updates": np.full([2, 3, 5 - start], 7, F),
            }
            for start in (5, 2)
        ],
    ),
    # Deformable DETR samples levels whose own attention is NaN: what lies outside of them is 0 all the same.
    **{
        f"sampled_outside_of_infinity_{mode}": (
            f"""
            <ir_version: 8, opset_import: ["" : 16]>
            g (float[1, 2, H, W] x, float[1, 2, 3, 2] grid) => (float[1, 2, 2, 3] y) {{
              y = GridSample<mode = "{mode}", padding_mode = "zeros">(x, grid)
            }}""",
            [{"x": unruly(3), "grid": np.array(OUTSIDE, F).reshape(1, 2, 3, 2)}],
        )
        for mode in ("bilinear", "nearest", "bicubic")
    },
    "convolved_outside_of_infinity": (
        """
        <ir_version: 8, opset_import: ["" : 19]>
        g (float[1, 2, H, W] x, float[3, 2, 1, 1] w, float[1, 2, A, B] offset) => (float[1, 3, A, B] y) {
          y = DeformConv<kernel_shape = [1, 1]>(x, w, offset)
        }""",
        [
            {
                "x": unruly(3),
                "w": np.ones([3, 2, 1, 1], F),
                "offset": np.array([-1.5, 0.25, 5.5], F).repeat(6).reshape(1, 2, 3, 3),
            }
        ],
    ),
    "transposed_at_a_rank_that_only_the_run_tells": (
        """
        <ir_version: 8, opset_import: ["" : 17]>
        g (float[A, B, C] x) => (float[K, L] y) { s = Squeeze(x) y = Transpose(s) }""",
        [{"x": image(3)[0, :, :, :1]}, {"x": image(3)[0, :1]}],
    ),
    "permuted_at_a_rank_that_the_permutation_tells": (
        """
        <ir_version: 8, opset_import: ["" : 17]>
        g (float[A, B, C] x) => (float[K, L] y) { s = Squeeze(x) y = Transpose<perm = [1, 0]>(s) }""",
        [{"x": image(3)[0, :, :1]}],
    ),
    **{
        f"deconvolution_by_dilated_weights_of_the_run_{groups}": (
            f"""
            <ir_version: 8, opset_import: ["" : 17]>
            g (float[1, 2, 4, 4] x, float[2, 2, 3, 2] w) => (float[1, C, H, W] y) {{
              y = ConvTranspose<
                group = {groups}, dilations = [2, 3], strides = [1, 2], pads = [1, 0, 0, 1]
              >(x, w)
            }}""",
            [{"x": image(4), "w": image(5).ravel()[:24].reshape(2, 2, 3, 2)}],
        )
        for groups in (1, 2)
    },
    "deconvolution_of_one_axis_by_dilated_weights_of_the_run": (
        """
        <ir_version: 8, opset_import: ["" : 17]>
        g (float[1, 2, 9] x, float[2, 1, 3] w) => (float[1, 1, L] y) {
          y = ConvTranspose<dilations = [2]>(x, w)
        }""",
        [{"x": image(3)[:, :, 0].repeat(3, 2), "w": image(3)[0, :, :1]}],
    ),
    "deconvolution_to_more_than_the_full_result": (
        """
        <ir_version: 8, opset_import: ["" : 17]>
        g (float[1, 2, 4, 4] x, float[2, 1, 2, 2] w, float[1] bias) => (float[1, 1, 9, 13] y) {
          y = ConvTranspose<strides = [2, 3], output_shape = [9, 13]>(x, w, bias)
        }""",
        [{"x": image(4), "w": image(2).reshape(2, 1, 2, 2), "bias": np.array([7], F)}],
    ),
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
    "an_optional_inside_the_graph": (
        """
        <ir_version: 8, opset_import: ["" : 18]>
        g (float[N, 3] x) => (float[N, 3] y, bool has) {
          o = Optional(x)
          has = OptionalHasElement(o)
          y = OptionalGetElement(o)
        }""",
        [{"x": np.ones([2, 3], F)}],
    ),
    # onnxruntime's optimiser makes this of YOLOX's first slices, whatever the size of the picture.
    "space_to_depth_of_a_picture_of_any_size": (
        """
        <ir_version: 8, opset_import: ["" : 13]>
        g (float[N, 2, H, W] x) => (float[N, 8, A, B] y) { y = SpaceToDepth<blocksize = 2>(x) }""",
        [{"x": image(4)}, {"x": image(6)}],
    ),
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
    # DeBERTa's positions: branches that differ in rank, of which the graph always takes the same.
    "gather_by_places_of_branches_that_differ_in_rank": (
        """
        <ir_version: 8, opset_import: ["" : 17]>
        g (float[A, N] x, int64[1, N] places, bool far) => (float[A, N] y) {
          shape = Shape(x)
          either = If (far) <
            then_branch = g1 () => (int64[1, 1, N] near) {
              axes = Constant<value = int64[1] {0}>()
              near = Unsqueeze(places, axes)
            },
            else_branch = g2 () => (int64[1, 1, 1, N] same) {
              axes = Constant<value = int64[2] {0, 1}>()
              same = Unsqueeze(places, axes)
            }
          >
          first = Constant<value = int64[1] {0}>()
          row = Squeeze(either, first)
          shown = Expand(row, shape)
          y = GatherElements<axis = -1>(x, shown)
        }""",
        [
            {
                "x": np.arange(8, dtype=F).reshape(2, 4),
                "places": np.array([[3, 0, 2, 1]]),
                "far": np.array(True),
            }
        ],
    ),
    # Silero's voice detector: LSTMCell takes a frame or a row, and torch traces a branch for each.
    "layers_after_branches_that_differ_in_rank": (
        """
        <ir_version: 8, opset_import: ["" : 17]>
        g (float[N, 2, T] x, float[1, 4, 2] w, float[1, 4, 1] r, float[1, 2, 1] k)
            => (float[1, N, 1] h, float[N, 1, 1] y, float[N, 2, 1] m, float[N, 2, 1, 1] p,
                float[1, N, 1, 2] q, float[N] s) {
          one = Constant<value = int64[1] {1}>()
          size = Shape<start = -1>(x)
          single = Equal(size, one)
          last = Constant<value = int64[1] {-1}>()
          frame = If (single) <
            then_branch = g1 () => (float[N, 2] row) { row = Squeeze(x, last) },
            else_branch = g2 () => (float[N, 2, T] rows) { rows = Identity(x) }
          >
          first = Constant<value = int64[1] {0}>()
          steps = Unsqueeze(frame, first)
          state = If (single) <
            then_branch = g3 () => (float[1, N, 1] some) { some = ReduceMean<axes = [2]>(steps) },
            else_branch = g4 () => (float[1, N] none) { none = ReduceMean<axes = [2], keepdims = 0>(steps) }
          >
          all, h = LSTM<hidden_size = 1>(steps, w, r, , , state, state)
          column = Unsqueeze(frame, last)
          y = Conv(column, k)
          m = MaxPool<kernel_shape = [1]>(column)
          behind = Constant<value = int64[2] {-2, -1}>()
          p = Unsqueeze(frame, behind)
          between = Constant<value = int64[2] {2, 0}>()
          q = Unsqueeze(frame, between)
          zero = Constant<value = int64 {0}>()
          s = Gather<axis = 1>(frame, zero)
        }""",
        [
            {
                "x": image(2)[0, :rows, :, :1],
                "w": image(2).reshape(1, 4, 2),
                "r": image(2).reshape(1, 4, 2)[:, :, :1],
                "k": image(1).reshape(1, 2, 1),
            }
            for rows in (1, 2)
        ],
    ),
    "slice_of_a_vector_by_bounds_of_unknown_number": (
        """
        <ir_version: 8, opset_import: ["" : 17]>
        g (int64[N] x, int64[A] start, int64[B] end) => (int64[K] y) { y = Slice(x, start, end) }""",
        [{"x": np.arange(7), "start": np.array([2]), "end": np.array([5])}],
    ),
}

# What onnxruntime leaves out, the outputs of training, is there.
BY_REFERENCE = {
    "normalization_in_training_before_opset_14": (
        """
        <ir_version: 6, opset_import: ["" : 11]>
        g (float[1, 2, 4, 4] x, float[2] s, float[2] t, float[2] m, float[2] v) => (float[1, 2, 4, 4] y) {
          y, a, b, c, d = BatchNormalization<momentum = 1.0>(x, s, t, m, v)
        }""",
        [{"x": image(4), **PARAMETERS}],
    ),
}


def main(folder: Path) -> None:
    """Writes every case."""
    for name, (text, feeds) in CASES.items():
        add_case(folder / name, model_of(text), feeds, reference="DeformConv" in text)
    for name, (text, feeds) in BY_REFERENCE.items():
        add_case(folder / name, model_of(text), feeds, reference=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
