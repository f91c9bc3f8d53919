"""Training in two parts: first what lies under each patch, then every picture of a batch against every caption of it.

Half of each contrastive batch are families of scenes that differ in one thing only, mostly in a shape. Beside its own
caption each picture of a single object meets captions that say one thing only ("a star", "a striped shape").
"""

import math
import time
from collections.abc import Callable

import numpy as np
import torch
from transformers import CLIPModel, CLIPTokenizer

from captions import ASPECTS, full_caption, short_caption, short_captions
from dataset import FAMILY, SIDE, Pictures, normalised
from hints import RULED_OUT, HintHeads, held_out
from scenes import COLOURS, SHAPES, Scene

# Of the picture tower alone.
PATCH_STEPS = 2400
PATCH_BATCH = 64
# The share of its pictures without colours: a shape is to be known by its outline.
GREY = 0.25
# Of both; a batch is so many families, and for the rest random scenes.
STEPS = 1000
BATCH = 96
FAMILIES = 12
LEARNING_RATE = 1e-3
# Of captions that say one thing only, and of what lies under patches, beside the contrastive loss.
SHORT_WEIGHT = 1.0
HINTS_WEIGHT = 0.5
# The share of captions that name everything; the others leave something out, as people do.
FULL_CAPTIONS = 0.5
# CLIP's own bound: the logits of a batch are at most 100.
MAX_LOGIT_SCALE = math.log(100)

cross_entropy = torch.nn.functional.cross_entropy


def fit_patches(
    network: CLIPModel, heads: HintHeads, pictures: list[Pictures], seed: int
) -> float:
    """The first part, in place; CPU seconds it took."""
    random = np.random.default_rng([seed, 1])
    pixels = np.concatenate([part.pixels for part in pictures])
    words = np.concatenate([part.words for part in pictures])
    parameters = [*network.vision_model.parameters(), *heads.parameters()]

    def loss() -> torch.Tensor:
        chosen = random.choice(len(pixels), PATCH_BATCH, replace=False)
        shown, lying = _mirror_some(pixels[chosen], words[chosen], random)
        is_grey = random.random(PATCH_BATCH) < GREY
        shown[is_grey] = (shown[is_grey] @ random.dirichlet([1, 1, 1])).round()[..., None]
        seen = network.vision_model(torch.from_numpy(normalised(shown)))
        return heads.loss(seen.last_hidden_state, lying, is_grey)

    return _fit(network, parameters, loss, PATCH_STEPS)


def _mirror_some(
    pixels: np.ndarray, words: np.ndarray, random: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    turned = random.random(len(pixels)) < 0.5
    pixels[turned] = pixels[turned, :, ::-1]
    grid = words.reshape(len(words), SIDE, SIDE, -1)
    grid[turned] = grid[turned, :, ::-1]
    return pixels, grid.reshape(words.shape)


def fit(
    network: CLIPModel,
    tokenizer: CLIPTokenizer,
    heads: HintHeads,
    pictures: Pictures,
    families: Pictures,
    seed: int,
) -> float:
    """The second part, in place; CPU seconds it took."""
    random = np.random.default_rng(seed)
    own = torch.arange(BATCH)

    def loss() -> torch.Tensor:
        batch, captions = _next_batch(pictures, families, random)
        tokens = tokenizer(captions, padding=True, truncation=True, return_tensors="pt")
        # The steps of CLIPModel.forward, which does not give the states of patches.
        seen = network.vision_model(torch.from_numpy(normalised(batch.pixels)))
        images = _unit(network.visual_projection(seen.pooler_output))
        texts = _unit(network.text_projection(network.text_model(**tokens).pooler_output))
        logits = network.logit_scale.exp() * images @ texts.T
        contrastive = (cross_entropy(logits, own) + cross_entropy(logits.T, own)) / 2
        short = _short_loss(network, tokenizer, images, batch.scenes, random)
        hints = heads.loss(seen.last_hidden_state, batch.words)
        return contrastive + SHORT_WEIGHT * short + HINTS_WEIGHT * hints

    return _fit(network, [*network.parameters(), *heads.parameters()], loss, STEPS)


def _short_loss(
    network: CLIPModel,
    tokenizer: CLIPTokenizer,
    images: torch.Tensor,
    scenes: list[Scene],
    random: np.random.Generator,
) -> torch.Tensor:
    single = [place for place, scene in enumerate(scenes) if scene.kind == "single"]
    things = [scenes[place].things[0] for place in single]
    ruled_out = {
        "shape": held_out().T[[COLOURS.index(thing.colour) for thing in things], :-1],
        "colour": held_out()[[SHAPES.index(thing.shape) for thing in things], :-1],
    }
    losses = []
    for aspect in ASPECTS:
        captions, truth = short_captions(aspect, random)
        tokens = tokenizer(captions, padding=True, return_tensors="pt")
        texts = _unit(network.text_projection(network.text_model(**tokens).pooler_output))
        logits = network.logit_scale.exp() * images[single] @ texts.T
        if aspect in ruled_out:
            logits = logits.masked_fill(ruled_out[aspect], RULED_OUT)
        losses.append(cross_entropy(logits, torch.tensor([truth(scenes[place]) for place in single])))
    return sum(losses) / len(losses)


def _next_batch(
    pictures: Pictures, families: Pictures, random: np.random.Generator
) -> tuple[Pictures, list[str]]:
    chosen = random.choice(len(families.scenes) // FAMILY, FAMILIES, replace=False)
    alike = (chosen[:, None] * FAMILY + np.arange(FAMILY)).ravel()
    # Complete captions: what a shorter one leaves out could be the one thing that differs.
    captions = [full_caption(families.scenes[place], random) for place in alike]
    others = random.choice(len(pictures.scenes), BATCH - len(alike), replace=False)
    for place in others:
        make = full_caption if random.random() < FULL_CAPTIONS else short_caption
        captions.append(make(pictures.scenes[place], random))
    return Pictures(
        [families.scenes[place] for place in alike] + [pictures.scenes[place] for place in others],
        np.concatenate([families.pixels[alike], pictures.pixels[others]]),
        np.concatenate([families.words[alike], pictures.words[others]]),
    ), captions


def _unit(rows: torch.Tensor) -> torch.Tensor:
    return rows / rows.norm(dim=-1, keepdim=True)


def _fit(
    network: CLIPModel,
    parameters: list[torch.nn.Parameter],
    loss_of_next: Callable[[], torch.Tensor],
    steps: int,
) -> float:
    optimiser = torch.optim.AdamW(
        parameters, lr=LEARNING_RATE, weight_decay=0.05, betas=(0.9, 0.98)
    )
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, LEARNING_RATE, total_steps=steps, pct_start=0.1
    )
    network.train()
    started = time.process_time()
    recent = 0.0
    for step in range(steps):
        loss = loss_of_next()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(parameters, 1.0)
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
