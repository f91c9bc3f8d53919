"""Golden cases: texts with scikit-learn's own features and answers, which every runtime must reproduce."""

from typing import Any

import numpy as np
import sklearn
from sklearn.naive_bayes import MultinomialNB
from sklearn.pipeline import FeatureUnion

from dataset import LABELS

ABSOLUTE_TOLERANCE = 1e-5

# What a start proves; then what must not be a surprise.
ORDINARY = ["The courier left my parcel at the wrong doorstep and the tracking page is stuck!"]
UNUSUAL = [
    "",
    "😡😡 👨‍👩‍👧‍👦",
    "ΠΟΥ ΕΙΝΑΙ ΤΟ ΔΕΜΑ ΜΟΥ; ΟΔΥΣΣΕΥΣ\u00a0— İSTANBUL'DA, straße, déjà-vu",
    "أين طردي؟ 我的包裹在哪里 मेरा पार्सल",
    "refund refund REFUND\u2003my\u001finvoice\u0085is  wrong\ufeff \ud7ff\u200dpay",
    "x " * 300 + "password",
]


def golden_file(union: FeatureUnion, bayes: MultinomialNB) -> dict[str, Any]:
    """The golden file: the loader checks the first case at every start, `verify` and the tests all."""
    return {
        "producer": f"scikit-learn {sklearn.__version__} TfidfVectorizer and MultinomialNB",
        "tolerance": {"absolute": ABSOLUTE_TOLERANCE, "relative": 0},
        "cases": [_case(union, bayes, ORDINARY), _case(union, bayes, UNUSUAL)],
    }


def _case(union: FeatureUnion, bayes: MultinomialNB, texts: list[str]) -> dict[str, Any]:
    features = union.transform(texts).toarray()
    probabilities = bayes.predict_proba(features)
    labels = probabilities.argmax(axis=1)
    return {
        "inputs": [_tensor("features", "FP32", features)],
        "outputs": [
            _tensor("label", "INT64", labels),
            _tensor("probabilities", "FP32", probabilities),
        ],
        "instances": [{"text": text} for text in texts],
        "predictions": [
            {
                "prediction": LABELS[label],
                "confidence": _float32(row[label]),
                "probabilities": {name: _float32(value) for name, value in zip(LABELS, row)},
            }
            for label, row in zip(labels, probabilities)
        ],
    }


def _tensor(name: str, datatype: str, values: np.ndarray) -> dict[str, Any]:
    as_number = int if datatype.startswith("INT") else _float32
    data = [as_number(value) for value in values.ravel()]
    return {"name": name, "datatype": datatype, "shape": list(values.shape), "data": data}


def _float32(value: float) -> float | int:
    """The shortest number that is this one in float32; most are 0, and "0" is shorter than "0.0"."""
    return 0 if value == 0 else float(str(np.float32(value)))
