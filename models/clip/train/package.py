"""Writes a model package from a CLIPModel and its processor, trained here or published by somebody else."""

from pathlib import Path
from typing import Any

import onnx
import torch
import transformers
from PIL import Image
from transformers import CLIPModel

import shared_path  # noqa: F401
from export_onnx import to_onnx
from golden import Processor, golden_file
from graph import largest_difference
from package_files import file_entry, write_json

FILES = ["model.onnx", "tokenizer.json", "golden.json", "metrics.json", "CARD.md"]
# How the largest difference of an embedding between ONNX Runtime and torch may be, of a length of 1.
PARITY = 1e-5


def write_graph(
    network: CLIPModel, processor: Processor, picture: Image.Image, texts: list[str], out: Path
) -> float:
    """Writes model.onnx, tokenizer.json and golden.json; the largest difference to torch.

    Raises SystemExit when the graph does not answer as the network does.
    """
    model = to_onnx(network, processor.tokenizer.eos_token_id).SerializeToString(deterministic=True)
    (out / "model.onnx").write_bytes(model)
    write_tokenizer(processor, out / "tokenizer.json")
    golden = golden_file(network, processor, picture, texts)
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
    network: CLIPModel, processor: Processor, out: Path, own: dict[str, Any]
) -> dict[str, Any]:
    """model.json, with the files as they lie in `out`; `own` is what the graph does not tell."""
    images = processor.images
    vision, text = network.config.vision_config, network.config.text_config
    return {
        "schema_version": 1,
        "task": "zero-shot-image-classification",
        "files": [file_entry(out / name) for name in FILES if (out / name).exists()],
        "inputs": [
            {
                "name": "pixel_values",
                "datatype": "FP32",
                "shape": ["images", vision.num_channels, vision.image_size, vision.image_size],
                "description": "normalised RGB; no rows when there is no picture",
            },
            {
                "name": "input_ids",
                "datatype": "INT64",
                "shape": ["texts", "tokens"],
                "description": "with the start and the end token, padded behind; no rows when there is no text",
            },
        ],
        "outputs": [
            {
                "name": "image_embeds",
                "datatype": "FP32",
                "shape": ["images", network.config.projection_dim],
                "description": "of length one",
            },
            {
                "name": "text_embeds",
                "datatype": "FP32",
                "shape": ["texts", network.config.projection_dim],
                "description": "of length one",
            },
        ],
        "execution": "worker",
        "session": {},
        "preprocessing": {
            "image": {
                "transparency": "on-white",
                "resize": {"shorter_side": images.size["shortest_edge"], "interpolation": "bicubic"},
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
                "max_tokens": text.max_position_embeddings,
                "pad_id": processor.tokenizer.pad_token_id,
            },
            "logit_scale": network.logit_scale.exp().item(),
        },
        "provenance": {
            "framework": f"transformers {transformers.__version__}, torch {torch.__version__}",
            "exporter": f"models/clip/train/export_onnx.py, onnx {onnx.__version__}",
        },
    } | own
