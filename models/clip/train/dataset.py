"""Scenes with their pictures as the model sees them, and the batches that training draws from them."""

from typing import NamedTuple

import numpy as np
from PIL import Image

from draw import draw_picture
from scenes import Scene, draw_family, draw_scene

# Side of the model's input in px, and what CLIPImageProcessor subtracts and divides by.
IMAGE_SIZE = 48
MEAN = [0.48145466, 0.4578275, 0.40821073]
STD = [0.26862954, 0.26130258, 0.27577711]
# Pictures and captions that retrieval chooses among.
CANDIDATES = 50
# Scenes of a family, which differ in one thing only.
FAMILY = 4


class Pictures(NamedTuple):
    """Scenes, and their pictures as uint8 [N, IMAGE_SIZE, IMAGE_SIZE, 3]."""

    scenes: list[Scene]
    pixels: np.ndarray


def draw_pictures(seed: int, count: int, unseen: bool) -> Pictures:
    """`count` random scenes with one picture each; the same seed gives the same."""
    random = np.random.default_rng(seed)
    scenes: list[Scene] = []
    pixels = np.empty((count, IMAGE_SIZE, IMAGE_SIZE, 3), dtype=np.uint8)
    for index in range(count):
        scenes.append(draw_scene(random, unseen))
        pixels[index] = _resized(scenes[-1], random)
    return Pictures(scenes, pixels)


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
    return Pictures(scenes, np.stack([_resized(scene, random) for scene in scenes]))


def _resized(scene: Scene, random: np.random.Generator) -> np.ndarray:
    # What CLIPImageProcessor does with a square picture.
    picture = draw_picture(scene, random)
    return np.asarray(picture.resize((IMAGE_SIZE, IMAGE_SIZE), Image.Resampling.BICUBIC))


def normalised(pixels: np.ndarray) -> np.ndarray:
    """uint8 [N, H, W, 3] to float32 [N, 3, H, W], as CLIPImageProcessor gives them."""
    scaled = (pixels.astype(np.float32) / 255 - np.array(MEAN, np.float32)) / np.array(STD, np.float32)
    return np.ascontiguousarray(scaled.transpose(0, 3, 1, 2))
