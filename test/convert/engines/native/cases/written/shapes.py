"""Ranks and sizes that only the run tells, and what is empty."""

import numpy as np

from .case import Case, F, image

CASES: dict[str, Case] = {
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
