"""One labelled picture: an object in front of a background, half hidden, badly lit, noisy, and compressed."""

import io
from typing import NamedTuple

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from shapes import LABELS, OBJECTS, Random


class Scene(NamedTuple):
    """An image file and what it shows."""

    content: bytes
    suffix: str  # jpg or png
    label: int


def draw_scene(seed: int, index: int) -> Scene:
    """Picture `index` of the endless set `seed`: the same two numbers give the same bytes."""
    random = np.random.default_rng([seed, index])
    label = int(random.integers(len(LABELS)))
    width, height = _picture_size(random)
    body = random.uniform(20, 235, size=3)
    canvas = _background(random, width, height, away_from=body)
    for _ in range(random.integers(0, 5)):
        _distractor(random, canvas)
    _place_object(random, canvas, label, body)
    if random.random() < 0.4:
        _occluder(random, canvas)
    return _photograph(random, canvas, label)


def _picture_size(random: Random) -> tuple[int, int]:
    short = int(random.integers(104, 193))
    long = int(short * random.uniform(1, 1.4))
    return (short, long) if random.random() < 0.4 else (long, short)


def _background(random: Random, width: int, height: int, away_from: np.ndarray) -> Image.Image:
    """Two colours, mixed by a pattern; their mean keeps away from the object's colour."""
    while True:
        first, second = random.uniform(10, 245, size=(2, 3))
        if np.abs((first + second) / 2 - away_from).mean() > 45:
            break
    kind = random.choice(["gradient", "clouds", "stripes", "checks", "grain"])
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    angle = random.uniform(0, np.pi)
    along = x * np.cos(angle) + y * np.sin(angle)
    if kind == "gradient":
        mix = (along - along.min()) / (np.ptp(along) + 1)
    elif kind == "clouds":
        cells = random.integers(0, 256, size=(random.integers(3, 12), random.integers(3, 12)), dtype=np.uint8)
        mix = np.asarray(Image.fromarray(cells).resize((width, height), Image.Resampling.BICUBIC)) / 255
    elif kind == "stripes":
        mix = 0.5 + 0.5 * np.sin(along * 2 * np.pi / random.uniform(8, 50))
    elif kind == "checks":
        cell = random.uniform(8, 40)
        across = y * np.cos(angle) - x * np.sin(angle)
        mix = (np.floor(along / cell) + np.floor(across / cell)) % 2
    else:
        mix = random.uniform(0, 1, size=(height, width))
    mix = mix * random.uniform(0.3, 1)
    colours = first + (second - first) * mix[..., None]
    return Image.fromarray(colours.clip(0, 255).astype(np.uint8))


def _distractor(random: Random, canvas: Image.Image) -> None:
    """A small polygon or a line behind the object."""
    draw = ImageDraw.Draw(canvas)
    colour = tuple(random.integers(0, 256, size=3).tolist())
    size = min(canvas.size) * random.uniform(0.04, 0.16)
    centre = random.uniform(0, 1, size=2) * canvas.size
    if random.random() < 0.3:
        end = random.uniform(0, 1, size=2) * canvas.size
        draw.line([*centre, *end], fill=colour, width=int(random.integers(1, 5)))
    else:
        angles = np.sort(random.uniform(0, 2 * np.pi, size=int(random.integers(3, 8))))
        corners = centre + size * np.column_stack([np.cos(angles), np.sin(angles)])
        draw.polygon([tuple(corner) for corner in corners], fill=colour)


