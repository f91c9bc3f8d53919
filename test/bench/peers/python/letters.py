"""Letters to topics: scikit-learn's vectorizer from a pickle, the package's graph in ONNX Runtime."""

import os
import pickle
from typing import Any

import numpy as np
from onnx_model import most_probable, open_session, read_json


class Letters:
    """One letter, or a list of them."""

    def __init__(self) -> None:
        self.session = open_session()
        self.labels = read_json("labels.json")
        with open(os.environ["MODEL_FILE"], "rb") as file:
            self.vectorizer, _bayes = pickle.load(file)

    def answer(
        self, text: str | None = None, instances: list[dict[str, str]] | None = None
    ) -> dict[str, Any]:
        """Of a letter its topic, of a list that of each."""
        if instances is None:
            return self._topics([text or ""])[0]
        return {"predictions": self._topics([each["text"] for each in instances])}

    def _topics(self, texts: list[str]) -> list[dict[str, Any]]:
        features = self.vectorizer.transform(texts).toarray().astype(np.float32)
        (scores,) = self.session.run(["probabilities"], {"features": features})
        return [most_probable(row, self.labels) for row in scores]
