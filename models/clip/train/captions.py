"""Scenes to sentences: complete ones, that name all there is to see, and shorter ones for training."""

import numpy as np

from scenes import Scene, Thing

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
    left_out = random.random() if share < 1 else 1.0
    colour = "" if left_out < 0.12 else f"{thing.colour} "
    shape = "shape" if 0.12 <= left_out < 0.24 else thing.shape
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
