"""Error rates and QMagFace's weights straight from their definitions, with loops over every threshold."""

import itertools
import json
import sys

import numpy as np


def rates(scores: np.ndarray, genuine: np.ndarray, threshold: float) -> tuple[float, float]:
    """FMR and FNMR where scores of at least the threshold pass."""
    passed = scores >= threshold
    return passed[~genuine].mean(), (~passed[genuine]).mean()


def fnmr_at(scores: np.ndarray, genuine: np.ndarray, fmr: float) -> float:
    """The lowest FNMR of all thresholds whose FMR is not above the given one."""
    found = [rates(scores, genuine, t) for t in [*np.unique(scores), np.inf]]
    return min(fnmr for false, fnmr in found if false <= fmr)


def auc(scores: np.ndarray, genuine: np.ndarray) -> float:
    """The share of (genuine, impostor) couples in the right order, ties counting half."""
    left, right = scores[genuine][:, None], scores[~genuine][None, :]
    return ((left > right) + 0.5 * (left == right)).mean()


def eer(scores: np.ndarray, genuine: np.ndarray) -> float | None:
    """Where the straight pieces between operating points cross FMR = FNMR."""
    points = [rates(scores, genuine, t) for t in [np.inf, *np.unique(scores)[::-1]]]
    for (f0, m0), (f1, m1) in itertools.pairwise(points):
        if f1 >= m1:
            share = (m0 - f0) / ((m0 - f0) + (f1 - m1))
            return f0 + share * (f1 - f0)
    return None


def quality_line(
    cosine: np.ndarray, quality: np.ndarray, genuine: np.ndarray, smallest: float
) -> tuple[float, float]:
    """Algorithm 1 of the QMagFace paper: best weight at each FMR, then a line through (threshold, weight)."""
    largest = 1 / quality.max()
    weights = sorted(np.arange(-100, 101) / 100 * largest, key=lambda w: (round(abs(w) / largest, 6), w))
    thresholds, best_weights = [], []
    for step in range(50):
        fmr = 1e-2 * (smallest / 1e-2) ** (step / 49)
        best = (np.inf, 0, 0)
        for weight in weights:
            scores = weight * quality + cosine
            order = np.sort(scores[~genuine])[::-1]
            allowed = int(np.floor(fmr * len(order) + 1e-9))
            strictest = order[allowed] if allowed < len(order) else -np.inf
            above = np.unique(scores[scores > strictest])
            lowest = above[0] if len(above) else np.inf
            fnmr = (scores[genuine] < lowest).mean()
            if fnmr < best[0] - 1e-12:
                below = scores[scores < lowest].max()
                best = (fnmr, weight, 1 / (1 + np.exp(-(lowest + below) / 2)))
        best_weights.append(best[1])
        thresholds.append(best[2])
    slope, intercept = np.polyfit(thresholds, best_weights, 1)
    return -intercept, slope


request = json.load(sys.stdin)
labels = np.array(request["genuine"], bool)
if "quality" in request:
    alpha, beta = quality_line(
        np.array(request["cosine"]), np.array(request["quality"]), labels, request["smallest"]
    )
    answer = {"alpha": alpha, "beta": beta}
else:
    values = np.array(request["alikeness"])
    answer = {
        "auc": auc(values, labels),
        "eer": eer(values, labels),
        "fnmr": [fnmr_at(values, labels, fmr) for fmr in request["fmrs"]],
    }
json.dump(answer, sys.stdout)
