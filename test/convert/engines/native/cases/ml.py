"""The operators of ai.onnx.ml, one node a case. Usage: ml.py FOLDER."""

import sys
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from cases import add_case
from onnx import TensorProto, helper, numpy_helper

F, D, I64 = np.float32, np.float64, np.int64
RANDOM = np.random.default_rng(5)
NAN = float("nan")
WORDS = np.array([["b", "a", "?"], ["", "c", "b"]], object)


def floats(*sizes: int) -> np.ndarray:
    """Seeded floats."""
    return RANDOM.standard_normal(sizes).astype(F)


def tensor(values: list[Any], dtype: type) -> onnx.TensorProto:
    """An attribute that is a tensor."""
    array = np.array(values, dtype)
    return (
        helper.make_tensor("t", TensorProto.STRING, array.shape, [v.encode() for v in values])
        if dtype is object
        else numpy_helper.from_array(array)
    )


# Operator, inputs, attributes, kinds of the outputs.
Case = tuple[str, list[np.ndarray], dict[str, Any], list[int]]
FLOAT, DOUBLE, INT64, STRING = TensorProto.FLOAT, TensorProto.DOUBLE, TensorProto.INT64, TensorProto.STRING
X = floats(6, 3)
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

MODES = ["BRANCH_LEQ", "BRANCH_LT", "BRANCH_GTE", "BRANCH_GT", "BRANCH_EQ", "BRANCH_NEQ"]


def forest(prefix: str, targets: int, trees: int, modes: list[str], **options: Any) -> dict[str, Any]:
    """Random trees over three features with few thresholds, so that values are equal to them now and then."""
    nodes: dict[str, list[Any]] = {
        name: []
        for name in ("nodeids", "treeids", "featureids", "values", "modes", "truenodeids", "falsenodeids")
    }
    missing: list[int] = []
    weights: dict[str, list[Any]] = {name: [] for name in ("ids", "nodeids", "treeids", "weights")}

    def grow(tree: int, node: int, depth: int) -> int:
        """Appends the node and what is below it; gives the next free place."""
        leaf = depth == 0 or (depth < 3 and RANDOM.random() < 0.2)
        at = len(missing)
        for name, value in {
            "nodeids": node,
            "treeids": tree,
            "featureids": 0 if leaf else int(RANDOM.integers(3)),
            "values": 0.0 if leaf else float(RANDOM.integers(-1, 3)) / 2,
            "modes": "LEAF" if leaf else str(RANDOM.choice(modes)),
            "truenodeids": 0 if leaf else node + 1,
            "falsenodeids": 0,
        }.items():
            nodes[name].append(value)
        missing.append(int(not leaf and options.get("missing", False) and RANDOM.random() < 0.5))
        if leaf:
            own = options.get("own", range(targets))
            for target in [tree % targets] if options.get("boosted") else own:
                value = float(RANDOM.standard_normal())
                weights["ids"].append(int(target))
                weights["nodeids"].append(node)
                weights["treeids"].append(tree)
                weights["weights"].append(abs(value) / trees if options.get("positive") else value)
            return node + 1
        after = grow(tree, node + 1, depth - 1)
        nodes["falsenodeids"][at] = after
        return grow(tree, after, depth - 1)

    for tree in range(trees):
        grow(tree, 0, 4)
    result: dict[str, Any] = {f"nodes_{name}": values for name, values in nodes.items()}
    result["nodes_missing_value_tracks_true"] = missing
    result.update({f"{prefix}_{name}": values for name, values in weights.items()})
    return result


STEPS = np.round(floats(40, 3) * 2) / 2
STEPS[::9, 1] = NAN

for modes in (MODES[:1], MODES[1:2], MODES):
    for aggregate in ("SUM", "AVERAGE", "MIN", "MAX"):
        for targets in (1, 3):
            CASES[f"trees_{len(modes)}{modes[0][-2:].lower()}_{aggregate.lower()}_{targets}"] = (
                "TreeEnsembleRegressor",
                [STEPS],
                {
                    **forest("target", targets, 5, modes, missing=True, boosted=aggregate == "MIN"),
                    "n_targets": targets,
                    "aggregate_function": aggregate,
                    "base_values": floats(targets).tolist(),
                },
                [FLOAT],
            )
for norm in ("NONE", "SOFTMAX", "LOGISTIC", "SOFTMAX_ZERO"):
    CASES[f"forest_{norm.lower()}"] = (
        "TreeEnsembleClassifier",
        [STEPS],
        {**forest("class", 4, 6, MODES[:1]), "classlabels_int64s": [3, 1, 4, 15], "post_transform": norm},
        [INT64, FLOAT],
    )
    CASES[f"boosted_{norm.lower()}"] = (
        "TreeEnsembleClassifier",
        [STEPS],
        {
            **forest("class", 3, 9, MODES[1:2], boosted=True, missing=True),
            "classlabels_strings": ["x", "y", "z"],
            "post_transform": norm,
            "base_values": [0.1, 0.2, 0.3],
        },
        [STRING, FLOAT],
    )
    for positive in (False, True):
        CASES[f"binary_{norm.lower()}{'_positive' if positive else ''}"] = (
            "TreeEnsembleClassifier",
            [STEPS],
            {
                **forest("class", 1, 4, MODES[:1], positive=positive),
                "classlabels_int64s": [0, 1],
                "post_transform": norm,
                **({} if positive else {"base_values": [0.25]}),
            },
            [INT64, FLOAT],
        )
