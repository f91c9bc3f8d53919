"""How good the model is, what a plain rival reaches, and how close the exported graph comes to scikit-learn."""

import re
from collections import Counter
from typing import Any

import numpy as np
import onnxruntime
from sklearn.metrics import (
    accuracy_score,
    confusion_matrix,
    f1_score,
    log_loss,
    precision_recall_fscore_support,
)
from sklearn.naive_bayes import MultinomialNB
from sklearn.pipeline import FeatureUnion

from dataset import KNOWN_WORDS, LABELS, RESERVED, Letters, words_of

KEYWORDS_PER_TOPIC = 20
# Words that stand on both sides and are no typos: numbers' prefixes, broken markup.
MARKUP = {"no", "ng", "amp", "br"}


def held_out_metrics(truth: list[int], probabilities: np.ndarray) -> dict[str, Any]:
    """Metrics of predictions on letters that the model has not seen."""
    predicted = probabilities.argmax(axis=1)
    precision, recall, f1, support = precision_recall_fscore_support(truth, predicted)
    return {
        "accuracy": _rounded(accuracy_score(truth, predicted)),
        "macro_f1": _rounded(f1_score(truth, predicted, average="macro")),
        "log_loss": _rounded(log_loss(truth, probabilities)),
        "per_class": {
            name: {
                "precision": _rounded(precision[index]),
                "recall": _rounded(recall[index]),
                "f1": _rounded(f1[index]),
                "rows": int(support[index]),
            }
            for index, name in enumerate(LABELS)
        },
        "confusion_matrix": confusion_matrix(truth, predicted).tolist(),
    }


def keyword_baselines(learning: Letters, held_out: Letters) -> list[dict[str, Any]]:
    """What counting keywords reaches: the topic with most of them in a text wins, the first of equals.

    Once with the words that the training letters tie most closely to a topic, once with all topic words that the
    grammar writes into training letters: the list of somebody who knows them all.
    """
    per_topic: list[Counter[str]] = [Counter() for _ in LABELS]
    for text, label in zip(learning.texts, learning.labels):
        per_topic[label].update(_words(text))
    total = sum(per_topic, Counter[str]())
    closest = [
        set(
            sorted(
                (word for word in counts if total[word] >= 10),
                key=lambda word: (-counts[word] / total[word], -counts[word], word),
            )[:KEYWORDS_PER_TOPIC]
        )
        for counts in per_topic
    ]
    known = [
        {part for words in words_of("learning", topic) for word in words for part in word.split("-")}
        for topic in LABELS
    ]
    return [
        {"kind": kind, "macro_f1": _rounded(_f1_of_keywords(keywords, held_out))}
        for kind, keywords in [
            (f"the {KEYWORDS_PER_TOPIC} closest keywords of each topic", closest),
            ("all topic words of the training letters as keywords", known),
        ]
    ]


def _f1_of_keywords(keywords: list[set[str]], letters: Letters) -> float:
    predicted = [
        max(range(len(LABELS)), key=lambda topic: len(_words(text) & keywords[topic]))
        for text in letters.texts
    ]
    return f1_score(letters.labels, predicted, average="macro")


def novelty(learning: Letters, held_out: Letters) -> dict[str, Any]:
    """How new the held-out letters are.

    Raises SystemExit when a reserved topic word stands in a letter to learn from, or a misspelt one on both sides.
    """
    seen = {word for text in learning.texts for word in _words(text)}
    reserved = {word for word in RESERVED if "-" not in word}
    if leaked := reserved & seen:
        raise SystemExit(f"reserved words in letters to learn from: {sorted(leaked)}")
    shared = {word for text in held_out.texts for word in _words(text)} & seen - KNOWN_WORDS
    if typos := {word for word in shared if word.isalpha() and word not in MARKUP}:
        raise SystemExit(f"misspelt words on both sides: {sorted(typos)}")
    written = [word for text in held_out.texts for word in _words(text)]
    topical = {part for topic in LABELS for words in words_of("held-out", topic) for part in words}
    told = [word for word in written if word in topical]
    return {
        "reserved_words": len(RESERVED),
        "share_of_topic_words_never_seen": _rounded(
            sum(word not in seen for word in told) / len(told)
        ),
        "share_of_all_words_never_seen": _rounded(
            sum(word not in seen for word in written) / len(written)
        ),
    }


def parity(
    union: FeatureUnion, bayes: MultinomialNB, onnx_bytes: bytes, texts: list[str], seed: int
) -> dict[str, Any]:
    """The largest difference between ONNX Runtime and scikit-learn, on letters and on random features.

    Raises SystemExit when it is above 1e-5 or a label differs where the two best classes are not tied.
    """
    random = np.random.default_rng(seed)
    columns = bayes.feature_log_prob_.shape[1]
    sparse = random.uniform(0, 1, size=(2000, columns)) * (random.uniform(size=(2000, columns)) < 0.02)
    session = onnxruntime.InferenceSession(onnx_bytes, providers=["CPUExecutionProvider"])
    result: dict[str, Any] = {"runtime": f"onnxruntime {onnxruntime.__version__} (Python)"}
    for name, rows in [("letters", union.transform(texts).toarray()), ("random", sparse)]:
        theirs = bayes.predict_proba(rows)
        label, ours = session.run(None, {"features": rows.astype(np.float32)})
        difference = float(np.abs(ours - theirs).max())
        top = np.sort(theirs, axis=1)
        decided = top[:, -1] - top[:, -2] > 1e-5
        if not (label == theirs.argmax(axis=1))[decided].all():
            raise SystemExit(f"parity: labels differ on {name} rows")
        if difference > 1e-5:
            raise SystemExit(f"parity: probabilities of {name} rows differ by {difference:.3g}")
        result[name] = {"rows": len(rows), "largest_difference": float(f"{difference:.3g}")}
    return result


def _words(text: str) -> set[str]:
    return set(re.findall(r"\w\w+", text.lower()))


def _rounded(value: float) -> float:
    return round(float(value), 6)
