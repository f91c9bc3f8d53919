"""What pictures and predictions looked like in training; drift is measured against it."""

from collections.abc import Iterable
from typing import Any

import numpy as np
import shared_path  # noqa: F401
from histograms import categorical, numeric, quantile_edges, training_baseline

BINS = 10


def pictures_baseline(
    pixels: np.ndarray, predicted: Iterable[int], labels: list[str]
) -> dict[str, Any]:
    """Histograms of `brightness` and `contrast` (mean and standard deviation of all values of a cropped picture, 0
    to 255) and of the prediction."""
    values = pixels.reshape(len(pixels), -1).astype(np.float32)
    brightness = [round(float(value), 2) for value in values.mean(axis=1)]
    contrast = [round(float(value), 2) for value in values.std(axis=1)]
    return training_baseline(
        len(pixels),
        [
            numeric("brightness", brightness, quantile_edges(brightness, BINS)),
            numeric("contrast", contrast, quantile_edges(contrast, BINS)),
        ],
        [categorical("prediction", (labels[index] for index in predicted), labels)],
    )