def _place_object(random: Random, canvas: Image.Image, label: int, body: np.ndarray) -> None:
    """The object, mirrored, stretched, sheared, turned by up to 60 degrees, off the centre, with a texture."""
    parts = OBJECTS[LABELS[label]](random)
    size = min(canvas.size) * random.uniform(0.3, 0.46)
    angle = np.radians(random.uniform(-60, 60))
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    stretch = np.diag([random.choice([-1, 1]) * random.uniform(0.85, 1.15), random.uniform(0.85, 1.15)])
    shear = np.array([[1, random.uniform(-0.2, 0.2)], [0, 1]])
    transform = stretch @ shear @ turn * size
    centre = np.array(canvas.size) / 2 + random.uniform(-0.1, 0.1, size=2) * min(canvas.size)

    accent = random.uniform(20, 235, size=3)
    colours = {"body": body, "accent": accent, "dark": body * 0.35, "light": 255 - (255 - body) * 0.35}
    # Twice the size, then halved: smooth edges.
    layer = Image.new("RGB", (canvas.width * 2, canvas.height * 2))
    mask = Image.new("L", layer.size)
    paint, cut = ImageDraw.Draw(layer), ImageDraw.Draw(mask)
    for part, points in parts:
        corners = [tuple(corner) for corner in (points @ transform + centre) * 2]
        paint.polygon(corners, fill=tuple(int(value) for value in colours[part]))
        cut.polygon(corners, fill=255)
    pixels = np.asarray(layer.reduce(2), dtype=np.float32) * _texture(random, canvas.size)[..., None]
    textured = Image.fromarray(pixels.clip(0, 255).astype(np.uint8))
    canvas.paste(textured, mask=mask.reduce(2))


def _texture(random: Random, size: tuple[int, int]) -> np.ndarray:
    """What the object's brightness is multiplied by: plain, striped or shaded."""
    width, height = size
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    angle = random.uniform(0, np.pi)
    along = x * np.cos(angle) + y * np.sin(angle)
    kind = random.choice(["plain", "stripes", "shade"])
    if kind == "stripes":
        return 1 + random.uniform(0.05, 0.25) * np.sin(along * 2 * np.pi / random.uniform(5, 20))
    if kind == "shade":
        return 0.75 + 0.5 * (along - along.min()) / (np.ptp(along) + 1)
    return np.ones((height, width), dtype=np.float32)


def _occluder(random: Random, canvas: Image.Image) -> None:
    """A bar or a patch in front of the object."""
    draw = ImageDraw.Draw(canvas)
    colour = tuple(random.integers(0, 256, size=3).tolist())
    side = min(canvas.size)
    centre = np.array(canvas.size) / 2 + random.uniform(-0.3, 0.3, size=2) * side
    angle = random.uniform(0, np.pi)
    half = np.array([side, side * random.uniform(0.02, 0.05)])
    if random.random() < 0.6:
        half = side * random.uniform(0.06, 0.13, size=2)
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    corners = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) * half @ turn + centre
    draw.polygon([tuple(corner) for corner in corners], fill=colour)


def _photograph(random: Random, canvas: Image.Image, label: int) -> Scene:
    """Light, gamma, blur, noise, then JPEG at quality 25 to 95, sometimes PNG."""
    if random.random() < 0.5:
        canvas = canvas.filter(ImageFilter.GaussianBlur(random.uniform(0.3, 1.4)))
    pixels = np.asarray(canvas, dtype=np.float32) / 255
    height, width = pixels.shape[:2]
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    angle = random.uniform(0, 2 * np.pi)
    along = (x / width - 0.5) * np.cos(angle) + (y / height - 0.5) * np.sin(angle)
    light = random.uniform(0.6, 1.15) * (1 + random.uniform(0, 0.7) * along)
    pixels = np.clip(pixels * light[..., None] * random.uniform(0.9, 1.1, size=3), 0, 1)
    pixels = pixels ** random.uniform(0.75, 1.35)
    pixels = pixels + random.normal(0, random.uniform(0, 0.06), size=pixels.shape).astype(np.float32)
    picture = Image.fromarray((pixels.clip(0, 1) * 255).astype(np.uint8))
    content = io.BytesIO()
    if random.random() < 0.1:
        picture.save(content, "PNG")
        return Scene(content.getvalue(), "png", label)
    picture.save(content, "JPEG", quality=int(random.integers(25, 96)))
    return Scene(content.getvalue(), "jpg", label)
