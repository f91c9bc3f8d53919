"""What flowers and predictions looked like in training; drift is measured against it."""

from typing import Any

import numpy as np

from dataset import FEATURES, Split
from histograms import categorical, numeric, training_baseline


def flowers_baseline(split: Split, predicted: np.ndarray) -> dict[str, Any]:
    """Histograms of the four lengths and of the prediction."""
    return training_baseline(
        len(split.train_x),
        [_lengths(name, split.train_x[:, column]) for column, name in enumerate(FEATURES)],
        [categorical("prediction", (split.labels[label] for label in predicted), split.labels)],
    )


def _lengths(name: str, values: np.ndarray) -> dict[str, Any]:
    # Lengths were measured to 0.1 cm: edges between two readings, so that no reading lies on an edge.
    quintiles = np.quantile(values, [0.2, 0.4, 0.6, 0.8], method="lower")
    edges = [round(float(edge) + 0.05, 2) for edge in np.unique(quintiles)]
    return numeric(name, (float(value) for value in values), edges)
