"""Pictures and sentences to how well they fit: Pillow, Hugging Face's tokenizers, the package's graph in ONNX Runtime."""

import base64
import io
from typing import Any

import numpy as np
from onnx_model import PACKAGE, open_session, read_json
from PIL import Image, ImageOps
from tokenizers import Tokenizer


class Pairs:
    """A picture in base64, sentences, or both."""

    def __init__(self) -> None:
        self.session = open_session()
        preprocessing = read_json("model.json")["preprocessing"]
        self.pictures = preprocessing["image"]
        self.logit_scale = preprocessing["logit_scale"]
        self.side = self.pictures["center_crop"]["width"]
        sentences = preprocessing["text"]
        self.tokenizer = Tokenizer.from_file(str(PACKAGE / sentences["tokenizer"]))
        self.tokenizer.enable_truncation(sentences["max_tokens"])
        self.tokenizer.enable_padding(pad_id=sentences["pad_id"])

    def answer(self, image: str | None = None, texts: list[str] | None = None) -> dict[str, Any]:
        """Embeddings of the one that is there; of both, how well each sentence fits."""
        seen = np.zeros((0, 3, self.side, self.side), np.float32)
        if image is not None:
            seen = self._read_picture(image)
        ids = np.zeros((0, 2), np.int64)
        if texts is not None:
            ids = np.array([each.ids for each in self.tokenizer.encode_batch(texts)], np.int64)
        pictures, sentences = self.session.run(
            ["image_embeds", "text_embeds"], {"pixel_values": seen, "input_ids": ids}
        )
        if image is None:
            return {"text_embeddings": sentences.tolist()}
        if texts is None:
            return {"image_embedding": pictures[0].tolist()}
        similarities = sentences @ pictures[0]
        odds = np.exp((similarities - similarities.max()) * self.logit_scale)
        return {
            "similarities": similarities.tolist(),
            "probabilities": (odds / odds.sum()).tolist(),
        }

    def _read_picture(self, content: str) -> np.ndarray:
        """float32 [1, 3, side, side]."""
        wanted, side = self.pictures, self.side
        image = ImageOps.exif_transpose(Image.open(io.BytesIO(base64.b64decode(content))))
        image = image.convert("RGB")
        scale = wanted["resize"]["shorter_side"] / min(image.size)
        size = [max(side, int(each * scale)) for each in image.size]
        image = image.resize(size, Image.Resampling.BICUBIC)
        left, top = ((each - side) // 2 for each in size)
        pixels = np.asarray(image.crop((left, top, left + side, top + side)), dtype=np.float32)
        mean, deviation = (np.float32(wanted[name]) for name in ("mean", "standard_deviation"))
        return np.moveaxis((pixels * np.float32(wanted["scale"]) - mean) / deviation, -1, 0)[None]
