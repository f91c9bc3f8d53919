"""Scenes with their pictures as the model sees them, and what lies under each of its patches."""

from typing import NamedTuple

import numpy as np
from PIL import Image

from draw import draw_picture
from scenes import CANVAS, COLOURS, PAIRS, SHAPES, Scene, draw_scene

# Side of the model's input and of a patch in px, and what FlavaImageProcessor subtracts and divides by.
IMAGE_SIZE = 64
PATCH_SIZE = 16
MEAN = [0.48145466, 0.4578275, 0.40821073]
STD = [0.26862954, 0.26130258, 0.27577711]
# The share of a patch that an object must cover, taken as a square, to be what lies there.
COVERED = 0.12


class Pictures(NamedTuple):
    """Scenes, their pictures as uint8 [N, IMAGE_SIZE, IMAGE_SIZE, 3], and what lies under patches [N, patches, 2]."""

    scenes: list[Scene]
    pixels: np.ndarray
    patches: np.ndarray


def draw_pictures(
    seed: int, count: int, pairs: list[tuple[str, str]] = PAIRS
) -> Pictures:
    """`count` random scenes of these pairs with one picture each; the same seed gives the same."""
    random = np.random.default_rng(seed)
    scenes: list[Scene] = []
    pixels = np.empty((count, IMAGE_SIZE, IMAGE_SIZE, 3), dtype=np.uint8)
    patches = np.empty((count, (IMAGE_SIZE // PATCH_SIZE) ** 2, 2), dtype=np.int64)
    for index in range(count):
        scene = draw_scene(random, pairs)
        picture = draw_picture(scene, random)
        scenes.append(scene)
        # What FlavaImageProcessor does with a square picture.
        pixels[index] = np.asarray(picture.resize((IMAGE_SIZE, IMAGE_SIZE), Image.Resampling.BICUBIC))
        patches[index] = classes_of_patches(scene)
    return Pictures(scenes, pixels, patches)


def classes_of_patches(scene: Scene) -> np.ndarray:
    """Colour and shape of the object that covers most of each patch; their number where none covers much."""
    side = IMAGE_SIZE // PATCH_SIZE
    edges = np.arange(side + 1) * CANVAS / side
    found = np.full((side, side, 2), [len(COLOURS), len(SHAPES)])
    most = np.full((side, side), COVERED * (CANVAS / side) ** 2)
    for thing in scene.things:
        reach = 0.85 * thing.radius
        columns, rows = (
            np.clip(np.minimum(edges[1:], at + reach) - np.maximum(edges[:-1], at - reach), 0, None)
            for at in (thing.x, thing.y)
        )
        covered = np.outer(rows, columns)
        found[covered > most] = [COLOURS.index(thing.colour), SHAPES.index(thing.shape)]
        most = np.maximum(most, covered)
    return found.reshape(-1, 2)


def normalised(pixels: np.ndarray) -> np.ndarray:
    """uint8 [N, H, W, 3] to float32 [N, 3, H, W], as FlavaImageProcessor gives them."""
    scaled = (pixels.astype(np.float32) / 255 - np.array(MEAN, np.float32)) / np.array(STD, np.float32)
    return np.ascontiguousarray(scaled.transpose(0, 3, 1, 2))
