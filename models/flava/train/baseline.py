"""What pictures, statements and answers looked like in training; drift is measured against it."""

from typing import Any

from transformers import BertTokenizer

from dataset import Pictures
from evaluate import draw_pairs, logits_of
from histograms import categorical, numeric, quantile_edges, training_baseline
from network import LABELS, FlavaClassifier
from scenes import SEEN

PICTURES = 1000
BINS = 10


def pairs_baseline(
    network: FlavaClassifier, tokenizer: BertTokenizer, pictures: Pictures, seed: int
) -> dict[str, Any]:
    """Histograms of `image_brightness` and `image_contrast` (mean and standard deviation of the resized picture, all
    channels, 0 to 1), `text_tokens` (with the special ones) and the prediction."""
    some = Pictures(*(part[:PICTURES] for part in pictures))
    pairs = draw_pairs(some, seed, SEEN)
    light = some.pixels.reshape(len(some.pixels), -1) / 255
    predicted = logits_of(network, tokenizer, pairs).argmax(axis=1)
    return training_baseline(
        len(pairs.texts),
        [
            _histogram("image_brightness", light.mean(axis=1)),
            _histogram("image_contrast", light.std(axis=1)),
            _histogram("text_tokens", [len(ids) for ids in tokenizer(pairs.texts).input_ids]),
        ],
        [categorical("prediction", (LABELS[label] for label in predicted), LABELS)],
    )


def _histogram(name: str, values: Any) -> dict[str, Any]:
    rounded = [round(float(value), 4) for value in values]
    return numeric(name, rounded, quantile_edges(rounded, BINS))
