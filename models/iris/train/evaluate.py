"""How good the model is, and how close the exported graph comes to it."""

from typing import Any

import numpy as np
import onnxruntime
from sklearn.base import clone
from sklearn.ensemble import RandomForestClassifier
from sklearn.metrics import (
    accuracy_score,
    confusion_matrix,
    f1_score,
    log_loss,
    precision_recall_fscore_support,
)
from sklearn.model_selection import RepeatedStratifiedKFold, cross_val_score

from dataset import Split, load_rows
from golden import rows_near_thresholds


def held_out_metrics(forest: RandomForestClassifier, split: Split, seed: int) -> dict[str, Any]:
    """Metrics on the rows that the model has not seen, and on repeated folds: 45 rows alone say little."""
    probabilities = forest.predict_proba(split.test_x)
    predicted = probabilities.argmax(axis=1)
    precision, recall, f1, support = precision_recall_fscore_support(
        split.test_y, predicted, zero_division=0
    )
    x, y, _ = load_rows()
    folds = RepeatedStratifiedKFold(n_splits=10, n_repeats=10, random_state=seed)
    scores = cross_val_score(clone(forest), x, y, cv=folds)
    return {
        "split": {
            "kind": "stratified, held out from training",
            "seed": seed,
            "train_rows": len(split.train_y),
            "test_rows": len(split.test_y),
        },
        "accuracy": _rounded(accuracy_score(split.test_y, predicted)),
        "macro_f1": _rounded(f1_score(split.test_y, predicted, average="macro")),
        "log_loss": _rounded(log_loss(split.test_y, probabilities)),
        "per_class": {
            name: {
                "precision": _rounded(precision[index]),
                "recall": _rounded(recall[index]),
                "f1": _rounded(f1[index]),
                "rows": int(support[index]),
            }
            for index, name in enumerate(split.labels)
        },
        "confusion_matrix": confusion_matrix(split.test_y, predicted).tolist(),
        "cross_validation": {
            "kind": "10 folds, 10 times, all 150 rows",
            "accuracy_mean": _rounded(scores.mean()),
            "accuracy_standard_deviation": _rounded(scores.std()),
        },
    }


def parity(forest: RandomForestClassifier, onnx_bytes: bytes, seed: int) -> dict[str, Any]:
    """The largest difference between ONNX Runtime and scikit-learn, on random rows and at thresholds.

    Raises SystemExit when it is above 1e-6 or a label differs where the two best classes are not tied.
    """
    random = np.random.default_rng(seed)
    anywhere = random.uniform(0, 9, size=(100_000, 4)).astype(np.float32)
    readings = np.round(anywhere, 1).astype(np.float32)
    at_thresholds = rows_near_thresholds(forest, random.uniform(0, 9, size=(20, 4)))
    session = onnxruntime.InferenceSession(onnx_bytes, providers=["CPUExecutionProvider"])

    result: dict[str, Any] = {"runtime": f"onnxruntime {onnxruntime.__version__} (Python)"}
    worst = 0.0
    for name, rows in [
        ("random", anywhere),
        ("random_to_0_1_cm", readings),
        ("at_thresholds", at_thresholds),
    ]:
        theirs = forest.predict_proba(rows)
        label, ours = session.run(None, {"features": rows})
        difference = float(np.abs(ours - theirs).max())
        top = np.sort(theirs, axis=1)
        decided = top[:, -1] - top[:, -2] > 1e-6
        if not (label == theirs.argmax(axis=1))[decided].all():
            raise SystemExit(f"parity: labels differ on {name} rows")
        result[name] = {"rows": len(rows), "largest_difference": float(f"{difference:.3g}")}
        worst = max(worst, difference)
    if worst > 1e-6:
        raise SystemExit(f"parity: probabilities differ by {worst:.3g}, more than 1e-6")
    return result


def _rounded(value: float) -> float:
    return round(float(value), 6)
