"""Writes the model package: model.json with the sha256 and size of every file, and what goes beside it."""

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np

from dataset import FEATURES, Split

ROLES = {
    "model.onnx": "model",
    "labels.json": "labels",
    "golden.json": "golden",
    "metrics.json": "metrics",
    "CARD.md": "card",
}


def write_json(path: Path, value: Any) -> None:
    """Plain JSON, innermost lists of numbers on one line, a newline at the end."""
    path.write_text(_render(value, "") + "\n", encoding="utf-8")


def _render(value: Any, indent: str) -> str:
    inner = indent + "  "
    if isinstance(value, dict) and value:
        lines = [f"{inner}{json.dumps(key)}: {_render(item, inner)}" for key, item in value.items()]
        return "{\n" + ",\n".join(lines) + f"\n{indent}}}"
    if isinstance(value, list) and any(isinstance(item, (dict, list)) for item in value):
        return "[\n" + ",\n".join(inner + _render(item, inner) for item in value) + f"\n{indent}]"
    return json.dumps(value, ensure_ascii=False)


def file_entry(path: Path) -> dict[str, Any]:
    """A file of the package as model.json lists it."""
    content = path.read_bytes()
    return {
        "name": path.name,
        "role": ROLES[path.name],
        "sha256": hashlib.sha256(content).hexdigest(),
        "size_bytes": len(content),
    }


def training_baseline(split: Split, predicted: np.ndarray) -> dict[str, Any]:
    """What the features and the predictions looked like in training; drift is measured against it."""
    features = [
        _feature_bins(name, split.train_x[:, column]) for column, name in enumerate(FEATURES)
    ]
    counts = np.bincount(predicted, minlength=len(split.labels))
    predictions = {
        "name": "prediction",
        "categories": split.labels,
        "proportions": _proportions(counts),
    }
    return {"rows": len(split.train_x), "features": features, "predictions": [predictions]}


def _feature_bins(name: str, values: np.ndarray) -> dict[str, Any]:
    # Lengths were measured to 0.1 cm: edges between two readings, so that no reading lies on an edge.
    quintiles = np.quantile(values, [0.2, 0.4, 0.6, 0.8], method="lower")
    edges = [round(float(edge) + 0.05, 2) for edge in np.unique(quintiles)]
    counts = np.bincount(np.digitize(values, edges), minlength=len(edges) + 1)
    return {"name": name, "edges": edges, "proportions": _proportions(counts)}


def _proportions(counts: np.ndarray) -> list[float]:
    return [round(float(count) / float(counts.sum()), 6) for count in counts]
