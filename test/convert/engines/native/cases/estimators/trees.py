"""Ensembles of trees."""

from typing import Any

import numpy as np

from .case import FLOAT, I64, INT64, NAN, RANDOM, STRING, Case, D, F, floats, tensor

CASES: dict[str, Case] = {}
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
