"""The ten objects, as polygons in their own coordinates (about -1 to 1, y down), each drawn a little differently
every time.

A drawing is a list of (part, points): `body` and `accent` get a colour of their own, `dark` and `light` a shade of
the body's colour. Later parts lie over earlier ones.
"""

from collections.abc import Callable

import numpy as np

Part = tuple[str, np.ndarray]
Random = np.random.Generator


def _ellipse(x: float, y: float, width: float, height: float, start=0.0, stop=360.0) -> np.ndarray:
    angles = np.radians(np.linspace(start, stop, 40))
    return np.column_stack([x + width * np.cos(angles), y + height * np.sin(angles)])


def _box(left: float, top: float, right: float, bottom: float) -> np.ndarray:
    return np.array([[left, top], [right, top], [right, bottom], [left, bottom]])


def _ring(x: float, y: float, outer: float, inner: float, start=0.0, stop=360.0) -> np.ndarray:
    return np.concatenate(
        [_ellipse(x, y, outer, outer, start, stop), _ellipse(x, y, inner, inner, start, stop)[::-1]]
    )


def car(random: Random) -> list[Part]:
    """A long body, a cabin with windows, two wheels."""
    roof, wheel = random.uniform(-0.5, -0.35), random.uniform(0.17, 0.25)
    front, back = random.uniform(0.2, 0.5), random.uniform(-0.75, -0.4)
    cabin = np.array([[back, -0.02], [back + 0.2, roof], [front - 0.22, roof], [front, -0.02]])
    centre = cabin.mean(axis=0)
    body = np.array([[-0.95, 0.0], [0.7, -0.05], [0.97, 0.12], [0.97, 0.35], [-0.95, 0.35]])
    parts = [("body", body), ("body", cabin), ("light", centre + (cabin - centre) * [0.75, 0.65])]
    for x in (-0.55, 0.55):
        parts += [("dark", _ellipse(x, 0.36, wheel, wheel)), ("light", _ellipse(x, 0.36, wheel / 2, wheel / 2))]
    return parts


def clock(random: Random) -> list[Part]:
    """A rim, a face with marks, two hands."""
    rim = random.uniform(0.1, 0.22)
    parts = [("body", _ellipse(0, 0, 0.92, 0.92)), ("light", _ellipse(0, 0, 0.92 - rim, 0.92 - rim))]
    for hour in range(0, 12, int(random.choice([1, 3]))):
        direction = np.array([np.cos(hour * np.pi / 6), np.sin(hour * np.pi / 6)])
        parts.append(("dark", _stroke(direction * (0.75 - rim), direction * (0.87 - rim), 0.035)))
    for length in (random.uniform(0.3, 0.42), random.uniform(0.5, 0.64)):
        angle = random.uniform(0, 2 * np.pi)
        end = np.array([np.cos(angle), np.sin(angle)]) * length
        parts.append(("dark", _stroke(np.zeros(2), end, 0.055)))
    return parts


def cup(random: Random) -> list[Part]:
    """Sides that taper down, a ring for a handle, mostly a band."""
    top, bottom = random.uniform(0.5, 0.68), random.uniform(0.34, 0.5)
    height = random.uniform(0.5, 0.75)
    handle = _ring(top - 0.05, 0, random.uniform(0.34, 0.42), random.uniform(0.18, 0.25), -90, 90)
    sides = np.array([[-top, -height], [top, -height], [bottom, height], [-bottom, height]])
    parts = [("body", handle), ("body", sides), ("dark", _ellipse(0, -height, top, 0.1))]
    if random.random() < 0.6:
        parts.append(("accent", sides * [1, 0.25] * [0.9, 1] + [0, 0.1]))
    return [(part, points - [0.15, 0]) for part, points in parts]


def fish(random: Random) -> list[Part]:
    """An oval with a forked tail, fins and an eye."""
    height, tail = random.uniform(0.3, 0.48), random.uniform(0.3, 0.5)
    return [
        ("accent", np.array([[0.45, 0], [0.97, -tail], [0.82, 0], [0.97, tail]])),
        ("accent", np.array([[-0.2, -height * 0.8], [0.1, -height - 0.25], [0.25, -height * 0.7]])),
        ("body", _ellipse(-0.15, 0, 0.75, height)),
        ("dark", np.array([[-0.1, 0.02], [0.2, 0.2], [0.18, -0.08]])),
        ("light", _ellipse(-0.6, -0.1, 0.09, 0.09)),
        ("dark", _ellipse(-0.61, -0.1, 0.045, 0.045)),
    ]


def flower(random: Random) -> list[Part]:
    """Five to eight round petals about a centre."""
    petals, length = int(random.integers(5, 9)), random.uniform(0.52, 0.62)
    width = random.uniform(0.75, 1.0) * np.pi * length / petals
    parts: list[Part] = []
    for angle in np.linspace(0, 2 * np.pi, petals, endpoint=False):
        petal = _ellipse(length, 0, 0.36, width)
        parts.append(("body", petal @ _rotation(angle)))
    centre = random.uniform(0.2, 0.32)
    return [*parts, ("accent", _ellipse(0, 0, centre, centre))]


