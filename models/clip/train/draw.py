"""Scenes to pictures: shapes with jitter, fill patterns, backgrounds, light and sensor noise."""

import math
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw

from scenes import Scene, Thing

# Side of a picture in px; the model sees it smaller, as CLIPImageProcessor resizes it.
CANVAS = 128
# Masks are drawn larger and averaged down, so that edges are smooth.
SUPERSAMPLING = 2

RGB = {
    "red": (214, 38, 38),
    "green": (40, 160, 60),
    "blue": (40, 70, 210),
    "yellow": (240, 215, 40),
    "orange": (240, 135, 30),
    "purple": (130, 45, 165),
    "pink": (245, 140, 185),
    "cyan": (50, 200, 215),
    "white": (245, 245, 245),
    "grey": (128, 128, 128),
    "black": (18, 18, 18),
    "beige": (214, 190, 150),
}
CENTRES = {
    "top left": (36, 36),
    "top right": (92, 36),
    "bottom left": (36, 92),
    "bottom right": (92, 92),
    "middle": (64, 64),
}
RADII = {"small": (14, 18), "big": (26, 35)}


@dataclass(frozen=True)
class Placed:
    """An object with its centre and radius in px from the top left."""

    thing: Thing
    x: float
    y: float
    radius: float


def draw_picture(scene: Scene, random: np.random.Generator) -> Image.Image:
    """One of the many pictures of a scene: CANVAS x CANVAS, RGB."""
    return paint(place(scene, random), scene.background, random)


def paint(objects: list[Placed], background: str, random: np.random.Generator) -> Image.Image:
    """The picture of objects at their places."""
    canvas = _background(background, random)
    for placed in objects:
        _paint(canvas, placed, random)
    return Image.fromarray(_photographed(canvas, random))


def place(scene: Scene, random: np.random.Generator) -> list[Placed]:
    """Where the objects of a scene are, within what its words allow."""
    first = scene.things[0]
    if scene.kind == "single":
        x, y = CENTRES[scene.position]
        x, y = x + random.uniform(-5, 5), y + random.uniform(-5, 5)
        return [Placed(first, x, y, random.uniform(*RADII[scene.size]))]
    if scene.kind == "count":
        radius = random.uniform(14, 18)
        return [Placed(first, *centre, radius) for centre in _apart(scene.count, radius, random)]
    return [
        Placed(thing, *centre, random.uniform(18, 23))
        for thing, centre in zip(scene.things, _related(scene.relation, random))
    ]


def _apart(count: int, radius: float, random: np.random.Generator) -> list[tuple[float, float]]:
    # A fresh start after some misses: four large objects do not fit around a bad first choice.
    while True:
        places: list[tuple[float, float]] = []
        for _ in range(40):
            x, y = random.uniform(radius + 2, CANVAS - radius - 2, size=2)
            if all(math.hypot(x - a, y - b) > 2.3 * radius for a, b in places):
                places.append((float(x), float(y)))
            if len(places) == count:
                return places


def _related(relation: str, random: np.random.Generator) -> tuple[tuple[float, float], tuple[float, float]]:
    near, far = random.uniform(28, 38), random.uniform(90, 100)
    middle = random.uniform(44, 84)
    drift = random.uniform(-12, 12)
    low, high = middle - drift / 2, middle + drift / 2
    if relation == "left of":
        return (near, low), (far, high)
    if relation == "right of":
        return (far, low), (near, high)
    if relation == "above":
        return (low, near), (high, far)
    return (low, far), (high, near)


def _paint(canvas: np.ndarray, placed: Placed, random: np.random.Generator) -> None:
    thing, x, y, radius = placed.thing, placed.x, placed.y, placed.radius
    left, top = int(x - radius) - 2, int(y - radius) - 2
    side = int(2 * radius) + 5
    mask = _mask(thing.shape, x - left, y - top, radius, side, math.radians(random.uniform(-12, 12)))
    colour = np.array(RGB[thing.colour]) + random.normal(0, 9, size=3)
    pattern = _pattern(thing.texture, side, random)
    share = 0.65 * pattern[..., None]
    fill = colour * (1 - share) + 250 * share
    rows = slice(max(top, 0), min(top + side, CANVAS))
    columns = slice(max(left, 0), min(left + side, CANVAS))
    inside = (slice(rows.start - top, rows.stop - top), slice(columns.start - left, columns.stop - left))
    share = mask[inside][..., None]
    canvas[rows, columns] = canvas[rows, columns] * (1 - share) + fill[inside] * share


