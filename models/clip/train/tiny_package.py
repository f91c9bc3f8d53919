"""Writes test/fixtures/clip-tiny: a randomly initialised CLIPModel as export.py makes a package of it.

Beside the package: pictures, texts, and what CLIPProcessor and CLIPModel make of them. The configuration is of the kind
that OpenAI's has: the end token is called 2 and meant is the largest id.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from transformers import CLIPConfig, CLIPModel, CLIPProcessor, CLIPTokenizer
from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil

import shared_path  # noqa: F401
from golden_tensors import numbers
from package_files import write_json

ROOT = Path(__file__).parents[3]
OUT = ROOT / "test/fixtures/clip-tiny"
SIDE = 32
TEXTS = [
    "a photo of a cat",
    "  TWO dogs,\n\tit's   raining!",
    "",
    "<|endoftext|> in the middle <|startoftext|>",
    "\u00c9t\u00e9 \u4f60\u597d \U0001f468\u200d\U0001f469\u200d\U0001f467 \u0645\u0631\u062d\u0628\u0627",
    "far more words than fit into seventy-seven tokens " * 9,
]


def main() -> None:
    """Makes the model, exports it in a process of its own, asks the original."""
    with tempfile.TemporaryDirectory() as parent:
        folder = Path(parent) / "tiny-random-clip"
        save_random_model(folder)
        export = [sys.executable, str(Path(__file__).with_name("export.py"))]
        subprocess.run([*export, "--pretrained", str(folder), "--out", str(OUT), "--version", "1"], check=True)
        network = CLIPModel.from_pretrained(folder).eval()
        processor = CLIPProcessor(
            CLIPImageProcessorPil.from_pretrained(folder), CLIPTokenizer.from_pretrained(folder)
        )
    cases = []
    for name, picture in pictures().items():
        picture.save(OUT / name)
        inputs = processor(
            text=TEXTS, images=Image.open(OUT / name), padding=True, truncation=True, return_tensors="pt"
        )
        with torch.no_grad():
            output = network(**inputs)
        cases.append(
            {
                "picture": name,
                "pixel_values": numbers(inputs.pixel_values.flatten()),
                "image_embedding": numbers(output.image_embeds[0]),
                "similarities": numbers(output.image_embeds[0] @ output.text_embeds.T),
                "probabilities": numbers(output.logits_per_image.softmax(dim=1)[0]),
            }
        )
    write_json(
        OUT / "original.json",
        {
            "texts": TEXTS,
            "input_ids": inputs.input_ids.tolist(),
            "text_embeddings": [numbers(row) for row in output.text_embeds],
            "cases": cases,
        },
    )


def save_random_model(folder: Path) -> None:
    """A tiny CLIPModel with the tokenizer of test/fixtures/tokens, as `save_pretrained` leaves it."""
    torch.manual_seed(7)
    form = json.loads((ROOT / "test/fixtures/tokens/clip.json").read_text(encoding="utf-8"))["model"]
    tokenizer = CLIPTokenizer(
        vocab=form["vocab"], merges=[tuple(pair) for pair in form["merges"]], model_max_length=77
    )
    tower = {"hidden_size": 24, "intermediate_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2}
    config = CLIPConfig(
        vision_config=tower | {"image_size": SIDE, "patch_size": 8},
        text_config=tower
        | {
            "vocab_size": len(tokenizer),
            "max_position_embeddings": 77,
            "bos_token_id": 0,
            "eos_token_id": 2,
            "pad_token_id": 1,
        },
        projection_dim=20,
    )
    network = CLIPModel(config)
    for parameter in network.parameters():
        # Freshly initialised, all texts have nearly the same embedding: no test could tell them apart.
        torch.nn.init.normal_(parameter, std=0.3) if parameter.dim() > 1 else None
    network.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    CLIPImageProcessorPil(
        size={"shortest_edge": SIDE}, crop_size={"height": SIDE, "width": SIDE}
    ).save_pretrained(folder)


def pictures() -> dict[str, Image.Image]:
    """Not square, enlarged, shrunk, grey, with a palette, with alpha: every kind of PNG."""
    random = np.random.default_rng(7)
    rows, columns = np.mgrid[0:53, 0:90]
    wave = 127 + 90 * np.sin(rows / 5)[..., None] * np.cos(columns[..., None] / np.array([3, 7, 11]))
    noisy = np.clip(wave + random.normal(0, 20, wave.shape), 0, 255).astype(np.uint8)
    alpha = np.dstack([noisy, (columns * 2).astype(np.uint8)])
    return {
        "wide.png": Image.fromarray(noisy),
        "tall.png": Image.fromarray(noisy[:20, :11]),
        "grey.png": Image.fromarray(noisy[..., 0]),
        "palette.png": Image.fromarray(noisy).quantize(32),
        "alpha.png": Image.fromarray(alpha),
        "grey-alpha.png": Image.fromarray(alpha[..., 2:]),
        "palette-alpha.png": Image.fromarray(alpha).quantize(32),
    }


if __name__ == "__main__":
    main()
