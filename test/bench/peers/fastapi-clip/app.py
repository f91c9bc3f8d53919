"""FastAPI, pydantic, Hugging Face's tokenizers, Pillow, and the package's graph in ONNX Runtime on one thread.

Its torch weights are not kept after training, so this one has no torch.
"""

import os
import sys
from pathlib import Path

import uvicorn
from fastapi import FastAPI
from pydantic import BaseModel, ConfigDict

sys.path.insert(0, str(Path(__file__).parent.parent / "python"))

from pairs import Pairs  # noqa: E402

model = Pairs()
app = FastAPI()


class Question(BaseModel):
    """A picture in base64, sentences, or both."""

    model_config = ConfigDict(extra="forbid", strict=True)

    image: str | None = None
    texts: list[str] | None = None


# A plain `def`: FastAPI runs it in a thread, and ONNX Runtime lets go of the interpreter while it computes.
@app.post("/predict")
def predict(question: Question) -> dict:
    return model.answer(question.image, question.texts)


if __name__ == "__main__":
    uvicorn.run(
        app,
        host="127.0.0.1",
        port=int(os.environ["PORT"]),
        loop="uvloop",
        http="httptools",
        access_log=False,
        log_level="warning",
    )
