"""Scenes to pictures: shapes turned a little, grounds with a slope of light, sensor noise."""

import math

import numpy as np
from PIL import Image, ImageDraw

from scenes import CANVAS, Scene, Thing

# Masks are drawn larger and averaged down, so that edges are smooth.
SUPERSAMPLING = 2
RGB = {
    "red": (214, 38, 38),
    "green": (40, 160, 60),
    "blue": (40, 70, 210),
    "yellow": (240, 215, 40),
    "purple": (130, 45, 165),
    "orange": (240, 135, 30),
    "white": (245, 245, 245),
    "grey": (128, 128, 128),
    "black": (18, 18, 18),
    "beige": (214, 190, 150),
}


def draw_picture(scene: Scene, random: np.random.Generator) -> Image.Image:
    """One of the many pictures of a scene: CANVAS x CANVAS, RGB."""
    canvas = _background(scene.background, random)
    for thing in scene.things:
        _paint(canvas, thing, random)
    noise = random.normal(0, random.uniform(0, 8), size=(CANVAS, CANVAS, 1)).astype(np.float32)
    lit = canvas * np.float32(random.uniform(0.9, 1.08)) + noise
    return Image.fromarray(np.clip(lit, 0, 255).round().astype(np.uint8))


def _background(colour: str, random: np.random.Generator) -> np.ndarray:
    base = np.array(RGB[colour]) + random.normal(0, 6, size=3)
    rows, columns = np.mgrid[-1 : 1 : CANVAS * 1j, -1 : 1 : CANVAS * 1j]
    slope = random.uniform(-8, 8, size=2)
    return (base + (slope[0] * rows + slope[1] * columns)[..., None]).astype(np.float32)


def _paint(canvas: np.ndarray, thing: Thing, random: np.random.Generator) -> None:
    turn = math.radians(random.uniform(-12, 12))
    colour = (np.array(RGB[thing.colour]) + random.normal(0, 9, size=3)).astype(np.float32)
    # Only the square around the object is touched; its corners reach a little further than the radius.
    reach = math.ceil(1.35 * thing.radius) + 1
    left, top = max(0, int(thing.x) - reach), max(0, int(thing.y) - reach)
    rows, columns = slice(top, int(thing.y) + reach), slice(left, int(thing.x) + reach)
    part = canvas[rows, columns]
    mask = _mask(thing, (left, top), part.shape[:2], turn)[..., None]
    canvas[rows, columns] = part * (1 - mask) + colour * mask


def _mask(
    thing: Thing, origin: tuple[int, int], shape: tuple[int, int], turn: float
) -> np.ndarray:
    scale = SUPERSAMPLING
    image = Image.new("L", (shape[1] * scale, shape[0] * scale), 0)
    pen = ImageDraw.Draw(image)
    x, y = thing.x - origin[0], thing.y - origin[1]
    if thing.shape in ("circle", "ring"):
        pen.ellipse(_box(x, y, thing.radius), fill=255)
        if thing.shape == "ring":
            pen.ellipse(_box(x, y, 0.55 * thing.radius), fill=0)
    else:
        cosine, sine = math.cos(turn), math.sin(turn)
        pen.polygon(
            [
                (
                    (x + thing.radius * (a * cosine - b * sine)) * scale,
                    (y + thing.radius * (a * sine + b * cosine)) * scale,
                )
                for a, b in OUTLINES[thing.shape]
            ],
            fill=255,
        )
    return np.asarray(image.reduce(scale), dtype=np.float32) / 255


def _box(x: float, y: float, reach: float) -> list[float]:
    return [corner * SUPERSAMPLING for corner in (x - reach, y - reach, x + reach, y + reach)]


def _star() -> list[tuple[float, float]]:
    points = []
    for tip in range(10):
        angle, reach = math.pi * tip / 5, 1.1 if tip % 2 == 0 else 0.45
        points.append((reach * math.sin(angle), -reach * math.cos(angle)))
    return points


# Corners of each shape around (0, 0), y pointing down, about one radius away.
OUTLINES = {
    "square": [(-0.85, -0.85), (0.85, -0.85), (0.85, 0.85), (-0.85, 0.85)],
    "triangle": [(0, -1.0), (1.0, 0.8), (-1.0, 0.8)],
    "cross": [
        (-0.33, -1), (0.33, -1), (0.33, -0.33), (1, -0.33), (1, 0.33), (0.33, 0.33),
        (0.33, 1), (-0.33, 1), (-0.33, 0.33), (-1, 0.33), (-1, -0.33), (-0.33, -0.33),
    ],
    "star": _star(),
}  # fmt: skip
