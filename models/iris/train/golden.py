"""Golden cases: inputs with scikit-learn's own answers, which every runtime must reproduce."""

from typing import Any

import numpy as np
import sklearn
from sklearn.ensemble import RandomForestClassifier

from dataset import FEATURES, Split

ABSOLUTE_TOLERANCE = 1e-5


def golden_file(forest: RandomForestClassifier, split: Split) -> dict[str, Any]:
    """The golden file: the loader checks the first case at every start, `verify` and the tests all."""
    one_of_each = np.array(
        [split.test_x[np.flatnonzero(split.test_y == label)[0]] for label in range(3)]
    )
    return {
        "producer": f"scikit-learn {sklearn.__version__} RandomForestClassifier",
        "tolerance": {"absolute": ABSOLUTE_TOLERANCE, "relative": 0},
        "cases": [
            _case(forest, split, one_of_each),
            _case(forest, split, one_of_each[:1]),
            _case(forest, split, split.test_x),
            _case(forest, split, _rows_at_thresholds(forest, split)),
        ],
    }


def rows_near_thresholds(forest: RandomForestClassifier, around: np.ndarray) -> np.ndarray:
    """Rows that stand on a threshold of the forest, and one float32 step to either side of it.

    Every distinct threshold replaces its feature in each row of `around`: the places where a careless export
    answers differently.
    """
    splits = {
        (int(feature), float(threshold))
        for estimator in forest.estimators_
        for feature, threshold in zip(estimator.tree_.feature, estimator.tree_.threshold)
        if feature >= 0
    }
    rows = []
    for feature, threshold in sorted(splits):
        nearest = np.float32(threshold)
        for value in (
            np.nextafter(nearest, np.float32(-np.inf)),
            nearest,
            np.nextafter(nearest, np.float32(np.inf)),
        ):
            for row in around:
                changed = row.astype(np.float32)
                changed[feature] = value
                rows.append(changed)
    return np.array(rows)


def _rows_at_thresholds(forest: RandomForestClassifier, split: Split) -> np.ndarray:
    middle = np.median(split.train_x, axis=0)
    rows = rows_near_thresholds(forest, np.array([middle]))
    # Fewer rows say as much: every tenth still visits all features and all three kinds of step.
    return rows[::10].astype(np.float64)


def _case(forest: RandomForestClassifier, split: Split, rows: np.ndarray) -> dict[str, Any]:
    probabilities = forest.predict_proba(rows)
    labels = probabilities.argmax(axis=1)
    return {
        "inputs": [_tensor("features", "FP32", rows)],
        "outputs": [
            _tensor("label", "INT64", labels),
            _tensor("probabilities", "FP32", probabilities),
        ],
        "instances": [dict(zip(FEATURES, map(float, row))) for row in rows],
        "predictions": [
            {
                "prediction": split.labels[label],
                "confidence": _number(row[label]),
                "probabilities": {
                    name: _number(value) for name, value in zip(split.labels, row)
                },
            }
            for label, row in zip(labels, probabilities)
        ],
    }


def _tensor(name: str, datatype: str, values: np.ndarray) -> dict[str, Any]:
    integers = datatype.startswith("INT")
    data = [int(value) if integers else _number(value) for value in values.ravel()]
    return {"name": name, "datatype": datatype, "shape": list(values.shape), "data": data}


def _number(value: float) -> float:
    # Ten decimals keep every float32 below 10 exactly enough to come back as itself.
    return round(float(value), 10)
