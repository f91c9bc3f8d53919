"""Fisher's 150 irises, and seeded stratified splits of them."""

from typing import NamedTuple

import numpy as np
from sklearn.datasets import load_iris
from sklearn.model_selection import train_test_split

# The order of the model's input columns, as /predict and the CSV header name them; all in cm.
FEATURES = ["sepal_length", "sepal_width", "petal_length", "petal_width"]


class Split(NamedTuple):
    """Rows to learn from and rows to judge by; `x` is float64 in cm, `y` an index into `labels`."""

    train_x: np.ndarray
    train_y: np.ndarray
    test_x: np.ndarray
    test_y: np.ndarray
    labels: list[str]


def load_rows() -> tuple[np.ndarray, np.ndarray, list[str]]:
    """All 150 rows, their classes, and the class names."""
    iris = load_iris()
    return iris.data, iris.target, [str(name) for name in iris.target_names]


def split_rows(seed: int, held_out: int = 45) -> Split:
    """Sets `held_out` rows aside, the same share of every class; the same seed gives the same rows."""
    x, y, labels = load_rows()
    train_x, test_x, train_y, test_y = train_test_split(
        x, y, test_size=held_out, stratify=y, random_state=seed
    )
    return Split(train_x, train_y, test_x, test_y, labels)
