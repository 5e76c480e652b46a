"""Control flow, sequences and local functions. Usage: control_flow.py FOLDER."""

import sys
from pathlib import Path

import numpy as np
from cases import add_case, model_of

HEAD = '<ir_version: 8, opset_import: ["" : 17]>'
F = np.float32


def rows(*sizes: int, seed: int = 0) -> np.ndarray:
    """Seeded floats."""
    return np.random.default_rng(seed).standard_normal(sizes).astype(F)


CASES: dict[str, tuple[str, list[dict[str, np.ndarray]]]] = {
    "loop_sum_dynamic_trips": (
        HEAD
        + """
        g (int64 n, float[N] x) => (float[N] last, float[T, N] all) {
          yes = Constant<value = bool {1}>()
          last, all = Loop(n, yes, x)<body = b (int64 i, bool c, float[N] s)
            => (bool c2, float[N] s2, float[N] o) {
            c2 = Identity(c)
            f = Cast<to = 1>(i)
            s2 = Add(s, f)
            o = Mul(s2, x)
          }>
        }""",
        [{"n": np.array(n), "x": rows(3)} for n in (0, 1, 5)],
    ),
    "loop_ends_by_its_condition": (
        HEAD
        + """
        g (float[N] x, float limit) => (float[N] last, int64[1] rounds) {
          top = Constant<value = int64 {9223372036854775807}>()
          start = ReduceMax<keepdims = 0>(x)
          go = Less(start, limit)
          zero = Constant<value = int64[1] {0}>()
          one = Constant<value = int64[1] {1}>()
          last, rounds = Loop(top, go, x, zero)<body = b (int64 i, bool c, float[N] s, int64[1] k)
            => (bool c2, float[N] s2, int64[1] k2) {
            s2 = Add(s, s)
            k2 = Add(k, one)
            m = ReduceMax<keepdims = 0>(s2)
            c2 = Less(m, limit)
          }>
        }""",
        [{"x": np.array([0.5, 1.0], F), "limit": np.array(v, F)} for v in (0.1, 3.0, 100.0)],
    ),
    "loop_without_trip_count_or_condition_names": (
        HEAD
        + """
        g (float[N] x) => (float[N] last) {
          last = Loop(, , x)<body = b (int64 i, bool c, float[N] s) => (bool c2, float[N] s2) {
            three = Constant<value = int64 {3}>()
            c2 = Less(i, three)
            s2 = Add(s, s)
          }>
        }""",
        [{"x": rows(4)}],
    ),
    "loop_state_grows": (
        HEAD
        + """
        g (int64 n, float[N, 2] x) => (float[M, 2] y) {
          yes = Constant<value = bool {1}>()
          y = Loop(n, yes, x)<body = b (int64 i, bool c, float[K, 2] s) => (bool c, float[L, 2] s2) {
            s2 = Concat<axis = 0>(s, x)
          }>
        }""",
        [{"n": np.array(n), "x": rows(3, 2)} for n in (0, 2, 4)],
    ),
    "loop_in_loop_captures_from_both": (
        HEAD
        + """
        g (int64 n, float[N] x) => (float[N] y, float[A, B, N] all) {
          yes = Constant<value = bool {1}>()
          y, all = Loop(n, yes, x)<body = b (int64 i, bool c, float[N] s)
            => (bool c, float[N] s2, float[B, N] o) {
            m = Constant<value = int64 {2}>()
            t = Neg(s)
            s2, o = Loop(m, c, s)<body = d (int64 j, bool e, float[N] u)
              => (bool e, float[N] u2, float[N] p) {
              v = Add(u, t)
              w = Cast<to = 1>(i)
              u1 = Add(v, w)
              u2 = Add(u1, x)
              p = Sub(u2, s)
            }>
          }>
        }""",
        [{"n": np.array(n), "x": rows(3)} for n in (1, 4)],
    ),
    "loop_with_weights_of_its_own": (
        HEAD
        + """
        g (int64 n, float[N, 3] x) => (float[N, 3] y) <float[3, 3] w = {0.5, 0, 1, 0, 0.25, 0, 1, 1, 0.125}> {
          yes = Constant<value = bool {1}>()
          y = Loop(n, yes, x)<body = b (int64 i, bool c, float[N, 3] s) => (bool c, float[N, 3] s2)
            <float[3] w2 = {1, 2, 3}> {
            m = MatMul(s, w)
            s2 = Add(m, w2)
          }>
        }""",
        [{"n": np.array(3), "x": rows(2, 3)}],
    ),
    "loop_with_convolution": (
        HEAD
        + """
        g (int64 n, float[N, 2, H, W] x) => (float[N, 2, H, W] y) <float[2, 2, 3, 3] w = {
          0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, -0.1, -0.2, -0.3, -0.4, -0.5, -0.6, -0.7, -0.8, -0.9,
          0.3, 0.2, 0.1, 0.3, 0.2, 0.1, 0.3, 0.2, 0.1, 0, 0.1, 0, 0.1, 0, 0.1, 0, 0.1, 0}> {
          yes = Constant<value = bool {1}>()
          y = Loop(n, yes, x)<body = b (int64 i, bool c, float[N, 2, H, W] s)
            => (bool c, float[N, 2, H, W] s2) {
            k = Conv<pads = [1, 1, 1, 1]>(s, w)
            s2 = Tanh(k)
          }>
        }""",
        [
            {"n": np.array(2), "x": rows(1, 2, 4, 5)},
            {"n": np.array(3), "x": rows(2, 2, 3, 3)},
        ],
    ),
    "loop_keeps_a_sequence": (
        HEAD
        + """
        g (int64 n, float[N] x) => (float[M] y, int64 count, float[K] second)
          <bool yes = {1}, int64[1] zero = {0}, int64 one = {1}, int64 back = {-2}> {
          none = SequenceEmpty<dtype = 1>()
          s = Loop(n, yes, none)<body = b (int64 i, bool c, seq(float[K]) q) => (bool c, seq(float[K]) q2) {
            k = Add(i, one)
            reps = Unsqueeze(k, zero)
            t = Tile(x, reps)
            q2 = SequenceInsert(q, t)
          }>
          count = SequenceLength(s)
          second = SequenceAt(s, back)
          y = ConcatFromSequence<axis = 0>(s)
        }""",
        [{"n": np.array(n), "x": rows(2)} for n in (2, 4)],
    ),
    "if_of_unlike_shapes": (
        HEAD
        + """
        g (bool c, float[N, 4] x) => (float[M, 4] y) <int64[2] rows = {-1, 4}> {
          r = If(c)<then_branch = t () => (float[1, N, 4] a) {
            z = Constant<value = int64[1] {0}>()
            a = Unsqueeze(x, z)
          }, else_branch = e () => (float[N, 4] d) {
            d = Neg(x)
          }>
          y = Reshape(r, rows)
        }""",
        [{"c": np.array(c), "x": rows(2, 4)} for c in (True, False)],
    ),
    "if_in_if_and_captures": (
        HEAD
        + """
        g (bool p, bool q, float[N] x, float[N] y) => (float[N] z) {
          s = Add(x, y)
          z = If(p)<then_branch = t () => (float[N] a) {
            u = Mul(s, x)
            a = If(q)<then_branch = tt () => (float[N] b) { b = Sub(u, y) },
                      else_branch = te () => (float[N] d) { d = Identity(s) }>
          }, else_branch = e () => (float[N] f) { f = Identity(y) }>
        }""",
        [
            {"p": np.array(p), "q": np.array(q), "x": rows(3), "y": rows(3, seed=1)}
            for p in (True, False)
            for q in (True, False)
        ],
    ),
    "if_with_initializers_of_one_name": (
        HEAD
        + """
        g (bool c, float[N, 2] x) => (float[N, 2] y) {
          y = If(c)<then_branch = t () => (float[N, 2] a) <float[2] w = {1, 2}> { a = Mul(x, w) },
                    else_branch = e () => (float[N, 2] b) <float[2] w = {3, 4}> { b = Mul(x, w) }>
        }""",
        [{"c": np.array(c), "x": rows(3, 2)} for c in (True, False)],
    ),
    "scan_of_dynamic_length_backwards": (
        HEAD
        + """
        g (float[N] s, float[B, T, N] x) => (float[N] last, float[B, T] sums)
          <int64[1] zero = {0}, int64[1] one = {1}> {
          last, sums = Scan<num_scan_inputs = 1, scan_input_axes = [1], scan_input_directions = [1],
            scan_output_axes = [1], scan_output_directions = [1], body = b (float[N] s0, float[B, N] r)
            => (float[N] s1, float[B] o) {
            k = ReduceSum<keepdims = 0>(r, zero)
            s1 = Add(s0, k)
            p = Mul(r, s1)
            o = ReduceSum<keepdims = 0>(p, one)
          }>(s, x)
        }""",
        [{"s": rows(3), "x": rows(2, t, 3)} for t in (1, 4)],
    ),
    "scan_of_opset_8_of_each_of_a_batch": (
        """
        <ir_version: 3, opset_import: ["" : 8]>
        g (float[B, 3] s, float[B, T, 3] x, float[B, T, 3] z) => (float[B, 3] last, float[B, T, 3] o) {
          two = Constant<value = float {2}>()
          last, o = Scan<num_scan_inputs = 2, directions = [0, 1], body = b
            (float[3] s0, float[3] p, float[3] q) => (float[3] s1, float[3] r) {
            twice = Mul(s0, two)
            s1 = Add(twice, p)
            r = Mul(s1, q)
          }>("", s, x, z)
        }""",
        [{"s": rows(n, 3), "x": rows(n, t, 3), "z": rows(n, t, 3) + 1} for n, t in ((1, 1), (2, 4))],
    ),
    "sequences_of_known_length": (
        HEAD
        + """
        g (float[N, 6] x) => (float[N, 2] y, float[N, 6] z, int64 n, float[3, N, 2] st)
          <int64[3] sizes = {2, 2, 2}> {
          s = SplitToSequence<axis = 1>(x, sizes)
          one = Constant<value = int64 {1}>()
          y = SequenceAt(s, one)
          back = Constant<value = int64 {-3}>()
          w = Neg(y)
          s2 = SequenceInsert(s, w, back)
          s3 = SequenceErase(s2, one)
          z = ConcatFromSequence<axis = -1>(s3)
          st = ConcatFromSequence<axis = 0, new_axis = 1>(s3)
          n = SequenceLength(s2)
        }""",
        [{"x": rows(n, 6)} for n in (1, 3)],
    ),
    "sequences_of_run_time_length": (
        HEAD
        + """
        g (float[N, 3] x, int64 at) => (float[K, 3] y, float[N, 3] z, int64 n, float[3] e, float[3] w) {
          s = SplitToSequence<axis = 0, keepdims = 0>(x)
          e = SequenceAt(s, at)
          neg = Neg(e)
          s2 = SequenceInsert(s, neg, at)
          s3 = SequenceErase(s2, at)
          y = ConcatFromSequence<axis = 0, new_axis = 1>(s2)
          z = ConcatFromSequence<axis = 0, new_axis = 1>(s3)
          last = SequenceErase(s2)
          n = SequenceLength(last)
          m = SequenceMap(s2)<body = b (float[3] t) => (float[3] u) { u = Add(t, e) }>
          w = SequenceAt(m, at)
        }""",
        [{"x": rows(4, 3), "at": np.array(at)} for at in (0, 2, -1)],
    ),
    "split_to_sequence_of_run_time_parts": (
        HEAD
        + """
        g (float[2, N] x, int64 size) => (float[2, N] y, int64 n, float[2, K] e) <int64 zero = {0}> {
          s = SplitToSequence<axis = 1>(x, size)
          n = SequenceLength(s)
          e = SequenceAt(s, zero)
          y = ConcatFromSequence<axis = 1>(s)
        }""",
        [{"x": rows(2, n), "size": np.array(k)} for n, k in ((5, 2), (4, 4), (3, 1))],
    ),
    "function_with_attributes_and_defaults": (
        """<ir_version: 9, opset_import: ["" : 17, "own" : 1]>
        g (float[N, 3] x) => (float[N, 3] a, float[N, 3] b, float[N, 3] d) {
          a = own.scaled<by = 3.0>(x)
          b = own.scaled(x)
          d = own.twice(x)
        }
        <domain: "own", opset_import: ["" : 17, "own" : 1]>
        scaled <by: float = 0.5> (x) => (y) {
          k = Constant<value_float: float = @by>()
          y = Mul(x, k)
        }
        <domain: "own", opset_import: ["" : 17, "own" : 1]>
        twice (x) => (y) {
          t = own.scaled<by = 2.0>(x)
          u = own.scaled<by = 4.0>(x)
          y = Sub(u, t)
        }""",
        [{"x": rows(2, 3)}],
    ),
    "function_without_an_optional_input": (
        """<ir_version: 9, opset_import: ["" : 18, "own" : 1]>
        g (float[N, 3] x, float m) => (float[N, 3] a, float[N, 3] b) {
          a = own.held(x)
          b = own.held(x, m)
        }
        <domain: "own", opset_import: ["" : 18]>
        held (x, low) => (y) {
          y = Clip(x, low)
        }""",
        [{"x": rows(2, 3), "m": np.array(0.1, F)}],
    ),
    "function_with_older_operators": (
        """<ir_version: 9, opset_import: ["" : 18, "own" : 1]>
        g (float[N, 3] x) => (float[N] a) {
          a = own.total(x)
        }
        <domain: "own", opset_import: ["" : 12]>
        total (x) => (y) {
          t = Softmax<axis = 1>(x)
          y = ReduceSum<axes = [1], keepdims = 0>(t)
        }""",
        [{"x": rows(2, 3)}],
    ),
    "function_with_graphs_that_use_attributes": (
        """<ir_version: 9, opset_import: ["" : 17, "own" : 1]>
        g (bool c, float[N] x, int64 n) => (float[N] a, float[N] b) {
          a = own.chosen<by = 3.0>(c, x, n)
          b = own.chosen<by = -1.0>(c, a, n)
        }
        <domain: "own", opset_import: ["" : 17]>
        chosen <by> (c, x, n) => (y) {
          y = If(c)<then_branch = t () => (v) {
            k = Constant<value_float: float = @by>()
            v = Mul(x, k)
          }, else_branch = e () => (w) {
            yes = Constant<value = bool {1}>()
            w = Loop(n, yes, x)<body = b (int64 i, bool d, float[N] s) => (bool d, float[N] r) {
              k = Constant<value_float: float = @by>()
              r = Add(s, k)
            }>
          }>
        }""",
        [{"c": np.array(c), "x": rows(3), "n": np.array(2)} for c in (True, False)],
    ),
}


# onnxruntime knows one version of each operator set in a model.
BY_REFERENCE = {"function_with_older_operators"}


def main(folder: Path) -> None:
    """Writes every case."""
    for name, (text, feeds) in CASES.items():
        try:
            add_case(folder / name, model_of(text), feeds, reference=name in BY_REFERENCE)
        except Exception as error:
            raise SystemExit(f"{name}: {error}") from error


if __name__ == "__main__":
    main(Path(sys.argv[1]))
