"""Trains flava and writes its whole package; see README.md beside this file."""

import argparse
import json
import platform
from pathlib import Path
from string import Template
from typing import Any

import numpy as np
import torch
import transformers
from PIL import Image
from transformers.models.flava.image_processing_pil_flava import FlavaImageProcessorPil

import shared_path  # noqa: F401
from baseline import pairs_baseline
from dataset import IMAGE_SIZE, MEAN, STD, draw_pictures
from draw import draw_picture
from evaluate import BLIND_STEPS, held_out_metrics
from fit import BATCH, PATCH_BATCH, PATCH_STEPS, STATEMENTS, STEPS, fit, fit_patches
from golden import Processor
from hints import HintHeads
from network import LAYERS, WIDTH, FlavaClassifier, build_network
from package import manifest, write_graph
from package_files import write_json
from scenes import SEEN, Scene, Thing
from vocabulary import MAX_TOKENS, train_tokenizer

# The year FLAVA was published; the only source of randomness.
SEED = 2022
VERSION = 1
PICTURES = 16_000
HERE = Path(__file__).parent


def main() -> None:
    """Draws, trains, exports, checks parity, measures, writes the package into `--out`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=HERE.parent, help="default: %(default)s")
    parser.add_argument(
        "--weights", type=Path, help="weights of an earlier run: used when there, else written"
    )
    arguments = parser.parse_args()
    out: Path = arguments.out
    out.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)

    tokenizer = train_tokenizer(SEED)
    network = build_network(tokenizer, SEED)
    pictures = draw_pictures(SEED, PICTURES, SEEN)
    if arguments.weights is not None and arguments.weights.exists():
        saved = torch.load(arguments.weights)
        network.load_state_dict(saved["state"])
        seconds = saved["cpu_seconds"]
    else:
        heads = HintHeads()
        seconds = fit_patches(network, heads, pictures, SEED)
        seconds += fit(network, heads, tokenizer, pictures, SEED)
        if arguments.weights is not None:
            torch.save({"state": network.state_dict(), "cpu_seconds": seconds}, arguments.weights)
    network.eval()

    side = {"height": IMAGE_SIZE, "width": IMAGE_SIZE}
    images = FlavaImageProcessorPil(size=side, crop_size=side, image_mean=MEAN, image_std=STD)
    processor = Processor(images, tokenizer, MAX_TOKENS)
    difference = write_graph(network, processor, golden_pairs(), out)
    metrics = held_out_metrics(network, tokenizer, pictures) | {
        "training": {
            "pictures": PICTURES,
            "image_steps": PATCH_STEPS,
            "pictures_of_an_image_step": PATCH_BATCH,
            "steps": STEPS,
            "pictures_of_a_step": BATCH,
            "statements_of_a_picture": STATEMENTS,
            "cpu_seconds": round(seconds),
            "seed": SEED,
        },
        "parity": {"largest_difference": float(f"{difference:.2g}")},
    }
    write_json(out / "metrics.json", metrics)
    (out / "CARD.md").write_text(render_card(metrics), encoding="utf-8")
    baseline = pairs_baseline(network, tokenizer, pictures, SEED)
    write_json(out / "model.json", whole_manifest(network, processor, out, baseline))
    print(json.dumps(metrics | {"python": platform.python_version()}, indent=2))


def golden_pairs() -> list[tuple[Image.Image, str]]:
    """One picture with two statements: the first is true of it, the second is not."""
    things = (
        Thing("red", "circle", 36.0, 40.0, 23.0),
        Thing("blue", "square", 90.0, 84.0, 23.0),
    )
    picture = draw_picture(Scene(things, "white"), np.random.default_rng(SEED))
    return [
        (picture, "the red circle is left of the blue square"),
        (picture, "the red circle is below the blue square"),
    ]


def whole_manifest(
    network: FlavaClassifier, processor: Processor, out: Path, baseline: dict[str, Any]
) -> dict[str, Any]:
    """model.json of the model that is trained here."""
    own = {
        "name": "flava",
        "version": VERSION,
        "description": "Whether a statement is true of a picture of coloured shapes",
        "licence": "CC0-1.0",
        "training_baseline": baseline,
    }
    made = manifest(network, processor, out, own)
    made["provenance"] |= {
        "dataset": "generated: models/flava/train/scenes.py, draw.py",
        "algorithm": f"FLAVA of width {WIDTH}; layers: {LAYERS}",
        "seed": str(SEED),
        "training_script": "models/flava/train/train.py",
    }
    return made


def render_card(metrics: dict[str, Any]) -> str:
    """CARD.md: the text of card.md with this run's numbers."""
    return Template((HERE / "card.md").read_text(encoding="utf-8")).substitute(
        accuracy=f"{metrics['accuracy']:.3f}",
        accuracy_unseen=f"{metrics['accuracy_unseen']:.3f}",
        unseen_pairs=", ".join(metrics["split"]["unseen_pairs"]),
        test_pairs=metrics["split"]["test_pairs"],
        test_unseen=metrics["split"]["test_pairs_that_name_an_unseen_one"],
        **{f"accuracy_{kind}": f"{value:.3f}" for kind, value in metrics["accuracy_by_kind"].items()},
        alone_image=f"{metrics['one_alone']['image_only']:.3f}",
        alone_text=f"{metrics['one_alone']['text_only']:.3f}",
        blanked_image=f"{metrics['one_blanked']['image_only']:.3f}",
        blanked_text=f"{metrics['one_blanked']['text_only']:.3f}",
        blind_steps=BLIND_STEPS,
        **metrics["training"],
        parity=f"{metrics['parity']['largest_difference']:g}",
        framework=f"transformers {transformers.__version__} and torch {torch.__version__}",
    )


if __name__ == "__main__":
    main()
