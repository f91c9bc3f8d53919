"""Golden cases: inputs with the answers of transformers' own CLIPModel, which every runtime must reproduce."""

from typing import Any, NamedTuple

import numpy as np
import torch
import transformers
from PIL import Image
from transformers import CLIPModel, CLIPTokenizer
from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil

import shared_path  # noqa: F401
from golden_tensors import numbers, png, tensor

ABSOLUTE_TOLERANCE = 1e-4


class Processor(NamedTuple):
    """What CLIPProcessor is made of. The image half is the one that resizes with Pillow."""

    images: CLIPImageProcessorPil
    tokenizer: CLIPTokenizer

    def pixel_values(self, pictures: list[Image.Image]) -> torch.Tensor:
        """[images, 3, height, width]; of no pictures too, which the original refuses."""
        if pictures:
            return self.images(pictures, return_tensors="pt").pixel_values
        size = self.images.crop_size
        return torch.zeros(0, 3, size["height"], size["width"])

    def input_ids(self, texts: list[str]) -> torch.Tensor:
        """[texts, tokens]; of no texts too, which the original refuses."""
        if texts:
            return self.tokenizer(texts, padding=True, truncation=True, return_tensors="pt").input_ids
        return torch.zeros(0, 2, dtype=torch.int64)


def golden_file(
    network: CLIPModel, processor: Processor, picture: Image.Image, texts: list[str]
) -> dict[str, Any]:
    """Both towers, the pictures alone, the texts alone. The loader checks the first case at every start."""
    return {
        "producer": f"transformers {transformers.__version__} CLIPModel, torch {torch.__version__}",
        "tolerance": {"absolute": ABSOLUTE_TOLERANCE, "relative": 0},
        "cases": [
            _case(network, processor, [picture], texts),
            _case(network, processor, [], texts[:1]),
            _case(network, processor, [picture], []),
        ],
    }


def _case(
    network: CLIPModel, processor: Processor, pictures: list[Image.Image], texts: list[str]
) -> dict[str, Any]:
    pixels, tokens = processor.pixel_values(pictures), processor.input_ids(texts)
    width = network.config.projection_dim
    images = texts_embedded = np.zeros((0, width), np.float32)
    with torch.no_grad():
        if pictures:
            images = _unit(network.get_image_features(pixel_values=pixels).pooler_output)
        if texts:
            mask = processor.tokenizer(texts, padding=True, truncation=True, return_tensors="pt")
            texts_embedded = _unit(
                network.get_text_features(
                    input_ids=tokens, attention_mask=mask.attention_mask
                ).pooler_output
            )
    case = {
        "inputs": [
            tensor("pixel_values", "FP32", pixels.numpy()),
            tensor("input_ids", "INT64", tokens.numpy()),
        ],
        "outputs": [
            tensor("image_embeds", "FP32", images),
            tensor("text_embeds", "FP32", texts_embedded),
        ],
        "instances": [
            ({"image": png(pictures[0])} if pictures else {}) | ({"texts": texts} if texts else {})
        ],
    }
    if pictures and texts:
        similarities = images[0] @ texts_embedded.T
        logits = similarities * network.logit_scale.exp().item()
        odds = np.exp(logits - logits.max())
        case["predictions"] = [
            {
                "similarities": numbers(similarities),
                "probabilities": numbers(odds / odds.sum()),
            }
        ]
    elif pictures:
        case["predictions"] = [{"image_embedding": numbers(images[0])}]
    else:
        case["predictions"] = [{"text_embeddings": [numbers(row) for row in texts_embedded]}]
    return case


def _unit(rows: torch.Tensor) -> np.ndarray:
    return (rows / rows.norm(p=2, dim=-1, keepdim=True)).numpy()