def house(random: Random) -> list[Part]:
    """A wall, a gable roof, a door and windows, sometimes a chimney."""
    eaves, ridge = random.uniform(-0.3, 0.0), random.uniform(-0.95, -0.7)
    half = random.uniform(0.55, 0.75)
    parts: list[Part] = []
    if random.random() < 0.5:
        parts.append(("dark", _box(half - 0.3, ridge + 0.05, half - 0.12, eaves)))
    parts.append(("body", _box(-half, eaves, half, 0.85)))
    parts.append(("accent", np.array([[-half - 0.15, eaves], [0, ridge], [half + 0.15, eaves]])))
    door = random.uniform(-0.3, 0.3)
    parts.append(("dark", _box(door - 0.13, 0.35, door + 0.13, 0.85)))
    for x in (-half + 0.2, half - 0.2):
        if abs(x - door) > 0.28:
            parts.append(("light", _box(x - 0.11, eaves + 0.2, x + 0.11, eaves + 0.42)))
    return parts


def key(random: Random) -> list[Part]:
    """A ring, a shaft, two or three teeth."""
    bow = random.uniform(0.3, 0.4)
    parts = [("body", _ring(-0.6, 0, bow, bow * random.uniform(0.4, 0.6)))]
    parts.append(("body", _box(-0.6 + bow - 0.05, -0.08, 0.95, 0.08)))
    for x in np.linspace(0.5, 0.85, int(random.integers(2, 4))):
        parts.append(("body", _box(x - 0.06, 0, x + 0.06, random.uniform(0.22, 0.4))))
    return parts


def mushroom(random: Random) -> list[Part]:
    """A domed cap, mostly with spots, on a thick stem."""
    cap, stem = random.uniform(0.6, 0.9), random.uniform(0.16, 0.28)
    parts = [
        ("light", np.array([[-stem, 0], [stem, 0], [stem * 1.3, 0.85], [-stem * 1.3, 0.85]])),
        ("body", _ellipse(0, 0.08, 0.85, cap, 180, 360)),
    ]
    if random.random() < 0.7:
        for x, y in ((-0.4, -0.18), (0.05, -0.42), (0.42, -0.15)):
            size = random.uniform(0.07, 0.13)
            parts.append(("accent", _ellipse(x, y * cap / 0.7, size, size)))
    return parts


def sailboat(random: Random) -> list[Part]:
    """A hull, a mast, a large and a small sail."""
    mast, top = random.uniform(-0.15, 0.1), random.uniform(-0.98, -0.8)
    return [
        ("dark", _box(mast - 0.035, top, mast + 0.035, 0.5)),
        ("light", np.array([[mast + 0.05, top + 0.05], [mast + 0.05, 0.3], [0.75, 0.3]])),
        ("accent", np.array([[mast - 0.05, top + 0.2], [mast - 0.05, 0.3], [-0.65, 0.3]])),
        ("body", np.array([[-0.9, 0.42], [0.9, 0.42], [0.6, 0.85], [-0.55, 0.85]])),
    ]


def umbrella(random: Random) -> list[Part]:
    """A canopy with a scalloped rim, a thin shaft with a hook."""
    panels, height = int(random.integers(3, 6)), random.uniform(0.65, 0.85)
    width = 0.9 / panels
    dome = _ellipse(0, 0, 0.9, height, 180, 360)
    scallops = [
        _ellipse(0.9 - width * (2 * index + 1), 0, width, 0.12, 0, -180) for index in range(panels)
    ]
    hook = _ring(0.16, 0.72, 0.2, 0.12, 0, 180)
    parts = [("dark", _box(-0.04, -height - 0.1, 0.04, 0.74)), ("dark", hook)]
    parts.append(("body", np.concatenate([dome, *scallops])))
    if panels % 2 == 1:
        parts.append(("accent", np.concatenate([[[0, -height]], _ellipse(0, 0, width, 0.12, 0, -180)])))
    return parts


def _stroke(start: np.ndarray, end: np.ndarray, width: float) -> np.ndarray:
    along = (end - start) / np.linalg.norm(end - start)
    across = np.array([-along[1], along[0]]) * width
    return np.array([start + across, end + across, end - across, start - across])


def _rotation(angle: float) -> np.ndarray:
    return np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])


OBJECTS: dict[str, Callable[[Random], list[Part]]] = {
    draw.__name__: draw
    for draw in (
        car,
        clock,
        cup,
        fish,
        flower,
        house,
        key,
        mushroom,
        sailboat,
        umbrella,
    )
}
LABELS = list(OBJECTS)
