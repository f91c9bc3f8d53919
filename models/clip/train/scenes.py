"""What the pictures can show: the words of the little world, and seeded samples from it."""

from dataclasses import dataclass, replace

import numpy as np

SHAPES = ["circle", "square", "triangle", "star", "diamond", "cross", "ring", "heart"]
COLOURS = ["red", "green", "blue", "yellow", "orange", "purple", "pink", "cyan"]
TEXTURES = ["plain", "striped", "dotted"]
SIZES = ["small", "big"]
BACKGROUNDS = ["white", "grey", "black", "beige"]
POSITIONS = ["top left", "top right", "bottom left", "bottom right", "middle"]
RELATIONS = ["left of", "right of", "above", "below"]
COUNTS = [2, 3, 4]

KINDS = ["single", "count", "relation"]
KIND_SHARES = [0.45, 0.2, 0.35]


def is_unseen(colour: str, shape: str) -> bool:
    """Whether this pair of colour and shape never occurs in training: 16 of 64, two for every word."""
    return (3 * SHAPES.index(shape) + COLOURS.index(colour)) % 4 == 0


PAIRS = [(colour, shape) for colour in COLOURS for shape in SHAPES]
SEEN_PAIRS = [pair for pair in PAIRS if not is_unseen(*pair)]
UNSEEN_PAIRS = [pair for pair in PAIRS if is_unseen(*pair)]


@dataclass(frozen=True)
class Thing:
    """One kind of object."""

    colour: str
    shape: str
    texture: str


@dataclass(frozen=True)
class Scene:
    """What a picture shows. `size` and `position` belong to a single object, `relation` to two."""

    kind: str
    things: tuple[Thing, ...]
    background: str
    size: str = ""
    position: str = ""
    relation: str = ""
    count: int = 1


def draw_scene(random: np.random.Generator, unseen: bool) -> Scene:
    """A random scene. `unseen`: its first object has a pair that training never shows."""
    kind = str(random.choice(KINDS, p=KIND_SHARES))
    first = _draw_thing(random, UNSEEN_PAIRS if unseen else SEEN_PAIRS)
    background = _one_of(random, BACKGROUNDS)
    if kind == "single":
        return Scene(
            kind, (first,), background, size=_one_of(random, SIZES), position=_one_of(random, POSITIONS)
        )
    if kind == "count":
        return Scene(kind, (first,), background, count=int(random.choice(COUNTS)))
    second = _draw_thing(random, UNSEEN_PAIRS if unseen else SEEN_PAIRS)
    while (second.colour, second.shape) == (first.colour, first.shape):
        second = _draw_thing(random, UNSEEN_PAIRS if unseen else SEEN_PAIRS)
    return Scene(kind, (first, second), background, relation=_one_of(random, RELATIONS))


def draw_family(random: np.random.Generator, size: int) -> list[Scene]:
    """A scene of seen pairs and others that differ from it in one thing only, mostly in a shape."""
    family = [draw_scene(random, unseen=False)]
    while len(family) < size:
        other = _change(family[0], random)
        if other not in family:
            family.append(other)
    return family


def _change(scene: Scene, random: np.random.Generator) -> Scene:
    if random.random() < 0.2:
        return replace(scene, background=_one_of(random, BACKGROUNDS))
    if random.random() < 0.2:
        if scene.kind == "single":
            return replace(
                scene, size=_one_of(random, SIZES), position=_one_of(random, POSITIONS)
            )
        if scene.kind == "count":
            return replace(scene, count=int(random.choice(COUNTS)))
        return replace(scene, relation=_one_of(random, RELATIONS))
    place = int(random.integers(len(scene.things)))
    thing = scene.things[place]
    share = random.random()
    if share < 0.7:
        shapes = [shape for shape in SHAPES if not is_unseen(thing.colour, shape)]
        thing = replace(thing, shape=_one_of(random, shapes))
    elif share < 0.85:
        colours = [colour for colour in COLOURS if not is_unseen(colour, thing.shape)]
        thing = replace(thing, colour=_one_of(random, colours))
    else:
        thing = replace(thing, texture=_one_of(random, TEXTURES))
    things = list(scene.things)
    things[place] = thing
    if len({(other.colour, other.shape) for other in things}) < len(things):
        return scene
    return replace(scene, things=tuple(things))


def _draw_thing(random: np.random.Generator, pairs: list[tuple[str, str]]) -> Thing:
    colour, shape = pairs[random.integers(len(pairs))]
    return Thing(colour, shape, _one_of(random, TEXTURES))


def _one_of(random: np.random.Generator, words: list[str]) -> str:
    return words[random.integers(len(words))]
