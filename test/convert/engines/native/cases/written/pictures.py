"""Pictures: resized, sampled, convolved and normalised."""

import numpy as np

from .case import Case, F, image, vector


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

CASES: dict[str, Case] = {
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
    # onnxruntime's optimiser makes this of YOLOX's first slices, whatever the size of the picture.
    "space_to_depth_of_a_picture_of_any_size": (
        """
        <ir_version: 8, opset_import: ["" : 13]>
        g (float[N, 2, H, W] x) => (float[N, 8, A, B] y) { y = SpaceToDepth<blocksize = 2>(x) }""",
        [{"x": image(4)}, {"x": image(6)}],
    ),
}

# What onnxruntime leaves out, the outputs of training, is there.
BY_REFERENCE: dict[str, Case] = {
    "normalization_in_training_before_opset_14": (
        """
        <ir_version: 6, opset_import: ["" : 11]>
        g (float[1, 2, 4, 4] x, float[2] s, float[2] t, float[2] m, float[2] v) => (float[1, 2, 4, 4] y) {
          y, a, b, c, d = BatchNormalization<momentum = 1.0>(x, s, t, m, v)
        }""",
        [{"x": image(4), **PARAMETERS}],
    ),
}
