"""How good the network is on pictures it has not learned from, beside what a linear model makes of them."""

from typing import Any

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import confusion_matrix, precision_recall_fscore_support

from dataset import Pictures

THUMBNAIL = 16


def held_out_metrics(probabilities: np.ndarray, pictures: Pictures, labels: list[str]) -> dict[str, Any]:
    """Accuracies, and precision and recall by class."""
    order = probabilities.argsort(axis=1)[:, ::-1]
    predicted = order[:, 0]
    precision, recall, _, support = precision_recall_fscore_support(
        pictures.labels, predicted, labels=range(len(labels)), zero_division=0
    )
    return {
        "pictures": len(pictures.labels),
        "top_1": _rounded((predicted == pictures.labels).mean()),
        "top_3": _rounded((order[:, :3] == pictures.labels[:, None]).any(axis=1).mean()),
        "per_class": {
            name: {
                "precision": _rounded(precision[index]),
                "recall": _rounded(recall[index]),
                "pictures": int(support[index]),
            }
            for index, name in enumerate(labels)
        },
        "confusion_matrix": confusion_matrix(
            pictures.labels, predicted, labels=range(len(labels))
        ).tolist(),
    }


def linear_baseline(train: Pictures, test: Pictures) -> float:
    """Top-1 of a logistic regression on thumbnails: what colours and places alone give away."""
    model = LogisticRegression(C=0.01, max_iter=200).fit(_thumbnails(train), train.labels)
    return _rounded(model.score(_thumbnails(test), test.labels))


def _thumbnails(pictures: Pictures) -> np.ndarray:
    """Each picture as 16 by 16 means, from its middle."""
    margin = (pictures.pixels.shape[1] - 96) // 2
    middle = pictures.pixels[:, margin : margin + 96, margin : margin + 96].astype(np.float32) / 255
    cell = 96 // THUMBNAIL
    means = middle.reshape(-1, THUMBNAIL, cell, THUMBNAIL, cell, 3).mean(axis=(2, 4))
    return means.reshape(len(means), -1)


def _rounded(value: float) -> float:
    return round(float(value), 4)
