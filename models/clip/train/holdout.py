"""Writes pictures that the published model has never seen, with captions: a labelled set to judge it by.

Fifty pictures with fifty distinct captions, every one with a pair of colour and shape that training never showed;
`--pictures N` writes another number, `--format` JPEG or WebP in place of PNG. The same seed gives the same set.

holdout.json: `texts`, the captions; `pictures`, each with its file, the index of its caption, and what it shows.
"""

import argparse
import json
from dataclasses import asdict
from pathlib import Path

import numpy as np

from captions import full_caption
from dataset import CANDIDATES
from draw import draw_picture
from scenes import draw_scene

# Keeps the seeds of this script apart from those of training and of its own evaluation.
STREAM = 0xC11F


def main() -> None:
    """Draws the pictures and writes them and holdout.json into `--out`."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--pictures", type=int, default=CANDIDATES)
    parser.add_argument("--format", choices=["png", "jpg", "webp"], default="png")
    arguments = parser.parse_args()

    random = np.random.default_rng([STREAM, arguments.seed])
    scenes: list = []
    while len(scenes) < arguments.pictures:
        scene = draw_scene(random, unseen=True)
        if scene not in scenes:
            scenes.append(scene)

    arguments.out.mkdir(parents=True, exist_ok=True)
    pictures = []
    for index, scene in enumerate(scenes):
        name = f"{index:03d}.{arguments.format}"
        draw_picture(scene, random).save(arguments.out / name, quality=90)
        pictures.append({"file": name, "caption": index, "scene": asdict(scene)})
    document = {
        "texts": [full_caption(scene, random) for scene in scenes],
        "pictures": pictures,
    }
    (arguments.out / "holdout.json").write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
    print(f"{len(pictures)} pictures in {arguments.out}")


if __name__ == "__main__":
    main()
