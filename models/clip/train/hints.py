"""What the generator knows besides captions, and heads that learn it; for training only, none of it is exported.

A caption that fits is one of many that do not, and random scenes differ in so much that the shape of an object is
hardly ever needed to tell two apart. So the picture tower is asked what lies under each patch.

Neither here nor of captions is anything asked about the pairs of colour and shape that are held out: of eight shapes
two never come in red, and a network that is to choose among all eight learns to rule those out by the colour.
"""

import numpy as np
import torch

from network import WIDTH
from scenes import COLOURS, SHAPES, TEXTURES, is_unseen

# Of shape, colour and fill: the hardest counts most. Most patches are ground, and easy.
WEIGHTS = (1.0, 0.5, 0.25)
GROUND_WEIGHT = 0.2
SHAPE, COLOUR = 0, 1
# What a held-out pair gets in place of its logit.
RULED_OUT = -1e4


def held_out() -> torch.Tensor:
    """Which pairs training never shows, [shapes + 1, colours + 1]; the last of both is ground, of which all is shown."""
    table = torch.zeros(len(SHAPES) + 1, len(COLOURS) + 1, dtype=torch.bool)
    for row, shape in enumerate(SHAPES):
        for column, colour in enumerate(COLOURS):
            table[row, column] = is_unseen(colour, shape)
    return table


class HintHeads(torch.nn.Module):
    """Shape, colour and fill at a patch, each with one class more for ground."""

    def __init__(self) -> None:
        super().__init__()
        self.heads = torch.nn.ModuleList(
            torch.nn.Linear(WIDTH, len(words) + 1) for words in (SHAPES, COLOURS, TEXTURES)
        )
        self.held_out = held_out()

    def loss(
        self, states: torch.Tensor, words: np.ndarray, is_grey: np.ndarray | None = None
    ) -> torch.Tensor:
        """Of the picture tower's states [N, 1 + patches, width], and what lies there [N, patches, 3].

        Nobody can tell the colours of pictures that were made grey.
        """
        wanted = torch.from_numpy(words)
        losses = []
        for place, head in enumerate(self.heads):
            asked = torch.ones(len(words), dtype=torch.bool)
            if place == COLOUR and is_grey is not None:
                asked = torch.from_numpy(~is_grey)
            logits, classes = head(states[asked, 1:]), wanted[asked]
            if place == SHAPE:
                logits = logits.masked_fill(self.held_out.T[classes[..., COLOUR]], RULED_OUT)
            elif place == COLOUR:
                logits = logits.masked_fill(self.held_out[classes[..., SHAPE]], RULED_OUT)
            weights = torch.tensor([1.0] * (logits.shape[-1] - 1) + [GROUND_WEIGHT])
            loss = torch.nn.functional.cross_entropy(
                logits.flatten(0, 1), classes[..., place].flatten(), weight=weights
            )
            losses.append(WEIGHTS[place] * loss)
        return sum(losses)
