"""BentoML as its documentation has it: a service with one typed method, one worker."""

import os
import sys
from pathlib import Path
from typing import Any

import bentoml

sys.path.insert(0, str(Path(__file__).parent.parent / "python"))

from onnx_model import open_model  # noqa: E402

ONE_WORKER: dict[str, Any] = {"workers": 1, "logging": {"access": {"enabled": False}}}


@bentoml.service(**ONE_WORKER)
class Flower:
    """Four lengths of a flower to its species."""

    def __init__(self) -> None:
        self.answer = open_model()

    @bentoml.api
    def predict(
        self, sepal_length: float, sepal_width: float, petal_length: float, petal_width: float
    ) -> dict[str, Any]:
        return self.answer(
            sepal_length=sepal_length,
            sepal_width=sepal_width,
            petal_length=petal_length,
            petal_width=petal_width,
        )


@bentoml.service(**ONE_WORKER)
class Picture:
    """A picture in base64 to the five best classes."""

    def __init__(self) -> None:
        self.answer = open_model()

    @bentoml.api
    def predict(self, image: str) -> dict[str, Any]:
        return self.answer(image)


@bentoml.service(**ONE_WORKER)
class Letter:
    """A letter, or a list of them, to its topic."""

    def __init__(self) -> None:
        self.answer = open_model()

    @bentoml.api
    def predict(
        self, text: str | None = None, instances: list[dict[str, str]] | None = None
    ) -> dict[str, Any]:
        return self.answer(text, instances)


@bentoml.service(**ONE_WORKER)
class Pair:
    """A picture in base64 and sentences to how well they fit."""

    def __init__(self) -> None:
        self.answer = open_model()

    @bentoml.api
    def predict(self, image: str | None = None, texts: list[str] | None = None) -> dict[str, Any]:
        return self.answer(image, texts)


SERVICES = {"iris": "Flower", "image": "Picture", "text": "Letter", "clip": "Pair"}

if __name__ == "__main__":
    service = f"service:{SERVICES[os.environ['MODEL_NAME']]}"
    os.chdir(Path(__file__).parent)
    arguments = ["serve", service, "--host", "127.0.0.1", "--port", os.environ["PORT"]]
    os.execv(sys.executable, [sys.executable, "-m", "bentoml", *arguments])
