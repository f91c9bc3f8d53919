"""Contrastive training: every picture of a batch against every caption of it, with a learned temperature.

First with random scenes. They differ in so much that the shape of an object is hardly ever needed to tell two of them
apart, and a pair of colour and shape is learned as one thing. So then with families of scenes that differ in one thing
only, mostly a shape.
"""

import math
import time
from collections.abc import Callable

import numpy as np
import torch
from transformers import CLIPModel, CLIPTokenizer

from captions import full_caption, short_caption
from dataset import FAMILY, Pictures, normalised

BATCH = 128
STEPS = 1000
LEARNING_RATE = 1e-3
# Of the second part; its batch is so many families and for the rest random scenes.
FAMILY_STEPS = 500
FAMILY_LEARNING_RATE = 6e-4
FAMILIES = 24
# The share of captions that name everything; the others leave something out, as people do.
FULL_CAPTIONS = 0.6
# CLIP's own bound: the logits of a batch are at most 100.
MAX_LOGIT_SCALE = math.log(100)

Batch = tuple[np.ndarray, list[str]]


def fit(network: CLIPModel, tokenizer: CLIPTokenizer, pictures: Pictures, seed: int) -> float:
    """The first part: trains `network` in place on random scenes; CPU seconds it took."""
    random = np.random.default_rng(seed)
    return _fit(
        network, tokenizer, lambda: _random_batch(pictures, BATCH, random), STEPS, LEARNING_RATE
    )


def fit_families(
    network: CLIPModel, tokenizer: CLIPTokenizer, pictures: Pictures, families: Pictures, seed: int
) -> float:
    """The second part, on families; CPU seconds it took."""
    random = np.random.default_rng([seed, FAMILY])

    def batch() -> Batch:
        return _family_batch(pictures, families, random)

    return _fit(network, tokenizer, batch, FAMILY_STEPS, FAMILY_LEARNING_RATE)


def _family_batch(
    pictures: Pictures, families: Pictures, random: np.random.Generator
) -> Batch:
    chosen = random.choice(len(families.scenes) // FAMILY, FAMILIES, replace=False)
    places = (chosen[:, None] * FAMILY + np.arange(FAMILY)).ravel()
    # Complete captions: what a shorter one leaves out could be the one thing that differs.
    captions = [full_caption(families.scenes[place], random) for place in places]
    pixels, others = _random_batch(pictures, BATCH - len(places), random)
    return np.concatenate([families.pixels[places], pixels]), captions + others


def _random_batch(pictures: Pictures, size: int, random: np.random.Generator) -> Batch:
    chosen = random.choice(len(pictures.scenes), size, replace=False)
    captions = []
    for place in chosen:
        make = full_caption if random.random() < FULL_CAPTIONS else short_caption
        captions.append(make(pictures.scenes[place], random))
    return pictures.pixels[chosen], captions


def _fit(
    network: CLIPModel,
    tokenizer: CLIPTokenizer,
    next_batch: Callable[[], Batch],
    steps: int,
    learning_rate: float,
) -> float:
    optimiser = torch.optim.AdamW(
        network.parameters(), lr=learning_rate, weight_decay=0.05, betas=(0.9, 0.98)
    )
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, learning_rate, total_steps=steps, pct_start=0.1
    )
    network.train()
    started = time.process_time()
    recent = 0.0
    for step in range(steps):
        pixels, captions = next_batch()
        tokens = tokenizer(captions, padding=True, truncation=True, return_tensors="pt")
        loss = network(
            pixel_values=torch.from_numpy(normalised(pixels)), **tokens, return_loss=True
        ).loss
        loss.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimiser.step()
        schedule.step()
        optimiser.zero_grad()
        with torch.no_grad():
            network.logit_scale.clamp_(0, MAX_LOGIT_SCALE)
        recent = loss.item() if step == 0 else 0.95 * recent + 0.05 * loss.item()
        if (step + 1) % 50 == 0:
            print(
                f"step {step + 1} of {steps}: loss {recent:.3f}, "
                f"temperature 1/{network.logit_scale.exp().item():.1f}, {time.process_time() - started:.0f} s",
                flush=True,
            )
    network.eval()
    return time.process_time() - started
