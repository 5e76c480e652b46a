"""Scalers, imputers, encoders and mappers: what stands before an estimator."""

import numpy as np

from .case import DOUBLE, FLOAT, I64, INT64, NAN, STRING, Case, D, F, X, floats, tensor

WORDS = np.array([["b", "a", "?"], ["", "c", "b"]], object)
X_NAN = np.array([[1, NAN, 3], [NAN, 0, -1], [0, 2, NAN]], F)

CASES: dict[str, Case] = {
    "scaler": ("Scaler", [X], {"offset": [1.0, 2.0, 3.0], "scale": [0.5, 2.0, -1.0]}, [FLOAT]),
    "scaler_one": ("Scaler", [X], {"offset": [0.5], "scale": [3.0]}, [FLOAT]),
    "scaler_int": (
        "Scaler",
        [np.array([[1, 2], [3, 4]], I64)],
        {"offset": [1.0, 2.0], "scale": [0.5, 4.0]},
        [FLOAT],
    ),
    "scaler_double": ("Scaler", [X.astype(D) * 1e6], {"offset": [1e6, 0, 1], "scale": [1e-3] * 3}, [FLOAT]),
    "normalizer_max": ("Normalizer", [X], {"norm": "MAX"}, [FLOAT]),
    "normalizer_l1": ("Normalizer", [np.array([[1, -2], [0, 0]], F)], {"norm": "L1"}, [FLOAT]),
    "normalizer_l2": ("Normalizer", [np.array([[3, -4], [0, 0]], I64)], {"norm": "L2"}, [FLOAT]),
    "imputer_nan": (
        "Imputer",
        [X_NAN],
        {"imputed_value_floats": [7.0, 8.0, 9.0], "replaced_value_float": NAN},
        [FLOAT],
    ),
    "imputer_zero": (
        "Imputer",
        [X_NAN],
        {"imputed_value_floats": [5.0], "replaced_value_float": 0.0},
        [FLOAT],
    ),
    "imputer_int": (
        "Imputer",
        [np.array([[1, 2], [2, 4]], I64)],
        {"imputed_value_int64s": [-1, -2], "replaced_value_int64": 2},
        [INT64],
    ),
    "binarizer": ("Binarizer", [X], {"threshold": 0.25}, [FLOAT]),
    "array_feature_extractor": ("ArrayFeatureExtractor", [X, np.array([2, 0], I64)], {}, [FLOAT]),
    "array_feature_extractor_strings": ("ArrayFeatureExtractor", [WORDS, np.array([1], I64)], {}, [STRING]),
    "feature_vectorizer": ("FeatureVectorizer", [X, floats(6, 2)], {"inputdimensions": [2, 4]}, [FLOAT]),
    "label_encoder_1": ("LabelEncoder", [WORDS], {"classes_strings": ["a", "b", "c"]}, [INT64]),
    "label_encoder_1_back": (
        "LabelEncoder",
        [np.array([[0, 2], [7, -1]], I64)],
        {"classes_strings": ["a", "b", "c"], "default_string": "none"},
        [STRING],
    ),
    "label_encoder_2": (
        "LabelEncoder",
        [WORDS],
        {"keys_strings": ["b", "a", "a", ""], "values_int64s": [2**60, 1, 9, -4], "default_int64": 5},
        [INT64],
    ),
    "label_encoder_2_floats": (
        "LabelEncoder",
        [np.array([[1.5, -2, 0], [NAN, -0.0, 3]], F)],
        {"keys_floats": [0.0, 1.5, -2.0], "values_strings": ["zero", "x", "y"]},
        [STRING],
    ),
    "label_encoder_2_ints": (
        "LabelEncoder",
        [np.array([2**60, 2**60 + 1, -3, 4], I64)],
        {"keys_int64s": [4, 2**60 + 1, -3], "values_floats": [0.5, 1.5, -2.5], "default_float": 9.0},
        [FLOAT],
    ),
    "label_encoder_4_nan": (
        "LabelEncoder",
        [np.array([NAN, 1, 2], F)],
        {"keys_floats": [1.0, NAN], "values_int64s": [10, 20], "default_tensor": tensor([-7], I64)},
        [INT64],
    ),
    "label_encoder_4_tensors": (
        "LabelEncoder",
        [np.array([0.1, NAN, 2], D)],
        {
            "keys_tensor": tensor([0.1, 2.0], D),
            "values_tensor": tensor([1.25, 2.5], D),
            "default_tensor": tensor([3.0], D),
        },
        [DOUBLE],
    ),
    "category_mapper": (
        "CategoryMapper",
        [WORDS],
        {"cats_strings": ["a", "b"], "cats_int64s": [7, 8], "default_int64": 1},
        [INT64],
    ),
    "category_mapper_back": (
        "CategoryMapper",
        [np.array([[7, 9]], I64)],
        {"cats_strings": ["a", "b"], "cats_int64s": [7, 8]},
        [STRING],
    ),
    "one_hot_strings": ("OneHotEncoder", [WORDS], {"cats_strings": ["a", "b", "c"], "zeros": 1}, [FLOAT]),
    "one_hot_floats": (
        "OneHotEncoder",
        [np.array([[1.9, -0.5], [3, 8]], F)],
        {"cats_int64s": [0, 1, 3], "zeros": 1},
        [FLOAT],
    ),
}