CASES["forest_unknown_classes"] = (
    "TreeEnsembleClassifier",
    [STEPS],
    {**forest("class", 4, 3, MODES[:1], own=[1, 3]), "classlabels_int64s": [0, 1, 2, 3]},
    [INT64, FLOAT],
)
CASES["trees_double"] = (
    "TreeEnsembleRegressor",
    [np.array([[0.1, 0, 0], [np.nextafter(0.1, 1), 0, 0], [np.nextafter(0.1, 0), 0, 0]], D)],
    {
        "nodes_nodeids": [0, 1, 2],
        "nodes_treeids": [0, 0, 0],
        "nodes_featureids": [0, 0, 0],
        "nodes_modes": ["BRANCH_LEQ", "LEAF", "LEAF"],
        "nodes_truenodeids": [1, 0, 0],
        "nodes_falsenodeids": [2, 0, 0],
        "nodes_values_as_tensor": tensor([0.1, 0.0, 0.0], D),
        "target_ids": [0, 0],
        "target_nodeids": [1, 2],
        "target_treeids": [0, 0],
        "target_weights_as_tensor": tensor([1.0, 2.0], D),
        "n_targets": 1,
    },
    [FLOAT],
)
CASES["trees_of_integers"] = (
    "TreeEnsembleClassifier",
    [np.array([[0, 1, 2], [-1, 0, 1], [3, 3, 3]], I64)],
    {**forest("class", 3, 3, MODES[:1]), "classlabels_int64s": [0, 1, 2]},
    [INT64, FLOAT],
)
# Whole numbers: onnxruntime cuts what is asked for membership to an integer first.
CASES["ensemble_5"] = (
    "TreeEnsemble",
    [np.round(STEPS)],
    {
        "n_targets": 2,
        "aggregate_function": 1,
        "post_transform": 0,
        "tree_roots": [0, 2],
        "nodes_featureids": [0, 1, 2],
        "nodes_modes": tensor([0, 3, 6], np.uint8),
        "nodes_splits": tensor([0.5, -0.5, 0.0], F),
        "nodes_truenodeids": [1, 0, 3],
        "nodes_trueleafs": [0, 1, 1],
        "nodes_falsenodeids": [2, 1, 4],
        "nodes_falseleafs": [1, 1, 1],
        "leaf_targetids": [0, 1, 0, 1, 0],
        "leaf_weights": tensor([1.0, 10.0, 100.0, 1000.0, 10000.0], F),
        "membership_values": tensor([1.0, 2.0, NAN], F),
    },
    [FLOAT],
)


def version(name: str, op: str) -> int:
    """Version of the operator set."""
    if op == "TreeEnsemble":
        return 5
    return int(name.split("_")[2]) if op == "LabelEncoder" else 3


def fed_of(case: Case) -> list[np.ndarray]:
    """The inputs that are fed; places of features are an initializer, as exporters write them."""
    return case[1][:1] if case[0] == "ArrayFeatureExtractor" else case[1]


def model_of(name: str, case: Case) -> onnx.ModelProto:
    """One node whose first input is fed with a dynamic batch; the others are initializers."""
    op, inputs, attributes, kinds = case
    fed = fed_of(case)
    value_infos = [
        helper.make_tensor_value_info(
            f"i{at}",
            STRING if each.dtype == object else helper.np_dtype_to_tensor_dtype(each.dtype),
            ["N", *each.shape[1:]],
        )
        for at, each in enumerate(fed)
    ]
    node = helper.make_node(
        op,
        [f"i{at}" for at in range(len(inputs))],
        [f"o{at}" for at in range(len(kinds))],
        domain="ai.onnx.ml",
        **attributes,
    )
    graph = helper.make_graph(
        [node],
        name,
        value_infos,
        [helper.make_tensor_value_info(f"o{at}", kind, None) for at, kind in enumerate(kinds)],
        [numpy_helper.from_array(each, f"i{at}") for at, each in enumerate(inputs) if at >= len(fed)],
    )
    opsets = [helper.make_opsetid("", 18), helper.make_opsetid("ai.onnx.ml", version(name, op))]
    return helper.make_model(graph, opset_imports=opsets, ir_version=8)


def main(folder: Path) -> None:
    """Writes every case."""
    for name, case in CASES.items():
        feeds = {f"i{at}": each for at, each in enumerate(fed_of(case))}
        add_case(folder / name, model_of(name, case), [feeds])


if __name__ == "__main__":
    main(Path(sys.argv[1]))
