"""Trains iris and writes its whole package. The same bytes on every run; see README.md beside this file."""

import argparse
import json
import os
import platform
import time
from pathlib import Path
from string import Template

# Before ONNX Runtime loads: its builds report to their vendor unless told otherwise.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"

import onnx
import sklearn
from sklearn.ensemble import RandomForestClassifier

import shared_path  # noqa: F401
from baseline import flowers_baseline
from dataset import FEATURES, split_rows
from evaluate import held_out_metrics, parity
from export_onnx import to_onnx
from golden import golden_file
from package_files import file_entry, write_json

# The year of Fisher's paper, fixed before the result of its split was seen; the only source of randomness.
SEED = 1936
VERSION = 1
TREES = 64
MAX_ROWS = 1024
FILES = ["model.onnx", "labels.json", "golden.json", "metrics.json", "CARD.md"]
HERE = Path(__file__).parent


def main() -> None:
    """Trains, exports, checks parity, writes the package into `--out`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=HERE.parent, help="default: %(default)s")
    out: Path = parser.parse_args().out
    out.mkdir(parents=True, exist_ok=True)

    split = split_rows(SEED)
    forest = RandomForestClassifier(n_estimators=TREES, random_state=SEED, n_jobs=1)
    started = time.perf_counter()
    forest.fit(split.train_x, split.train_y)
    training_seconds = time.perf_counter() - started

    model = to_onnx(forest, "features", len(FEATURES)).SerializeToString(deterministic=True)
    (out / "model.onnx").write_bytes(model)
    write_json(out / "labels.json", split.labels)
    write_json(out / "golden.json", golden_file(forest, split))
    metrics = held_out_metrics(forest, split, SEED) | {"parity": parity(forest, model, SEED)}
    write_json(out / "metrics.json", metrics)
    (out / "CARD.md").write_text(render_card(metrics), encoding="utf-8")
    baseline = flowers_baseline(split, forest.predict(split.train_x))
    write_json(out / "model.json", manifest(out, baseline))

    # Not in the package: the time differs from run to run, the package must not.
    last_run = {"training_seconds": round(training_seconds, 3), "python": platform.python_version()}
    print(json.dumps(metrics | last_run, indent=2))


def manifest(out: Path, baseline: dict) -> dict:
    """model.json, with the files as they lie in `out`."""
    return {
        "schema_version": 1,
        "name": "iris",
        "version": VERSION,
        "task": "classification",
        "description": "Species of an iris from four lengths of its flower",
        "licence": "CC0-1.0",
        "files": [file_entry(out / name) for name in FILES],
        "inputs": [
            {
                "name": "features",
                "datatype": "FP32",
                "shape": ["batch", len(FEATURES)],
                "description": f"{', '.join(FEATURES)}, in cm",
            }
        ],
        "outputs": [
            {
                "name": "label",
                "datatype": "INT64",
                "shape": ["batch"],
                "description": "index into labels.json of the most probable class",
            },
            {
                "name": "probabilities",
                "datatype": "FP32",
                "shape": ["batch", 3],
                "description": "one per class, in the order of labels.json",
            },
        ],
        "batch": {"axis": 0, "max_rows": MAX_ROWS},
        "execution": "inline",
        "session": {},
        "preprocessing": {},
        "labels": "labels.json",
        "training_baseline": baseline,
        "provenance": {
            "dataset": "R. A. Fisher's 150 irises (1936), as in scikit-learn",
            "algorithm": f"random forest, {TREES} trees",
            "framework": f"scikit-learn {sklearn.__version__}",
            "exporter": f"models/iris/train/export_onnx.py, onnx {onnx.__version__}",
            "seed": str(SEED),
            "training_script": "models/iris/train/train.py",
        },
    }


def render_card(metrics: dict) -> str:
    """CARD.md: the text of card.md with this run's numbers."""
    rows = "\n".join(
        f"| {name} | {values['precision']:.3f} | {values['recall']:.3f} | {values['f1']:.3f} "
        f"| {values['rows']} |"
        for name, values in metrics["per_class"].items()
    )
    folds = metrics["cross_validation"]
    exact = metrics["parity"]
    largest = max(
        values["largest_difference"] for values in exact.values() if isinstance(values, dict)
    )
    return Template((HERE / "card.md").read_text(encoding="utf-8")).substitute(
        accuracy=f"{metrics['accuracy']:.3f}",
        macro_f1=f"{metrics['macro_f1']:.3f}",
        log_loss=f"{metrics['log_loss']:.3f}",
        per_class=rows,
        folds_mean=f"{folds['accuracy_mean']:.3f}",
        folds_deviation=f"{folds['accuracy_standard_deviation']:.3f}",
        train_rows=metrics["split"]["train_rows"],
        test_rows=metrics["split"]["test_rows"],
        seed=SEED,
        trees=TREES,
        threshold_rows=exact["at_thresholds"]["rows"],
        parity=f"{largest:g}",
        framework=f"scikit-learn {sklearn.__version__}",
    )


if __name__ == "__main__":
    main()
