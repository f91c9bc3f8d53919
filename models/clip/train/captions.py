"""Scenes to sentences: complete ones, that name all there is to see, and shorter ones for training."""

from collections.abc import Callable

import numpy as np

from scenes import BACKGROUNDS, COLOURS, POSITIONS, SHAPES, SIZES, TEXTURES, Scene, Thing

OPENINGS = ["", "", "a picture of ", "a drawing of ", "an image of ", "a photo of "]
NUMBERS = {2: "two", 3: "three", 4: "four"}
PLURALS = {"cross": "crosses"}
WORDS_OF_SIZE = {"small": ["small", "little"], "big": ["big", "large"]}
WORDS_OF_RELATION = {
    "left of": ["left of", "to the left of"],
    "right of": ["right of", "to the right of"],
    "above": ["above", "over"],
    "below": ["below", "under"],
}


def short_captions(
    aspect: str, random: np.random.Generator
) -> tuple[list[str], Callable[[Scene], int]]:
    """Sentences about a single object that say one thing only, all that can be said of this aspect; and which of them
    is true of a scene."""
    truth, words, phrase = ASPECTS[aspect]
    opening = _one_of(random, OPENINGS)
    sentences = [opening + _one(phrase(word, random)) for word in words]
    return sentences, lambda scene: words.index(truth(scene))


def full_caption(scene: Scene, random: np.random.Generator) -> str:
    """A sentence with every attribute of the scene, so that another scene's sentence does not fit."""
    return _caption(scene, random, 1.0)


def short_caption(scene: Scene, random: np.random.Generator) -> str:
    """A true sentence that may leave out texture, size, position, background, now and then colour or shape."""
    return _caption(scene, random, 0.5)


def _caption(scene: Scene, random: np.random.Generator, share: float) -> str:
    def kept() -> bool:
        return bool(random.random() < share)

    opening = _one_of(random, OPENINGS)
    if scene.kind == "relation":
        first, second = (_one(_phrase(thing, kept(), random, share)) for thing in scene.things)
        body = f"{first} {_one_of(random, WORDS_OF_RELATION[scene.relation])} {second}"
    elif scene.kind == "count":
        phrase = _phrase(scene.things[0], kept(), random, share, plural=True)
        body = f"{NUMBERS[scene.count]} {phrase}"
    else:
        size = f"{_one_of(random, WORDS_OF_SIZE[scene.size])} " if kept() else ""
        body = _one(size + _phrase(scene.things[0], kept(), random, share))
        if kept():
            body += f" {_place(scene.position, random)}"
    return opening + body + (f" {_ground(scene.background, random)}" if kept() else "")


def _phrase(
    thing: Thing, with_texture: bool, random: np.random.Generator, share: float, plural: bool = False
) -> str:
    # Zero-shot prompts name a shape or a colour alone: "a photo of a star", "a photo of a red shape".
    colour = f"{thing.colour} " if random.random() < max(share, 0.65) else ""
    shape = thing.shape if random.random() < max(share, 0.75) else "shape"
    noun = PLURALS.get(shape, f"{shape}s") if plural else shape
    texture = f"{thing.texture} " if with_texture else ""
    return f"{texture}{colour}{noun}"


def _one(phrase: str) -> str:
    return f"an {phrase}" if phrase[0] in "aeiou" else f"a {phrase}"


def _place(position: str, random: np.random.Generator) -> str:
    if position == "middle":
        return _one_of(random, ["in the middle", "in the centre"])
    return _one_of(random, [f"in the {position} corner", f"at the {position}"])


def _ground(background: str, random: np.random.Generator) -> str:
    return _one_of(random, [f"on a {background} background", f"on {background}"])


def _one_of(random: np.random.Generator, words: list[str]) -> str:
    return words[random.integers(len(words))]


# Of each aspect of a single object: what is true of a scene, the words there are, and how they are said.
ASPECTS = {
    "shape": (lambda scene: scene.things[0].shape, SHAPES, lambda word, _: word),
    "colour": (lambda scene: scene.things[0].colour, COLOURS, lambda word, _: f"{word} shape"),
    "fill": (lambda scene: scene.things[0].texture, TEXTURES, lambda word, _: f"{word} shape"),
    "size": (
        lambda scene: scene.size,
        SIZES,
        lambda word, random: f"{_one_of(random, WORDS_OF_SIZE[word])} shape",
    ),
    "place": (
        lambda scene: scene.position,
        POSITIONS,
        lambda word, random: f"shape {_place(word, random)}",
    ),
    "ground": (
        lambda scene: scene.background,
        BACKGROUNDS,
        lambda word, random: f"shape {_ground(word, random)}",
    ),
}
