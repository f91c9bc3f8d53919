"""The ONNX file of a package in ONNX Runtime, on one thread, for the servers in Python that serve it."""

import base64
import io
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from PIL import Image, ImageOps

PACKAGE = Path(os.environ["MODEL_DIR"])
FEATURES = ("sepal_length", "sepal_width", "petal_length", "petal_width")


def open_model() -> Callable[..., dict[str, Any]]:
    """What answers a question to the model of MODEL_NAME in the form of `/predict`; takes the question's members."""
    name = os.environ["MODEL_NAME"]
    # Each needs packages that not everybody has.
    if name == "text":
        from letters import Letters

        return Letters().answer
    if name == "clip":
        from pairs import Pairs

        return Pairs().answer
    model = OnnxModel()
    return model.flower if name == "iris" else model.picture


def open_session() -> onnxruntime.InferenceSession:
    """The package's graph, on one thread."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(PACKAGE / "model.onnx", options)


def read_json(name: str) -> Any:
    """A file of the package."""
    return json.loads((PACKAGE / name).read_text())


class OnnxModel:
    """Flowers and pictures."""

    def __init__(self) -> None:
        self.session = open_session()
        self.labels = read_json("labels.json")
        self.preprocessing = read_json("model.json").get("preprocessing")

    def flower(self, **flower: float) -> dict[str, Any]:
        """Of four lengths: the species and its probabilities."""
        row = np.array([[flower[name] for name in FEATURES]], dtype=np.float32)
        (scores,) = self._run({"features": row})
        return most_probable(scores, self.labels)

    def picture(self, image: str) -> dict[str, Any]:
        """Of a picture in base64: the five best classes."""
        (scores,) = self._run({"image": read_picture(image, self.preprocessing)})
        return best_of(scores, self.labels)

    def _run(self, feeds: dict[str, np.ndarray]) -> np.ndarray:
        (probabilities,) = self.session.run(["probabilities"], feeds)
        return probabilities


def most_probable(scores: np.ndarray, labels: list[str]) -> dict[str, Any]:
    """The class that is most probable, and the probability of each."""
    best = int(scores.argmax())
    return {
        "prediction": labels[best],
        "confidence": float(scores[best]),
        "probabilities": {name: float(score) for name, score in zip(labels, scores)},
    }


def best_of(scores: np.ndarray, labels: list[str]) -> dict[str, Any]:
    """The five best classes, best first."""
    order = scores.argsort()[::-1][:5]
    return {
        "predictions": [
            {"label": labels[index], "index": int(index), "score": float(scores[index])}
            for index in order
        ]
    }


def read_picture(content: str, preprocessing: dict[str, Any]) -> np.ndarray:
    """float32 [1, 3, height, width], as the training's preprocess.py makes it, in Pillow."""
    image = ImageOps.exif_transpose(Image.open(io.BytesIO(base64.b64decode(content)))).convert("RGB")
    shorter = preprocessing["resize"]["shorter_side"]
    width, height = image.size
    if width <= height:
        size = (shorter, int(shorter * height / width))
    else:
        size = (int(shorter * width / height), shorter)
    image = image.resize(size, Image.Resampling.BILINEAR)
    crop = preprocessing["center_crop"]
    left, top = round((size[0] - crop["width"]) / 2), round((size[1] - crop["height"]) / 2)
    pixels = np.asarray(image.crop((left, top, left + crop["width"], top + crop["height"])))
    scaled = pixels.astype(np.float32) * np.float32(preprocessing["scale"])
    mean, deviation = (np.float32(preprocessing[name]) for name in ("mean", "standard_deviation"))
    return np.moveaxis((scaled - mean) / deviation, -1, -3)[None]
