"""What the generator knows besides the answer, and heads that learn it; for training only, none of it is exported.

Right or wrong is one bit for a whole picture and a whole sentence, and says nothing about where the mistake lies: from
it alone nothing is learned in the time that there is. Hints are answers on the way: what lies under a patch, with what
the colour and the shape that a word names go together in this picture, and where the object is that two words name.
"""

from typing import NamedTuple

import numpy as np
import torch

from network import LABELS, WIDTH
from scenes import CANVAS, COLOURS, SHAPES, Scene

ATTRIBUTES = COLOURS + SHAPES
# Most patches are ground, and easy.
GROUND_WEIGHT = 0.3
# How much a place counts beside whether the object is there at all.
PLACE_WEIGHT = 4.0


class HintHeads(torch.nn.Module):
    """One linear head per hint."""

    def __init__(self) -> None:
        super().__init__()
        # Colour and shape under a patch, or ground.
        self.patches = torch.nn.ModuleList(
            torch.nn.Linear(WIDTH, len(words) + 1) for words in (COLOURS, SHAPES)
        )
        # Of a word: which colours and shapes the objects have that it fits.
        self.company = torch.nn.Linear(WIDTH, len(ATTRIBUTES))
        # Of a word for a shape: x, y and whether there is such an object at all, of the colour named before.
        self.place = torch.nn.Linear(WIDTH, 3)
        # The answer, from the last token: nearer to the words than the [CLS] state of both.
        self.answer = torch.nn.Linear(WIDTH, len(LABELS))

    def patch_loss(self, states: torch.Tensor, patches: np.ndarray) -> torch.Tensor:
        """Of the image encoder's states [N, 1 + patches, width], and what lies there [N, patches, 2]."""
        losses = []
        for place, head in enumerate(self.patches):
            logits = head(states[:, 1:]).flatten(0, 1)
            weight = torch.tensor([1.0] * (logits.shape[1] - 1) + [GROUND_WEIGHT])
            classes = torch.from_numpy(patches[..., place]).flatten()
            losses.append(torch.nn.functional.cross_entropy(logits, classes, weight=weight))
        return sum(losses)

    def word_losses(
        self, states: torch.Tensor, scenes: list[Scene], texts: list[str]
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Of company and place; `states` are the multimodal encoder's of the tokens, [N, tokens, width]."""
        company, places = hints_of_words(scenes, texts)
        binary = torch.nn.functional.binary_cross_entropy_with_logits
        company_loss = binary(
            self.company(states[company.rows, company.tokens]), torch.tensor(company.values)
        )
        found, wanted = self.place(states[places.rows, places.tokens]), torch.tensor(places.values)
        is_there = wanted[:, 2]
        distance = ((found[:, :2] - wanted[:, :2]) ** 2).sum(dim=1) * is_there
        return company_loss, binary(found[:, 2], is_there) + PLACE_WEIGHT * distance.mean()


class Hints(NamedTuple):
    """Values for some tokens of some texts."""

    rows: list[int]
    tokens: list[int]
    values: list[list[float]]


def hints_of_words(scenes: list[Scene], texts: list[str]) -> tuple[Hints, Hints]:
    """Company of each word that names a colour or a shape; place and presence for each that names a shape.

    Every word is one token, and [CLS] is before the first.
    """
    company, places = Hints([], [], []), Hints([], [], [])
    for row, (scene, text) in enumerate(zip(scenes, texts)):
        words = text.split()
        for token, word in enumerate(words, start=1):
            if word not in ATTRIBUTES:
                continue
            fitting = [thing for thing in scene.things if word in (thing.colour, thing.shape)]
            _add(company, row, token, _attributes(fitting))
            if word in SHAPES:
                named = [thing for thing in fitting if thing.colour == words[token - 2]]
                _add(places, row, token, _place(named))
    return company, places


def _add(hints: Hints, row: int, token: int, values: list[float]) -> None:
    hints.rows.append(row)
    hints.tokens.append(token)
    hints.values.append(values)


def _attributes(things: list) -> list[float]:
    present = {thing.colour for thing in things} | {thing.shape for thing in things}
    return [float(attribute in present) for attribute in ATTRIBUTES]


def _place(named: list) -> list[float]:
    # From -1 to 1, as far as there is one.
    return [2 * named[0].x / CANVAS - 1, 2 * named[0].y / CANVAS - 1, 1.0] if named else [0.0] * 3
