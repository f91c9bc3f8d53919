"""Trains image and writes its whole package; see README.md beside this file."""

import argparse
import json
import os
import platform
import time
from pathlib import Path
from string import Template
from typing import Any

# Before the libraries load: one thread, so that sums are added in one order; no reports to anybody.
os.environ |= {"OMP_NUM_THREADS": "1", "ORT_DISABLE_TELEMETRY": "1"}

import shared_path  # noqa: F401
import onnx
import torch
import torchvision

from baseline import pictures_baseline
from dataset import STORED, open_scenes
from evaluate import held_out_metrics, linear_baseline
from holdout import held_out_scene
from network import CYCLES, WIDTH, build_network, predict, train
from package import write_manifest, write_model
from package_files import write_json
from preprocess import PREPROCESSING
from scenes import draw_scene
from shapes import LABELS

# Of the pictures: the day MobileNetV2 was published, fixed before any result was seen.
SEED = 20180113
# Of the first weights and of the order in which pictures come.
NETWORK_SEED = 1
TRAINING_PICTURES = 12_000
# Held-out sets of this many pictures each, by holdout.py's seeds.
HELD_OUT_SEEDS, HELD_OUT_PICTURES = (0, 1, 2), 1000
VERSION = 1
HERE = Path(__file__).parent


def main() -> None:
    """Draws, trains, measures, exports, writes the package into `--out`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=HERE.parent, help="default: %(default)s")
    parser.add_argument("--weights", type=Path, metavar="FILE", help="keep the weights there; taken if it exists")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)

    pictures = open_scenes((draw_scene(SEED, index) for index in range(TRAINING_PICTURES)), STORED)
    network = build_network(len(LABELS), NETWORK_SEED)
    kept = arguments.weights
    if kept is not None and kept.exists():
        saved = torch.load(kept, weights_only=True)
        network.load_state_dict(saved["weights"])
        training = saved["training"]
    else:
        cpu, wall = time.process_time(), time.perf_counter()
        train(network, pictures, CYCLES, NETWORK_SEED)
        training = {
            "cpu_seconds": round(time.process_time() - cpu),
            "wall_seconds": round(time.perf_counter() - wall),
        }
        if kept is not None:
            torch.save({"weights": network.state_dict(), "training": training}, kept)

    held_out = [
        open_scenes((held_out_scene(seed, index) for index in range(HELD_OUT_PICTURES)), PREPROCESSING)
        for seed in HELD_OUT_SEEDS
    ]
    metrics = {
        "training": {"seed": SEED, "pictures": TRAINING_PICTURES, "threads": 1, **training},
        "held_out": {
            f"seed {seed}": held_out_metrics(predict(network, each.pixels), each, LABELS)
            for seed, each in zip(HELD_OUT_SEEDS, held_out)
        },
        "linear_baseline_top_1": linear_baseline(pictures, held_out[0]),
    }
    out: Path = arguments.out
    picture = held_out_scene(3, 0).content
    metrics["parity"] = write_model(out, network, LABELS, PREPROCESSING, picture)
    write_json(out / "metrics.json", metrics)
    (out / "CARD.md").write_text(render_card(metrics), encoding="utf-8")
    margin = (STORED["center_crop"]["width"] - PREPROCESSING["center_crop"]["width"]) // 2
    seen = pictures._replace(pixels=pictures.pixels[:, margin:-margin, margin:-margin])
    facts = {
        "version": VERSION,
        # Half a millisecond for each picture, 9 for a full run.
        "execution": "inline",
        "description": f"Which of {len(LABELS)} drawn objects a picture shows",
        "licence": "CC0-1.0",
        "training_baseline": pictures_baseline(
            seen.pixels, predict(network, seen.pixels).argmax(axis=1), LABELS
        ),
        "provenance": {
            "dataset": "drawn by models/image/train/scenes.py",
            "algorithm": f"MobileNetV2, width {WIDTH}",
            "framework": f"torch {_version(torch)}, torchvision {_version(torchvision)}",
            "exporter": f"models/image/train/export_onnx.py, onnx {onnx.__version__}",
            "seed": str(SEED),
            "training_script": "models/image/train/train.py",
        },
    }
    write_manifest(out, LABELS, PREPROCESSING, facts)
    print(json.dumps(metrics | {"python": platform.python_version()}, indent=2))


def render_card(metrics: dict[str, Any]) -> str:
    """CARD.md: the text of card.md with this run's numbers."""
    held_out = metrics["held_out"]
    sets = "\n".join(
        f"| {name} | {values['pictures']} | {values['top_1']:.3f} | {values['top_3']:.3f} |"
        for name, values in held_out.items()
    )
    classes = "\n".join(
        f"| {name} | {values['precision']:.3f} | {values['recall']:.3f} |"
        for name, values in held_out["seed 0"]["per_class"].items()
    )
    training = metrics["training"]
    return Template((HERE / "card.md").read_text(encoding="utf-8")).substitute(
        sets=sets,
        classes=classes,
        names=", ".join(LABELS),
        count=len(LABELS),
        linear=f"{metrics['linear_baseline_top_1']:.3f}",
        pictures=f"{training['pictures']:,}",
        cpu_minutes=f"{training['cpu_seconds'] / 60:.0f}",
        wall_minutes=f"{training['wall_seconds'] / 60:.0f}",
        seed=training["seed"],
        width=WIDTH,
        rounds=", then ".join(
            f"{stage.rounds} at {stage.side} pixels" for cycle in CYCLES for stage in cycle.stages
        ),
        parity=f"{metrics['parity']['largest_difference']:g}",
        framework=f"torch {_version(torch)} and torchvision {_version(torchvision)}",
    )


def _version(module: Any) -> str:
    return module.__version__.split("+")[0]


if __name__ == "__main__":
    main()
