"""Trains text and writes its whole package. The same bytes on every run; see README.md beside this file."""

import argparse
import json
import os
import platform
import sys
import time
import unicodedata
from pathlib import Path
from string import Template

# Before ONNX Runtime loads: its builds report to their vendor unless told otherwise.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"

import onnx
import sklearn
from sklearn.naive_bayes import MultinomialNB

import shared_path  # noqa: F401
from baseline import letters_baseline
from dataset import LABELS, write_letters
from evaluate import held_out_metrics, keyword_baselines, novelty, parity
from export_onnx import to_onnx
from golden import golden_file
from package_files import file_entry, write_json
from vectorizer import fit_vectorizer, vocabulary_file, write_vocabulary

SEED = 1755
VERSION = 1
LETTERS_PER_TOPIC = 1500
HELD_OUT_PER_TOPIC = 500
# Laplace: what every term gets beside what it has, so that none is impossible in any topic.
SMOOTHING = 1.0
MAX_ROWS = 256
# The Unicode version is part of the vocabulary: another Python writes other tables.
PYTHON = (3, 11)
FILES = ["model.onnx", "labels.json", "vocabulary.json", "golden.json", "metrics.json", "CARD.md"]
HERE = Path(__file__).parent


def main() -> None:
    """Trains, exports, checks parity, writes the package into `--out`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=HERE.parent, help="default: %(default)s")
    out: Path = parser.parse_args().out
    if sys.version_info[:2] != PYTHON:
        raise SystemExit(f"Python {'.'.join(map(str, PYTHON))} is needed: see requirements.txt")
    out.mkdir(parents=True, exist_ok=True)

    started = time.perf_counter()
    learning = write_letters("learning", SEED, LETTERS_PER_TOPIC)
    held_out = write_letters("held-out", SEED, HELD_OUT_PER_TOPIC)
    union = fit_vectorizer(learning.texts, learning.labels)
    features = union.transform(learning.texts)
    bayes = MultinomialNB(alpha=SMOOTHING).fit(features, learning.labels)
    training_seconds = time.perf_counter() - started

    model = to_onnx(bayes, "features").SerializeToString(deterministic=True)
    (out / "model.onnx").write_bytes(model)
    write_json(out / "labels.json", LABELS)
    write_vocabulary(out / "vocabulary.json", vocabulary_file(union))
    write_json(out / "golden.json", golden_file(union, bayes))

    probabilities = bayes.predict_proba(union.transform(held_out.texts))
    metrics = {
        "split": {
            "kind": "other sentences, other typos, a fifth of the topic words new",
            "seed": SEED,
            "train_rows": len(learning.texts),
            "test_rows": len(held_out.texts),
            **novelty(learning, held_out),
        },
        **held_out_metrics(held_out.labels, probabilities),
        "training_accuracy": round(float(bayes.score(features, learning.labels)), 6),
        "keyword_baselines": keyword_baselines(learning, held_out),
        "parity": parity(union, bayes, model, held_out.texts, SEED),
    }
    write_json(out / "metrics.json", metrics)
    (out / "CARD.md").write_text(render_card(metrics), encoding="utf-8")
    baseline = letters_baseline(learning.texts, bayes.predict(features))
    write_json(out / "model.json", manifest(out, features.shape[1], baseline))

    # Not in the package: the time differs from run to run, the package must not.
    last_run = {"training_seconds": round(training_seconds, 1), "python": platform.python_version()}
    print(json.dumps(metrics | last_run, indent=2))


def manifest(out: Path, columns: int, baseline: dict) -> dict:
    """model.json, with the files as they lie in `out`."""
    return {
        "schema_version": 1,
        "name": "text",
        "version": VERSION,
        "task": "text-classification",
        "description": "Topic of a letter to a shop's support, by the words and letters in it",
        "licence": "CC0-1.0",
        "files": [file_entry(out / name) for name in FILES],
        "inputs": [
            {
                "name": "features",
                "datatype": "FP32",
                "shape": ["batch", columns],
                "description": "TF-IDF of a text, one column per term in the order of vocabulary.json",
            }
        ],
        "outputs": [
            {
                "name": "label",
                "datatype": "INT64",
                "shape": ["batch"],
                "description": "index into labels.json of the most probable topic",
            },
            {
                "name": "probabilities",
                "datatype": "FP32",
                "shape": ["batch", len(LABELS)],
                "description": "one per topic, in the order of labels.json",
            },
        ],
        "batch": {"axis": 0, "max_rows": MAX_ROWS},
        "execution": "inline",
        "session": {},
        "preprocessing": {},
        "labels": "labels.json",
        "training_baseline": baseline,
        "provenance": {
            "dataset": "letters from a seeded grammar, models/text/train/dataset.py",
            "algorithm": f"TF-IDF of words and characters, multinomial naive Bayes, alpha {SMOOTHING}",
            "framework": f"scikit-learn {sklearn.__version__}",
            "exporter": f"models/text/train/export_onnx.py, onnx {onnx.__version__}",
            "unicode": unicodedata.unidata_version,
            "seed": str(SEED),
            "training_script": "models/text/train/train.py",
        },
    }


def render_card(metrics: dict) -> str:
    """CARD.md: the text of card.md with this run's numbers."""
    rows = "\n".join(
        f"| {name} | {values['precision']:.3f} | {values['recall']:.3f} | {values['f1']:.3f} "
        f"| {values['rows']} |"
        for name, values in metrics["per_class"].items()
    )
    exact = metrics["parity"]
    largest = max(
        values["largest_difference"] for values in exact.values() if isinstance(values, dict)
    )
    split = metrics["split"]
    return Template((HERE / "card.md").read_text(encoding="utf-8")).substitute(
        topics=", ".join(LABELS),
        accuracy=f"{metrics['accuracy']:.3f}",
        macro_f1=f"{metrics['macro_f1']:.3f}",
        log_loss=f"{metrics['log_loss']:.3f}",
        training_accuracy=f"{metrics['training_accuracy']:.3f}",
        keywords="\n".join(
            f"| {row['kind']} | {row['macro_f1']:.3f} | | |" for row in metrics["keyword_baselines"]
        ),
        per_class=rows,
        train_rows=split["train_rows"],
        test_rows=split["test_rows"],
        reserved=split["reserved_words"],
        new_topic_words=f"{100 * split['share_of_topic_words_never_seen']:.0f}",
        new_words=f"{100 * split['share_of_all_words_never_seen']:.0f}",
        seed=SEED,
        smoothing=SMOOTHING,
        parity=f"{largest:g}",
        framework=f"scikit-learn {sklearn.__version__}",
        unicode=unicodedata.unidata_version,
    )


if __name__ == "__main__":
    main()
