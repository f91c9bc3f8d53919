"""Writes labelled pictures that the published model has not learned from, as JPEG and PNG files.

`--out` gets the files and labels.csv (`file,label`). The same seed gives the same bytes; no seed gives a picture of
the training set, whose numbers lie below.
"""

import argparse
import csv
from pathlib import Path

from scenes import Scene, draw_scene
from shapes import LABELS

# Training draws its set with a small number.
FIRST_SEED = 2**32


def held_out_scene(seed: int, index: int) -> Scene:
    """Picture `index` of the held-out set `seed`."""
    return draw_scene(FIRST_SEED + seed, index)


def main() -> None:
    """Draws the pictures into `--out`."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--count", type=int, default=1000, help="default: %(default)s")
    arguments = parser.parse_args()
    if arguments.seed < 0:
        raise SystemExit("--seed: give 0 or more")

    arguments.out.mkdir(parents=True, exist_ok=True)
    rows = []
    for index in range(arguments.count):
        scene = held_out_scene(arguments.seed, index)
        name = f"{index:05}.{scene.suffix}"
        (arguments.out / name).write_bytes(scene.content)
        rows.append((name, LABELS[scene.label]))
    with (arguments.out / "labels.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("file", "label"))
        writer.writerows(rows)
    print(f"{len(rows)} pictures in {arguments.out}")


if __name__ == "__main__":
    main()
