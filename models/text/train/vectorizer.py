"""TF-IDF over words and over characters, and the file from which other runtimes compute the same numbers."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.feature_selection import chi2
from sklearn.pipeline import FeatureUnion

from unicode_tables import unicode_tables

# Analyzer, n-grams, in how many letters a term must stand, how many of the terms are kept.
PARTS = {
    "word": ("word", (1, 2), 2, 1024),
    "char": ("char_wb", (3, 5), 3, 3072),
}


def fit_vectorizer(texts: Sequence[str], labels: Sequence[int]) -> FeatureUnion:
    """A fitted vectorizer with the terms that tell most about the label, by their chi² on these texts."""
    parts = []
    for name, (analyzer, ngrams, min_df, terms) in PARTS.items():
        settings = {"analyzer": analyzer, "ngram_range": ngrams, "sublinear_tf": True}
        every = TfidfVectorizer(min_df=min_df, **settings)
        scores, _ = chi2(every.fit_transform(texts), labels)
        best = np.argsort(-scores, kind="stable")[:terms]
        vocabulary = sorted(every.get_feature_names_out()[best])
        parts.append((name, TfidfVectorizer(vocabulary=vocabulary, **settings)))
    return FeatureUnion(parts).fit(texts)


def vocabulary_file(union: FeatureUnion) -> dict[str, Any]:
    """vocabulary.json: all that it takes to turn a text into the union's columns, in their order."""
    return {
        "format": "pilotlight-tfidf-1",
        "unicode": unicode_tables(),
        "parts": [_part(name, part) for name, part in union.transformer_list],
    }


def write_vocabulary(path: Path, vocabulary: dict[str, Any]) -> None:
    """Compact JSON: it is read at every cold start."""
    text = json.dumps(vocabulary, ensure_ascii=False, separators=(",", ":"))
    path.write_text(text + "\n", encoding="utf-8")


def _part(name: str, part: TfidfVectorizer) -> dict[str, Any]:
    # What the file cannot say, it must not be used for.
    assert part.lowercase and part.strip_accents is None and part.stop_words is None
    assert part.token_pattern == r"(?u)\b\w\w+\b" and part.norm == "l2" and not part.binary
    return {
        "name": name,
        "analyzer": part.analyzer,
        "ngram_range": list(part.ngram_range),
        "sublinear_tf": part.sublinear_tf,
        "terms": [str(term) for term in part.get_feature_names_out()],
        "idf": [float(value) for value in part.idf_],
    }
