"""Writes labelled letters that the published model has not learned from, as CSV and JSON.

They come from the held-out side of the grammar: no sentence and no typo of the training letters is in them, and
about a fifth of their topic words. Any seed gives other letters, the same seed the same.
"""

import argparse
import csv
import json
from pathlib import Path

from dataset import LABELS, write_letters


def main() -> None:
    """Writes holdout.csv and holdout.json into `--out`."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--per-topic", type=int, default=200, help="letters of each topic (%(default)s)")
    arguments = parser.parse_args()

    letters = write_letters("held-out", arguments.seed, arguments.per_topic)
    names = [LABELS[label] for label in letters.labels]
    arguments.out.mkdir(parents=True, exist_ok=True)
    with (arguments.out / "holdout.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["text", "topic"])
        writer.writerows(zip(letters.texts, names))
    document = {"instances": [{"text": text} for text in letters.texts], "labels": names}
    text = json.dumps(document, indent=1, ensure_ascii=False)
    (arguments.out / "holdout.json").write_text(text + "\n", encoding="utf-8")
    print(f"{len(names)} rows in {arguments.out}")


if __name__ == "__main__":
    main()
