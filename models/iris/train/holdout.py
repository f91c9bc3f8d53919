"""Writes a labelled set that the published model has not learned from, as CSV and JSON.

Fisher's rows end at 150, and the model was trained on 105 of them. So the set is 30 of the other 45, drawn by
`--seed`; with `--synthetic N` it is N new flowers instead, drawn from a normal distribution per species that was
fitted to all 150 and rounded to 0.1 cm, as the measurements were.
"""

import argparse
import csv
import json
from pathlib import Path

import numpy as np

from dataset import FEATURES, load_rows, split_rows
from train import SEED

REAL_ROWS = 30


def main() -> None:
    """Draws the rows and writes holdout.csv and holdout.json into `--out`."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--synthetic", type=int, metavar="N", help="N new flowers (multiple of 3)")
    arguments = parser.parse_args()

    random = np.random.default_rng(arguments.seed)
    labels = split_rows(SEED).labels
    x, y = synthetic_rows(random, arguments.synthetic) if arguments.synthetic else real_rows(random)
    rows = [
        dict(zip(FEATURES, (round(float(value), 1) for value in row)), species=labels[label])
        for row, label in zip(x, y)
    ]

    arguments.out.mkdir(parents=True, exist_ok=True)
    with (arguments.out / "holdout.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, [*FEATURES, "species"], lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    document = {
        "instances": [{name: row[name] for name in FEATURES} for row in rows],
        "labels": [row["species"] for row in rows],
    }
    (arguments.out / "holdout.json").write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
    print(f"{len(rows)} rows in {arguments.out}")


def real_rows(random: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Rows that were set aside when the model was trained."""
    split = split_rows(SEED)
    chosen = random.choice(len(split.test_y), size=REAL_ROWS, replace=False)
    return split.test_x[chosen], split.test_y[chosen]


def synthetic_rows(random: np.random.Generator, count: int) -> tuple[np.ndarray, np.ndarray]:
    """`count` flowers that nobody has measured, the same number of each species."""
    if count < 3 or count % 3:
        raise SystemExit("--synthetic: give a multiple of 3")
    x, y, labels = load_rows()
    drawn = []
    for label in range(len(labels)):
        own = x[y == label]
        flowers = random.multivariate_normal(own.mean(axis=0), np.cov(own.T), size=count // 3)
        drawn.append(np.clip(np.round(flowers, 1), 0.1, None))
    return np.concatenate(drawn), np.repeat(np.arange(len(labels)), count // 3)


if __name__ == "__main__":
    main()
