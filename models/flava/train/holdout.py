"""Writes pictures and statements that the published model has never seen: a labelled set to judge it by.

A hundred pictures with two statements each, one true and one false; `--pictures N` writes another number, `--format`
JPEG or WebP in place of PNG. The same seed gives the same set.

holdout.json: `pairs`, each with the file of its picture, the text, its kind, whether it names a pair of colour and
shape that training never showed, and the label.
"""

import argparse
import json
from pathlib import Path

import numpy as np

from draw import draw_picture
from scenes import draw_scene, state

# As network.py has them, which would load torch.
LABELS = ["mismatch", "match"]
# Keeps the seeds of this script apart from those of training and of its own evaluation.
STREAM = 0xF1A7A


def main() -> None:
    """Draws the pictures and writes them and holdout.json into `--out`."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--pictures", type=int, default=100)
    parser.add_argument("--format", choices=["png", "jpg", "webp"], default="png")
    arguments = parser.parse_args()

    random = np.random.default_rng([STREAM, arguments.seed])
    arguments.out.mkdir(parents=True, exist_ok=True)
    pairs = []
    for index in range(arguments.pictures):
        scene = draw_scene(random)
        name = f"{index:03d}.{arguments.format}"
        draw_picture(scene, random).save(arguments.out / name, quality=90)
        for is_true in (True, False):
            said = state(scene, is_true, random)
            pairs.append(
                {
                    "file": name,
                    "text": said.text,
                    "kind": said.kind,
                    "unseen": said.is_unseen,
                    "label": LABELS[is_true],
                }
            )
    (arguments.out / "holdout.json").write_text(
        json.dumps({"pairs": pairs}, indent=1) + "\n", encoding="utf-8"
    )
    print(f"{len(pairs)} pairs in {arguments.out}")


if __name__ == "__main__":
    main()
