"""BentoML as its documentation has it: a service with one typed method, one worker."""

import os
import sys
from pathlib import Path
from typing import Any

import bentoml

sys.path.insert(0, str(Path(__file__).parent.parent / "python"))

from onnx_model import OnnxModel  # noqa: E402


@bentoml.service(workers=1, logging={"access": {"enabled": False}})
class Iris:
    """Four lengths of a flower to its species."""

    def __init__(self) -> None:
        self.model = OnnxModel()

    @bentoml.api
    def predict(
        self, sepal_length: float, sepal_width: float, petal_length: float, petal_width: float
    ) -> dict[str, Any]:
        return self.model.flower(
            {
                "sepal_length": sepal_length,
                "sepal_width": sepal_width,
                "petal_length": petal_length,
                "petal_width": petal_width,
            }
        )


@bentoml.service(workers=1, logging={"access": {"enabled": False}})
class Picture:
    """A picture in base64 to the five best classes."""

    def __init__(self) -> None:
        self.model = OnnxModel()

    @bentoml.api
    def predict(self, image: str) -> dict[str, Any]:
        return self.model.picture(image)


if __name__ == "__main__":
    name = "Iris" if os.environ["MODEL_NAME"] == "iris" else "Picture"
    os.chdir(Path(__file__).parent)
    arguments = ["serve", f"service:{name}", "--host", "127.0.0.1", "--port", os.environ["PORT"]]
    os.execv(sys.executable, [sys.executable, "-m", "bentoml", *arguments])
