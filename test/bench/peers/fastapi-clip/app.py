"""FastAPI, pydantic, Hugging Face's tokenizers, Pillow, and the package's graph in ONNX Runtime on one thread.

Its torch weights are not kept after training, so this one has no torch.
"""

import base64
import io
import json
import os
from pathlib import Path

import numpy as np
import onnxruntime
import uvicorn
from fastapi import FastAPI
from PIL import Image, ImageOps
from pydantic import BaseModel, ConfigDict
from tokenizers import Tokenizer

PACKAGE = Path(os.environ["MODEL_DIR"])
preprocessing = json.loads((PACKAGE / "model.json").read_text())["preprocessing"]
pictures, sentences = preprocessing["image"], preprocessing["text"]
MEAN, DEVIATION = (np.float32(pictures[name]) for name in ("mean", "standard_deviation"))
SIDE = pictures["center_crop"]["width"]

tokenizer = Tokenizer.from_file(str(PACKAGE / sentences["tokenizer"]))
tokenizer.enable_truncation(sentences["max_tokens"])
tokenizer.enable_padding(pad_id=sentences["pad_id"])
options = onnxruntime.SessionOptions()
options.intra_op_num_threads = options.inter_op_num_threads = 1
session = onnxruntime.InferenceSession(PACKAGE / "model.onnx", options)

app = FastAPI()


class Question(BaseModel):
    """A picture in base64, sentences, or both."""

    model_config = ConfigDict(extra="forbid", strict=True)

    image: str | None = None
    texts: list[str] | None = None


def read_picture(content: str) -> np.ndarray:
    """float32 [1, 3, side, side]."""
    image = ImageOps.exif_transpose(Image.open(io.BytesIO(base64.b64decode(content)))).convert("RGB")
    scale = pictures["resize"]["shorter_side"] / min(image.size)
    size = [max(SIDE, int(side * scale)) for side in image.size]
    image = image.resize(size, Image.Resampling.BICUBIC)
    left, top = ((side - SIDE) // 2 for side in size)
    pixels = np.asarray(image.crop((left, top, left + SIDE, top + SIDE)), dtype=np.float32)
    return np.moveaxis((pixels * np.float32(pictures["scale"]) - MEAN) / DEVIATION, -1, 0)[None]


# A plain `def`: FastAPI runs it in a thread, and ONNX Runtime lets go of the interpreter while it computes.
@app.post("/predict")
def predict(question: Question) -> dict:
    seen = np.zeros((0, 3, SIDE, SIDE), np.float32)
    if question.image is not None:
        seen = read_picture(question.image)
    ids = np.zeros((0, 2), np.int64)
    if question.texts is not None:
        ids = np.array([each.ids for each in tokenizer.encode_batch(question.texts)], np.int64)
    image, texts = session.run(
        ["image_embeds", "text_embeds"], {"pixel_values": seen, "input_ids": ids}
    )
    if question.image is None:
        return {"text_embeddings": texts.tolist()}
    if question.texts is None:
        return {"image_embedding": image[0].tolist()}
    similarities = texts @ image[0]
    odds = np.exp((similarities - similarities.max()) * preprocessing["logit_scale"])
    return {
        "similarities": similarities.tolist(),
        "probabilities": (odds / odds.sum()).tolist(),
    }


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
