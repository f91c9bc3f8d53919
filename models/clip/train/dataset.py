"""Scenes with their pictures as the model sees them, and the batches that training draws from them."""

from typing import NamedTuple

import numpy as np
from PIL import Image

from draw import CANVAS, Placed, paint, place
from scenes import COLOURS, SHAPES, TEXTURES, Scene, draw_family, draw_scene

# Side of the model's input in px, and what CLIPImageProcessor subtracts and divides by.
IMAGE_SIZE = 64
PATCH_SIZE = 16
SIDE = IMAGE_SIZE // PATCH_SIZE
MEAN = [0.48145466, 0.4578275, 0.40821073]
STD = [0.26862954, 0.26130258, 0.27577711]
# The share of a patch that an object must cover, taken as a square, to be what lies there.
COVERED = 0.12
# Pictures and captions that retrieval chooses among.
CANDIDATES = 50
# Scenes of a family, which differ in one thing only.
FAMILY = 4


class Pictures(NamedTuple):
    """Scenes, their pictures as uint8 [N, IMAGE_SIZE, IMAGE_SIZE, 3], and words at patches [N, patches, 3]."""

    scenes: list[Scene]
    pixels: np.ndarray
    words: np.ndarray


def draw_pictures(seed: int, count: int, unseen: bool) -> Pictures:
    """`count` random scenes with one picture each; the same seed gives the same."""
    random = np.random.default_rng(seed)
    return _pictures_of([draw_scene(random, unseen) for _ in range(count)], random)


def draw_candidates(seed: int, count: int, unseen: bool) -> Pictures:
    """The same without a scene twice among the CANDIDATES of one retrieval: no caption could tell two apart."""
    random = np.random.default_rng(seed)
    scenes: list[Scene] = []
    for index in range(count):
        scene = draw_scene(random, unseen)
        while scene in scenes[index - index % CANDIDATES :]:
            scene = draw_scene(random, unseen)
        scenes.append(scene)
    return _pictures_of(scenes, random)


def draw_families(seed: int, families: int) -> Pictures:
    """Scenes that differ in one thing only: FAMILY of each family, one after the other, one picture each."""
    random = np.random.default_rng([seed, FAMILY])
    scenes = [scene for _ in range(families) for scene in draw_family(random, FAMILY)]
    return _pictures_of(scenes, random)


def _pictures_of(scenes: list[Scene], random: np.random.Generator) -> Pictures:
    pixels = np.empty((len(scenes), IMAGE_SIZE, IMAGE_SIZE, 3), dtype=np.uint8)
    words = np.empty((len(scenes), SIDE * SIDE, 3), dtype=np.int64)
    for index, scene in enumerate(scenes):
        objects = place(scene, random)
        # What CLIPImageProcessor does with a square picture.
        picture = paint(objects, scene.background, random)
        pixels[index] = np.asarray(picture.resize((IMAGE_SIZE, IMAGE_SIZE), Image.Resampling.BICUBIC))
        words[index] = words_of_patches(objects)
    return Pictures(scenes, pixels, words)


def words_of_patches(objects: list[Placed]) -> np.ndarray:
    """Shape, colour and fill of the object that covers most of each patch; their number for patches of ground."""
    edges = np.arange(SIDE + 1) * CANVAS / SIDE
    found = np.empty((SIDE, SIDE, 3), dtype=np.int64)
    found[:] = [len(SHAPES), len(COLOURS), len(TEXTURES)]
    most = np.full((SIDE, SIDE), COVERED * (CANVAS / SIDE) ** 2)
    for placed in objects:
        reach = 0.85 * placed.radius
        columns, rows = (
            np.clip(np.minimum(edges[1:], at + reach) - np.maximum(edges[:-1], at - reach), 0, None)
            for at in (placed.x, placed.y)
        )
        covered = np.outer(rows, columns)
        thing = placed.thing
        found[covered > most] = [
            SHAPES.index(thing.shape), COLOURS.index(thing.colour), TEXTURES.index(thing.texture)
        ]
        most = np.maximum(most, covered)
    return found.reshape(-1, 3)


def normalised(pixels: np.ndarray) -> np.ndarray:
    """uint8 [N, H, W, 3] to float32 [N, 3, H, W], as CLIPImageProcessor gives them."""
    scaled = (pixels.astype(np.float32) / 255 - np.array(MEAN, np.float32)) / np.array(STD, np.float32)
    return np.ascontiguousarray(scaled.transpose(0, 3, 1, 2))
