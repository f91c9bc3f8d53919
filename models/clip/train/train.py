"""Trains clip and writes its whole package; see README.md beside this file."""

import argparse
import json
import platform
from pathlib import Path
from string import Template
from typing import Any

import numpy as np
import torch
import transformers
from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil

import shared_path  # noqa: F401
from baseline import pictures_baseline
from captions import full_caption
from dataset import FAMILY, IMAGE_SIZE, MEAN, STD, draw_families, draw_pictures
from draw import draw_picture
from evaluate import held_out_metrics
from fit import BATCH, PATCH_BATCH, PATCH_STEPS, STEPS, fit, fit_patches
from golden import Processor
from hints import HintHeads
from network import build_network
from package import manifest, write_graph
from package_files import write_json
from scenes import Scene, Thing, draw_scene
from vocabulary import train_tokenizer

# The year CLIP was published; the only source of randomness.
SEED = 2021
VERSION = 2
PICTURES = 16_000
FAMILIES = 4_000
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
    pictures = draw_pictures(SEED, PICTURES, unseen=False)
    if arguments.weights is not None and arguments.weights.exists():
        saved = torch.load(arguments.weights)
        network.load_state_dict(saved["state"])
        seconds = saved["cpu_seconds"]
    else:
        families, heads = draw_families(SEED, FAMILIES), HintHeads()
        seconds = fit_patches(network, heads, [pictures, families], SEED)
        seconds += fit(network, tokenizer, heads, pictures, families, SEED)
        if arguments.weights is not None:
            torch.save({"state": network.state_dict(), "cpu_seconds": seconds}, arguments.weights)
    network.eval()

    side = {"height": IMAGE_SIZE, "width": IMAGE_SIZE}
    images = CLIPImageProcessorPil(
        size={"shortest_edge": IMAGE_SIZE}, crop_size=side, image_mean=MEAN, image_std=STD
    )
    processor = Processor(images, tokenizer)
    difference = write_graph(network, processor, *golden_inputs(), out)
    metrics = held_out_metrics(network, tokenizer) | {
        "training": {
            "pictures": PICTURES,
            "pictures_of_families": FAMILIES * FAMILY,
            "patch_steps": PATCH_STEPS,
            "patch_batch": PATCH_BATCH,
            "steps": STEPS,
            "batch": BATCH,
            "cpu_seconds": round(seconds),
            "seed": SEED,
        },
        "parity": {"largest_difference": float(f"{difference:.2g}")},
    }
    write_json(out / "metrics.json", metrics)
    (out / "CARD.md").write_text(render_card(metrics), encoding="utf-8")
    baseline = pictures_baseline(network, tokenizer, pictures, SEED)
    write_json(out / "model.json", whole_manifest(network, processor, out, baseline))
    print(json.dumps(metrics | {"python": platform.python_version()}, indent=2))


def golden_inputs() -> tuple[Any, list[str]]:
    """One picture and four sentences, of which the first is true."""
    random = np.random.default_rng(SEED)
    scene = Scene("single", (Thing("red", "star", "plain"),), "white", size="big", position="middle")
    wrong = [full_caption(draw_scene(random, unseen=False), random) for _ in range(3)]
    return draw_picture(scene, random), [full_caption(scene, random), *wrong]


def whole_manifest(network: Any, processor: Processor, out: Path, baseline: dict) -> dict[str, Any]:
    """model.json of the model that is trained here."""
    made = manifest(
        network,
        processor,
        out,
        {
            "name": "clip",
            "version": VERSION,
            "description": "How well sentences fit a picture of coloured shapes; embeddings of both",
            "licence": "CC0-1.0",
            "training_baseline": baseline,
        },
    )
    made["provenance"] |= {
        "dataset": "generated: models/clip/train/scenes.py, draw.py, captions.py",
        "algorithm": "CLIP: ViT of 4 layers and text transformer of 3, width 128, contrastive loss",
        "seed": str(SEED),
        "training_script": "models/clip/train/train.py",
    }
    return made


def render_card(metrics: dict[str, Any]) -> str:
    """CARD.md: the text of card.md with this run's numbers."""
    unseen, seen = (metrics["retrieval"][key] for key in ("unseen_pairs", "seen_pairs"))
    zero_shot, training = metrics["zero_shot"], metrics["training"]
    return Template((HERE / "card.md").read_text(encoding="utf-8")).substitute(
        **{f"unseen_{name}": f"{value:.3f}" for name, value in unseen.items()},
        **{f"seen_{name}": f"{value:.3f}" for name, value in seen.items()},
        **{
            name: f"{value:.3f}" if isinstance(value, float) else value
            for name, value in zero_shot.items()
        },
        **training,
        one_shape_of_8_unseen=f"{metrics['one_shape_of_8']['unseen_pairs']:.3f}",
        one_shape_of_8_seen=f"{metrics['one_shape_of_8']['seen_pairs']:.3f}",
        logit_scale=f"{metrics['logit_scale']:.2f}",
        parity=f"{metrics['parity']['largest_difference']:g}",
        framework=f"transformers {transformers.__version__} and torch {torch.__version__}",
    )


if __name__ == "__main__":
    main()
