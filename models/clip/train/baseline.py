"""What pictures, texts and answers looked like in training; drift is measured against it."""

from typing import Any

import numpy as np
from transformers import CLIPModel, CLIPTokenizer

from captions import full_caption
from dataset import CANDIDATES, Pictures
from evaluate import embed_images, embed_texts
from histograms import numeric, quantile_edges, training_baseline

ROWS = 2000
BINS = 10


def pictures_baseline(
    network: CLIPModel, tokenizer: CLIPTokenizer, pictures: Pictures, seed: int
) -> dict[str, Any]:
    """Histograms of `image_brightness` and `image_contrast` (mean and standard deviation of the resized and cropped
    picture, all channels, 0 to 1), `text_tokens` (with the special ones) and `best_similarity` (of a picture, among
    50 texts of which one is true)."""
    random = np.random.default_rng(seed)
    pixels = pictures.pixels[:ROWS]
    captions = [full_caption(scene, random) for scene in pictures.scenes[:ROWS]]
    light = pixels.reshape(ROWS, -1) / 255
    images, texts = embed_images(network, pixels), embed_texts(network, tokenizer, captions)
    best = np.concatenate(
        [
            (images[start : start + CANDIDATES] @ texts[start : start + CANDIDATES].T).max(axis=1)
            for start in range(0, ROWS, CANDIDATES)
        ]
    )
    return training_baseline(
        ROWS,
        [
            _histogram("image_brightness", light.mean(axis=1)),
            _histogram("image_contrast", light.std(axis=1)),
            _histogram("text_tokens", [len(ids) for ids in tokenizer(captions).input_ids]),
        ],
        [_histogram("best_similarity", best)],
    )


def _histogram(name: str, values: Any) -> dict[str, Any]:
    rounded = [round(float(value), 4) for value in values]
    return numeric(name, rounded, quantile_edges(rounded, BINS))
