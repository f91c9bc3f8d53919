"""Golden cases: inputs with the answers of torch, which every runtime must reproduce."""

from typing import Any, NamedTuple

import numpy as np
import torch
import transformers
from PIL import Image
from transformers import BertTokenizer
from transformers.models.flava.image_processing_pil_flava import FlavaImageProcessorPil

import shared_path  # noqa: F401
from golden_tensors import numbers, png, tensor

ABSOLUTE_TOLERANCE = 1e-3


class Processor(NamedTuple):
    """What FlavaProcessor is made of. The image half is the one that resizes with Pillow."""

    images: FlavaImageProcessorPil
    tokenizer: BertTokenizer
    max_tokens: int

    def inputs(self, pictures: list[Image.Image], texts: list[str]) -> dict[str, torch.Tensor]:
        """`pixel_values`, `input_ids`, `attention_mask`; texts are filled up to `max_tokens`."""
        tokens = self.tokenizer(
            texts,
            padding="max_length",
            max_length=self.max_tokens,
            truncation=True,
            return_tensors="pt",
        )
        return {
            "pixel_values": self.images(pictures, return_tensors="pt").pixel_values,
            "input_ids": tokens.input_ids,
            "attention_mask": tokens.attention_mask,
        }


def golden_file(
    network: torch.nn.Module,
    processor: Processor,
    labels: list[str],
    pairs: list[tuple[Image.Image, str]],
) -> dict[str, Any]:
    """All pairs together, and the first alone. The loader checks the first case at every start."""
    return {
        "producer": f"transformers {transformers.__version__} FlavaModel, torch {torch.__version__}",
        "tolerance": {"absolute": ABSOLUTE_TOLERANCE, "relative": 0},
        "cases": [
            _case(network, processor, labels, pairs[:1]),
            _case(network, processor, labels, pairs),
        ],
    }


def _case(
    network: torch.nn.Module,
    processor: Processor,
    labels: list[str],
    pairs: list[tuple[Image.Image, str]],
) -> dict[str, Any]:
    inputs = processor.inputs([picture for picture, _ in pairs], [text for _, text in pairs])
    with torch.no_grad():
        logits = network(**inputs)
    scores = logits.softmax(dim=1)
    return {
        "inputs": [
            tensor(name, "FP32" if name == "pixel_values" else "INT64", values.numpy())
            for name, values in inputs.items()
        ],
        "outputs": [tensor("logits", "FP32", logits.numpy())],
        "instances": [{"image": png(picture), "text": text} for picture, text in pairs],
        "predictions": [
            {
                "label": labels[int(np.argmax(row_logits))],
                "scores": numbers(row_scores),
                "logits": numbers(row_logits),
            }
            for row_logits, row_scores in zip(logits.numpy(), scores.numpy())
        ],
    }
