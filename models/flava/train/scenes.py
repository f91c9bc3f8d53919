"""What the pictures show, and what is said about them: statements that are true or false of a scene."""

from dataclasses import dataclass

import numpy as np

SHAPES = ["circle", "square", "triangle", "star", "cross", "ring"]
COLOURS = ["red", "green", "blue", "yellow", "purple", "orange"]
BACKGROUNDS = ["white", "grey", "black", "beige"]
PAIRS = [(colour, shape) for colour in COLOURS for shape in SHAPES]
# In no picture and no statement of training: each colour and each shape once.
UNSEEN = [(COLOURS[place], SHAPES[(place + 1) % len(SHAPES)]) for place in range(len(COLOURS))]
SEEN = [pair for pair in PAIRS if pair not in UNSEEN]

# Side of a picture in px. Objects keep apart, and relations are only spoken of where they are plain to see.
CANVAS = 128
RADIUS = (20, 26)
PLAIN_TO_SEE = 28

# How often each kind of statement is made.
KINDS = {"there": 0.4, "place": 0.35, "relation": 0.25}
OPPOSITES = {"left of": "right of", "right of": "left of", "above": "below", "below": "above"}
WORDS_OF_RELATION = {
    "left of": ["left of", "to the left of"],
    "right of": ["right of", "to the right of"],
    "above": ["above", "over"],
    "below": ["below", "under"],
}
PLACES = {"left": "right", "right": "left", "top": "bottom", "bottom": "top"}


@dataclass(frozen=True)
class Thing:
    """One object; x and y in px from the top left."""

    colour: str
    shape: str
    x: float
    y: float
    radius: float


@dataclass(frozen=True)
class Scene:
    """Two or three objects, no two of them with the same colour and shape."""

    things: tuple[Thing, ...]
    background: str


@dataclass(frozen=True)
class Statement:
    """A sentence, whether it is true of its scene, and whether it names a pair that training never showed."""

    text: str
    kind: str
    is_true: bool
    is_unseen: bool


def draw_scene(random: np.random.Generator, pairs: list[tuple[str, str]] = PAIRS) -> Scene:
    """A random scene of these pairs of colour and shape."""
    count = 2 if random.random() < 0.7 else 3
    shown = [pairs[index] for index in random.choice(len(pairs), count, replace=False)]
    things = [
        Thing(colour, shape, x, y, float(random.uniform(*RADIUS)))
        for (colour, shape), (x, y) in zip(shown, _apart(count, random))
    ]
    return Scene(tuple(things), BACKGROUNDS[random.integers(len(BACKGROUNDS))])


def _apart(count: int, random: np.random.Generator) -> list[tuple[float, float]]:
    # A fresh start after some misses: three objects do not fit around every first two.
    edge = RADIUS[1]
    while True:
        places: list[tuple[float, float]] = []
        for _ in range(30):
            x, y = random.uniform(edge, CANVAS - edge, size=2)
            if all(np.hypot(x - a, y - b) > 2.15 * RADIUS[1] for a, b in places):
                places.append((float(x), float(y)))
            if len(places) == count:
                return places


def mirrored(scene: Scene) -> Scene:
    """Left and right exchanged; every shape is its own mirror image."""
    things = (Thing(it.colour, it.shape, CANVAS - it.x, it.y, it.radius) for it in scene.things)
    return Scene(tuple(things), scene.background)


def state(
    scene: Scene,
    is_true: bool,
    random: np.random.Generator,
    pairs: list[tuple[str, str]] = PAIRS,
) -> Statement:
    """A random statement about a scene, naming nothing but these pairs of colour and shape.

    True and false ones have the same words equally often: the sentence alone says nothing about the answer, and
    neither does the picture.
    """
    kind = str(random.choice(list(KINDS), p=list(KINDS.values())))
    text = None
    if kind == "relation":
        text = _relation(scene, is_true, random)
    elif kind == "place":
        text = _place(scene, is_true, random)
    if text is None:
        kind, text = "there", _there(scene, is_true, random, pairs)
    is_unseen = any(f"{colour} {shape}" in text for colour, shape in UNSEEN)
    return Statement(text, kind, is_true, is_unseen)


def _there(
    scene: Scene,
    is_true: bool,
    random: np.random.Generator,
    pairs: list[tuple[str, str]],
) -> str:
    shown = [(thing.colour, thing.shape) for thing in scene.things]
    if is_true:
        colour, shape = shown[random.integers(len(shown))]
    else:
        # Nearly right: the colour of one object with the shape of another, or one of the two changed.
        absent = [pair for pair in pairs if pair not in shown]
        colours, shapes = ([pair[place] for pair in shown] for place in (0, 1))
        mixed = [pair for pair in absent if pair[0] in colours and pair[1] in shapes]
        near = [pair for pair in absent if pair[0] in colours or pair[1] in shapes]
        choices = mixed if mixed and random.random() < 0.5 else near
        colour, shape = choices[random.integers(len(choices))]
    return f"{_one_of(random, ['there is', 'the picture shows'])} {_a(colour)} {shape}"


def _relation(scene: Scene, is_true: bool, random: np.random.Generator) -> str | None:
    found = [
        (a, relation, b)
        for a in scene.things
        for b in scene.things
        if a is not b
        for relation in _relations(a, b)
    ]
    if not found:
        return None
    a, relation, b = found[random.integers(len(found))]
    said = relation if is_true else OPPOSITES[relation]
    return f"the {_name(a)} is {_one_of(random, WORDS_OF_RELATION[said])} the {_name(b)}"


def _relations(a: Thing, b: Thing) -> list[str]:
    found = []
    if abs(a.x - b.x) > PLAIN_TO_SEE:
        found.append("left of" if a.x < b.x else "right of")
    if abs(a.y - b.y) > PLAIN_TO_SEE:
        found.append("above" if a.y < b.y else "below")
    return found


def _place(scene: Scene, is_true: bool, random: np.random.Generator) -> str | None:
    middle, margin = CANVAS / 2, PLAIN_TO_SEE / 2
    found = []
    for thing in scene.things:
        if abs(thing.x - middle) > margin:
            found.append((thing, "left" if thing.x < middle else "right"))
        if abs(thing.y - middle) > margin:
            found.append((thing, "top" if thing.y < middle else "bottom"))
    if not found:
        return None
    thing, place = found[random.integers(len(found))]
    said = place if is_true else PLACES[place]
    preposition = "on" if said in ("left", "right") else "at"
    return f"the {_name(thing)} is {preposition} the {said}"


def _name(thing: Thing) -> str:
    return f"{thing.colour} {thing.shape}"


def _a(colour: str) -> str:
    return f"an {colour}" if colour[0] in "aeiou" else f"a {colour}"


def _one_of(random: np.random.Generator, words: list[str]) -> str:
    return words[random.integers(len(words))]
