"""MobileNetV2 and how it learns."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import torch
from torch import nn
from torch.nn import functional
from torchvision.models import mobilenet_v2
from torchvision.models.mobilenetv2 import InvertedResidual, MobileNetV2

from dataset import Pictures
from preprocess import PREPROCESSING, normalise

WIDTH = 0.5
BATCH = 32
WEIGHT_DECAY = 0.02
LABEL_SMOOTHING = 0.05


class Stage(NamedTuple):
    """So many rounds over the set, at one size of picture."""

    rounds: int
    side: int


class Cycle(NamedTuple):
    """Stages during which the learning rate rises to its top and falls to nothing."""

    stages: list[Stage]
    top_rate: float


# Small pictures first: they cost a third, and what they teach carries over.
CYCLES = [Cycle([Stage(9, 64), Stage(3, 96)], 2e-3)]


def build_network(classes: int, seed: int) -> MobileNetV2:
    """torchvision's MobileNetV2 (17 inverted residual blocks) at half width, with random weights."""
    torch.manual_seed(seed)
    # Few rounds over much data do not overfit.
    network = mobilenet_v2(width_mult=WIDTH, num_classes=classes, dropout=0.0)
    for block in network.features:
        if isinstance(block, InvertedResidual) and block.use_res_connect:
            # Blocks with a shortcut begin as nothing but the shortcut, and learn sooner.
            nn.init.zeros_(block.conv[-1].weight)
    return network


def train(network: nn.Module, pictures: Pictures, cycles: list[Cycle], seed: int) -> None:
    """Fits the network in place; single-threaded and seeded, so a second run gives the same weights."""
    torch.use_deterministic_algorithms(True)
    network.to(memory_format=torch.channels_last)
    for number, cycle in enumerate(cycles):
        torch.manual_seed(seed + number)
        _run_cycle(network, pictures, cycle)


def _run_cycle(network: nn.Module, pictures: Pictures, cycle: Cycle) -> None:
    network.train()
    pixels, labels = torch.from_numpy(pictures.pixels), torch.from_numpy(pictures.labels)
    steps = len(labels) // BATCH
    sides = [stage.side for stage in cycle.stages for _ in range(stage.rounds)]
    optimizer = torch.optim.AdamW(network.parameters(), lr=cycle.top_rate, weight_decay=WEIGHT_DECAY)
    rate = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, cycle.top_rate, total_steps=steps * len(sides), pct_start=0.15
    )
    for number, side in enumerate(sides):
        total, right = 0.0, 0
        for rows in _batches(len(labels)):
            outputs = network(_augment(pixels[rows], side))
            loss = functional.cross_entropy(outputs, labels[rows], label_smoothing=LABEL_SMOOTHING)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            rate.step()
            total += loss.item()
            right += int((outputs.argmax(dim=1) == labels[rows]).sum())
        share = right / (steps * BATCH)
        print(f"round {number + 1} at {side} px: loss {total / steps:.3f}, right {share:.3f}", flush=True)


def _batches(count: int) -> Iterator[torch.Tensor]:
    order = torch.randperm(count)
    for start in range(0, count - BATCH + 1, BATCH):
        yield order[start : start + BATCH]


def _augment(pixels: torch.Tensor, side: int) -> torch.Tensor:
    """uint8 [n, h, w, 3] to what the network takes: a window, sometimes mirrored."""
    window = int(torch.randint(88, 107, ()))
    left, top = (int(torch.randint(0, pixels.shape[1] - window + 1, ())) for _ in range(2))
    images = pixels[:, top : top + window, left : left + window].permute(0, 3, 1, 2).float() / 255
    if torch.rand(()) < 0.5:
        images = images.flip(3)
    images = functional.interpolate(images, size=(side, side), mode="bilinear", antialias=True)
    mean, deviation = (
        torch.tensor(PREPROCESSING[name]).view(3, 1, 1) for name in ("mean", "standard_deviation")
    )
    return ((images - mean) / deviation).contiguous(memory_format=torch.channels_last)


def predict(network: nn.Module, pixels: np.ndarray) -> np.ndarray:
    """Probabilities [n, classes] of pictures that are already cropped."""
    network.eval()
    with torch.inference_mode():
        batches = [
            network(torch.from_numpy(normalise(pixels[start : start + 256], PREPROCESSING)))
            for start in range(0, len(pixels), 256)
        ]
        return torch.cat(batches).softmax(dim=1).numpy()
