"""What letters and predictions looked like in training; drift is measured against it."""

import re
from collections.abc import Iterable
from typing import Any

from dataset import LABELS
from histograms import categorical, numeric, quantile_edges, training_baseline

BINS = 10


def letters_baseline(texts: list[str], predicted: Iterable[int]) -> dict[str, Any]:
    """Histograms of `characters` (code points of a text), `words` (runs of two word characters or more) and
    the prediction."""
    characters = [len(text) for text in texts]
    words = [len(re.findall(r"\w\w+", text)) for text in texts]
    return training_baseline(
        len(texts),
        [
            numeric("characters", characters, quantile_edges(characters, BINS)),
            numeric("words", words, quantile_edges(words, BINS)),
        ],
        [categorical("prediction", (LABELS[label] for label in predicted), LABELS)],
    )
