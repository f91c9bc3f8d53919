"""Writes test/fixtures/flava-tiny: a randomly initialised FlavaForPreTraining as export.py makes a package of it.

Beside the package: pictures, texts, and what FlavaProcessor and FlavaForPreTraining make of them.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from tokenizers import Tokenizer
from transformers import BertTokenizer, FlavaConfig, FlavaForPreTraining, FlavaProcessor
from transformers.models.flava.image_processing_pil_flava import FlavaImageProcessorPil

import shared_path  # noqa: F401
from golden_tensors import numbers
from package_files import write_json

ROOT = Path(__file__).parents[3]
OUT = ROOT / "test/fixtures/flava-tiny"
SIDE = 32
MAX_TOKENS = 24
TEXTS = [
    "a photo of a cat",
    "  TWO dogs,\n\tit's   raining!",
    "",
    "[MASK] and [SEP] in the middle",
    "\u00c9t\u00e9 \u4f60\u597d \U0001f468\u200d\U0001f469\u200d\U0001f467 \u0645\u0631\u062d\u0628\u0627",
    "far more words than fit into twenty-four tokens " * 9,
]


def main() -> None:
    """Makes the model, exports it in a process of its own, asks the original."""
    with tempfile.TemporaryDirectory() as parent:
        folder = Path(parent) / "tiny-random-flava"
        save_random_model(folder)
        export = [sys.executable, str(Path(__file__).with_name("export.py"))]
        limits = ["--version", "1", "--max-tokens", str(MAX_TOKENS)]
        subprocess.run(
            [*export, "--pretrained", str(folder), "--out", str(OUT), *limits], check=True
        )
        network = FlavaForPreTraining.from_pretrained(folder).eval()
        processor = FlavaProcessor(
            FlavaImageProcessorPil.from_pretrained(folder), BertTokenizer.from_pretrained(folder)
        )
    cases = []
    for name, picture in pictures().items():
        picture.save(OUT / name)
        inputs = processor(
            text=TEXTS,
            images=[Image.open(OUT / name)] * len(TEXTS),
            padding="max_length",
            max_length=MAX_TOKENS,
            truncation=True,
            return_tensors="pt",
        )
        with torch.no_grad():
            # Nothing is masked in `input_ids_masked`; nothing is lost and nothing is learned.
            output = network(
                pixel_values=inputs.pixel_values,
                input_ids=inputs.input_ids,
                input_ids_masked=inputs.input_ids,
                attention_mask=inputs.attention_mask,
                skip_unmasked_multimodal_encoder=True,
                return_loss=False,
            )
            logits = network.itm_head(output.multimodal_masked_embeddings)
        cases.append(
            {
                "picture": name,
                "pixel_values": numbers(inputs.pixel_values[0].flatten()),
                "logits": [numbers(row) for row in logits],
                "scores": [numbers(row) for row in logits.softmax(dim=1)],
            }
        )
    write_json(
        OUT / "original.json",
        {
            "texts": TEXTS,
            "max_tokens": MAX_TOKENS,
            "input_ids": inputs.input_ids.tolist(),
            "attention_mask": inputs.attention_mask.tolist(),
            "cases": cases,
        },
    )


def save_random_model(folder: Path) -> None:
    """A tiny FlavaForPreTraining with the tokenizer of test/fixtures/tokens, as `save_pretrained` leaves it."""
    torch.manual_seed(7)
    vocabulary = Tokenizer.from_file(str(ROOT / "test/fixtures/tokens/bert.json")).get_vocab()
    tokenizer = BertTokenizer(
        vocab=dict(sorted(vocabulary.items(), key=lambda entry: entry[1])), model_max_length=64
    )
    encoder = {"hidden_size": 24, "intermediate_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2}
    config = FlavaConfig(
        image_config=encoder | {"image_size": SIDE, "patch_size": 8, "vocab_size": 16},
        text_config=encoder | {"vocab_size": len(tokenizer), "max_position_embeddings": 64},
        multimodal_config=encoder,
        image_codebook_config={"hidden_size": 8, "num_blocks_per_group": 1, "vocab_size": 16},
        hidden_size=24,
        projection_dim=24,
    )
    network = FlavaForPreTraining(config)
    for parameter in network.parameters():
        # Freshly initialised, all pairs have nearly the same logits: no test could tell them apart.
        if parameter.dim() > 1:
            torch.nn.init.normal_(parameter, std=0.3)
    network.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    size = {"height": SIDE, "width": SIDE}
    FlavaImageProcessorPil(size=size, crop_size=size).save_pretrained(folder)


def pictures() -> dict[str, Image.Image]:
    """Shrunk and enlarged, neither square."""
    random = np.random.default_rng(7)
    rows, columns = np.mgrid[0:53, 0:90]
    wave = 127 + 90 * np.sin(rows / 5)[..., None] * np.cos(columns[..., None] / np.array([3, 7, 11]))
    noisy = np.clip(wave + random.normal(0, 20, wave.shape), 0, 255).astype(np.uint8)
    return {"wide.png": Image.fromarray(noisy), "tall.png": Image.fromarray(noisy[:20, :11])}


if __name__ == "__main__":
    main()
