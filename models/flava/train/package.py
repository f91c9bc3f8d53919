"""Writes a model package from a FLAVA and its processor, trained here or published by somebody else."""

from pathlib import Path
from typing import Any

import onnx
import torch
import transformers
from PIL import Image

import shared_path  # noqa: F401
from export_onnx import PublishedMatcher, to_onnx
from golden import Processor, golden_file
from graph import largest_difference
from network import LABELS, FlavaClassifier
from package_files import file_entry, write_json

FILES = ["model.onnx", "tokenizer.json", "labels.json", "golden.json", "metrics.json", "CARD.md"]
# How large the largest difference of a logit between ONNX Runtime and torch may be.
PARITY = 1e-4


def write_graph(
    network: FlavaClassifier | PublishedMatcher,
    processor: Processor,
    pairs: list[tuple[Image.Image, str]],
    out: Path,
) -> float:
    """Writes model.onnx, tokenizer.json, labels.json and golden.json; the largest difference to torch.

    Raises SystemExit when the graph does not answer as the network does.
    """
    model = to_onnx(network).SerializeToString(deterministic=True)
    (out / "model.onnx").write_bytes(model)
    write_tokenizer(processor, out / "tokenizer.json")
    write_json(out / "labels.json", LABELS)
    golden = golden_file(network, processor, LABELS, pairs)
    difference = largest_difference(model, golden)
    if difference > PARITY:
        raise SystemExit(f"ONNX Runtime and torch differ by {difference}, more than {PARITY}")
    write_json(out / "golden.json", golden)
    return difference


def write_tokenizer(processor: Processor, path: Path) -> None:
    """tokenizer.json, without the padding and truncation that the last call to it left behind."""
    tokenizer = processor.tokenizer.backend_tokenizer
    tokenizer.no_padding()
    tokenizer.no_truncation()
    path.write_text(tokenizer.to_str(pretty=True) + "\n", encoding="utf-8")


def manifest(
    network: FlavaClassifier | PublishedMatcher, processor: Processor, out: Path, own: dict[str, Any]
) -> dict[str, Any]:
    """model.json, with the files as they lie in `out`; `own` is what the graph does not tell."""
    images = processor.images
    image = network.flava.config.image_config
    return {
        "schema_version": 1,
        "task": "image-text-classification",
        "files": [file_entry(out / name) for name in FILES if (out / name).exists()],
        "inputs": [
            {
                "name": "pixel_values",
                "datatype": "FP32",
                "shape": ["batch", image.num_channels, image.image_size, image.image_size],
                "description": "normalised RGB",
            },
            {
                "name": "input_ids",
                "datatype": "INT64",
                "shape": ["batch", "tokens"],
                "description": "with [CLS] and [SEP], filled up behind",
            },
            {
                "name": "attention_mask",
                "datatype": "INT64",
                "shape": ["batch", "tokens"],
                "description": "1 for a token, 0 for what fills up",
            },
        ],
        "outputs": [
            {
                "name": "logits",
                "datatype": "FP32",
                "shape": ["batch", len(LABELS)],
                "description": "one per label, in the order of labels.json",
            },
        ],
        "batch": {"axis": 0, "max_rows": 16},
        "execution": "worker",
        "session": {},
        "preprocessing": {
            "image": {
                "transparency": "on-white",
                "resize": {
                    "width": images.size["width"],
                    "height": images.size["height"],
                    "interpolation": "bicubic",
                },
                "center_crop": {
                    "width": images.crop_size["width"],
                    "height": images.crop_size["height"],
                    "rounding": "down",
                },
                "scale": images.rescale_factor,
                "mean": list(images.image_mean),
                "standard_deviation": list(images.image_std),
            },
            "text": {
                "tokenizer": "tokenizer.json",
                "max_tokens": processor.max_tokens,
                "pad_id": processor.tokenizer.pad_token_id,
            },
        },
        "labels": "labels.json",
        "provenance": {
            "framework": f"transformers {transformers.__version__}, torch {torch.__version__}",
            "exporter": f"models/flava/train/export_onnx.py, onnx {onnx.__version__}",
        },
    } | own
