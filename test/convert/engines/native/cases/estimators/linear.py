"""Linear models and support vector machines."""

import numpy as np

from .case import FLOAT, INT64, STRING, Case, F, X, floats

CASES: dict[str, Case] = {
    "linear_regressor": (
        "LinearRegressor",
        [X],
        {
            "coefficients": floats(6).tolist(),
            "intercepts": [0.5, -1.0],
            "targets": 2,
            "post_transform": "SOFTMAX",
        },
        [FLOAT],
    ),
    "linear_regressor_probit": (
        "LinearRegressor",
        [X / 100],
        {"coefficients": [0.1, 0.2, 0.1], "intercepts": [0.6], "post_transform": "PROBIT"},
        [FLOAT],
    ),
    "svm_regressor_rbf": (
        "SVMRegressor",
        [X],
        {
            "kernel_type": "RBF",
            "kernel_params": [0.4, 0.0, 3.0],
            "coefficients": [0.5, -1.0, 2.0, 0.1],
            "support_vectors": floats(12).tolist(),
            "n_supports": 4,
            "rho": [0.3],
        },
        [FLOAT],
    ),
    "svm_regressor_linear": (
        "SVMRegressor",
        [X],
        {
            "kernel_type": "LINEAR",
            "kernel_params": [0.0, 0.0, 0.0],
            "coefficients": [0.5, -1.0, 2.0],
            "rho": [0.3],
            "n_supports": 0,
            "one_class": 1,
        },
        [FLOAT],
    ),
}

for norm in ("NONE", "SOFTMAX", "LOGISTIC", "SOFTMAX_ZERO", "PROBIT"):
    CASES[f"linear_classifier_{norm.lower()}"] = (
        "LinearClassifier",
        [np.vstack([X / 10, np.zeros((1, 3), F)])],
        {
            "coefficients": (floats(9) / 10).tolist(),
            "intercepts": [0.0, 0.4, 0.3],
            "classlabels_ints": [5, -2, 9],
            "post_transform": norm,
        },
        [INT64, FLOAT],
    )
    if norm != "PROBIT":
        CASES[f"linear_classifier_binary_{norm.lower()}"] = (
            "LinearClassifier",
            [X],
            {
                "coefficients": floats(3).tolist(),
                "intercepts": [0.1],
                "classlabels_strings": ["no", "yes"],
                "post_transform": norm,
            },
            [STRING, FLOAT],
        )

for kind, degree in (
    ("LINEAR", 0.0),
    ("POLY", 2.0),
    ("POLY", 3.0),
    ("POLY", 4.0),
    ("RBF", 0.0),
    ("SIGMOID", 0.0),
):
    for classes in (2, 4):
        pairs = classes * (classes - 1) // 2
        for proba in (False, True):
            CASES[f"svm_{kind.lower()}_{int(degree)}_{classes}{'_proba' if proba else ''}"] = (
                "SVMClassifier",
                [X],
                {
                    "kernel_type": kind,
                    "kernel_params": [0.3, 0.2, degree],
                    "classlabels_ints": list(range(10, 10 + classes)),
                    "vectors_per_class": [2, 1, 3, 1][:classes],
                    "support_vectors": floats(3 * sum([2, 1, 3, 1][:classes])).tolist(),
                    "coefficients": floats((classes - 1) * sum([2, 1, 3, 1][:classes])).tolist(),
                    "rho": floats(pairs).tolist(),
                    **({"prob_a": [-1.5] * pairs, "prob_b": floats(pairs).tolist()} if proba else {}),
                },
                [INT64, FLOAT],
            )
for classes in (2, 3):
    CASES[f"svm_liblinear_{classes}"] = (
        "SVMClassifier",
        [X],
        {
            "kernel_type": "LINEAR",
            "kernel_params": [0.0, 0.0, 0.0],
            "classlabels_strings": ["a", "b", "c"][:classes],
            "coefficients": floats(3 * classes).tolist(),
            "rho": [0.1],
        },
        [STRING, FLOAT],
    )
