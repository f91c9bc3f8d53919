"""Sets of pictures as arrays."""

from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np

from preprocess import PREPROCESSING, open_image, resize_and_crop
from scenes import Scene

# Training cuts its own windows out of these, so they are larger than what the network sees.
STORED = PREPROCESSING | {"center_crop": {"width": 112, "height": 112}}


class Pictures(NamedTuple):
    """`pixels` is uint8 [n, side, side, 3], `labels` an index into LABELS."""

    pixels: np.ndarray
    labels: np.ndarray


def open_scenes(scenes: Iterable[Scene], preprocessing: dict[str, Any]) -> Pictures:
    """The scenes, opened from their file's bytes as a caller's would be."""
    pixels, labels = [], []
    for scene in scenes:
        pixels.append(resize_and_crop(open_image(scene.content), preprocessing))
        labels.append(scene.label)
    return Pictures(np.stack(pixels), np.array(labels))