def _mask(shape: str, x: float, y: float, radius: float, side: int, turn: float) -> np.ndarray:
    scale = SUPERSAMPLING
    image = Image.new("L", (side * scale, side * scale), 0)
    pen = ImageDraw.Draw(image)
    box = [(x - radius) * scale, (y - radius) * scale, (x + radius) * scale, (y + radius) * scale]
    if shape in ("circle", "ring"):
        pen.ellipse(box, fill=255)
        if shape == "ring":
            hole = 0.55 * radius
            pen.ellipse(
                [(x - hole) * scale, (y - hole) * scale, (x + hole) * scale, (y + hole) * scale], fill=0
            )
    else:
        cosine, sine = math.cos(turn), math.sin(turn)
        pen.polygon(
            [
                (
                    (x + radius * (a * cosine - b * sine)) * scale,
                    (y + radius * (a * sine + b * cosine)) * scale,
                )
                for a, b in OUTLINES[shape]
            ],
            fill=255,
        )
    return np.asarray(image.reduce(scale), dtype=np.float32) / 255


def _pattern(texture: str, side: int, random: np.random.Generator) -> np.ndarray:
    rows, columns = np.mgrid[0:side, 0:side].astype(np.float32)
    period = random.uniform(8, 10)
    shift = random.uniform(0, period, size=2)
    if texture == "striped":
        angle = random.uniform(0, math.pi)
        along = columns * math.cos(angle) + rows * math.sin(angle) + shift[0]
        return np.clip(2 * np.cos(2 * math.pi * along / period) + 0.4, 0, 1)
    if texture == "dotted":
        grid = np.cos(2 * math.pi * (columns + shift[0]) / period) + np.cos(
            2 * math.pi * (rows + shift[1]) / period
        )
        return np.clip(2 * (grid - 0.6), 0, 1)
    return np.zeros((side, side), dtype=np.float32)


def _background(colour: str, random: np.random.Generator) -> np.ndarray:
    base = np.array(RGB[colour]) + random.normal(0, 6, size=3)
    rows, columns = np.mgrid[-1 : 1 : CANVAS * 1j, -1 : 1 : CANVAS * 1j]
    slope = random.uniform(-8, 8, size=2)
    return base + (slope[0] * rows + slope[1] * columns)[..., None]


def _photographed(canvas: np.ndarray, random: np.random.Generator) -> np.ndarray:
    light = random.uniform(0.9, 1.08)
    noise = random.normal(0, random.uniform(0, 8), size=(CANVAS, CANVAS, 1))
    return np.clip(canvas * light + noise, 0, 255).round().astype(np.uint8)


def _star() -> list[tuple[float, float]]:
    points = []
    for tip in range(10):
        angle, reach = math.pi * tip / 5, 1.1 if tip % 2 == 0 else 0.45
        points.append((reach * math.sin(angle), -reach * math.cos(angle)))
    return points


def _heart() -> list[tuple[float, float]]:
    points = []
    for step in range(40):
        t = 2 * math.pi * step / 40
        points.append(
            (
                math.sin(t) ** 3,
                -(13 * math.cos(t) - 5 * math.cos(2 * t) - 2 * math.cos(3 * t) - math.cos(4 * t)) / 16,
            )
        )
    return points


# Corners of each shape around (0, 0), y pointing down, about one radius away.
OUTLINES = {
    "square": [(-0.85, -0.85), (0.85, -0.85), (0.85, 0.85), (-0.85, 0.85)],
    "triangle": [(0, -1.0), (1.0, 0.8), (-1.0, 0.8)],
    "diamond": [(0, -1.1), (0.7, 0), (0, 1.1), (-0.7, 0)],
    "cross": [
        (-0.33, -1), (0.33, -1), (0.33, -0.33), (1, -0.33), (1, 0.33), (0.33, 0.33),
        (0.33, 1), (-0.33, 1), (-0.33, 0.33), (-1, 0.33), (-1, -0.33), (-0.33, -0.33),
    ],
    "star": _star(),
    "heart": _heart(),
}  # fmt: skip
