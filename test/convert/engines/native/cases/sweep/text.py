"""Sequences of tokens, counted."""

import numpy as np

from .spec import Dice, Family, Spec

I32, I64 = np.int32, np.int64


def sequences(dice: Dice) -> Spec:
    """Texts of numbers or words, against known sequences of one to three tokens, with gaps and weights."""
    words = dice.maybe()
    least = dice.between(1, 3)
    most = dice.between(least, 3)
    pool: list[int] = []
    starts = []
    grams = 0
    for size in range(1, 4):
        starts.append(len(pool))
        known = {tuple(dice.ints([size], 0, 4).tolist()) for _ in range(dice.between(1, 6))}
        pool += [token for gram in sorted(known) for token in gram]
        grams += len(known)
    name = np.array(["a", "bc", "", "é", "long"])
    tokens = {"pool_strings": [str(name[at]) for at in pool]} if words else {"pool_int64s": pool}
    text = dice.ints([dice.between(1, 3), dice.between(1, 9)][-dice.between(1, 2) :], 0, 5)
    attributes = {
        "mode": dice.one(["TF", "IDF", "TFIDF"]),
        "min_gram_length": least,
        "max_gram_length": most,
        "max_skip_count": dice.between(0, 3),
        "ngram_counts": starts,
        "ngram_indexes": [int(at) for at in dice.random.permutation(grams)],
        **tokens,
        **dice.some(weights=[float(each) for each in dice.floats([grams])]),
    }
    given = np.append(name, "unknown")[text].astype(object) if words else text.astype(dice.one([I32, I64]))
    return Spec("TfIdfVectorizer", 9, [given], attributes)


FAMILIES: list[Family] = [sequences]
