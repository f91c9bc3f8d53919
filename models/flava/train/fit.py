"""Training: is the statement true of the picture?

First the image encoder alone learns what lies under each patch: that takes many pictures, and costs little without the
other two encoders. Then all three learn together, from right and wrong and from the hints of hints.py.
"""

import time
from collections.abc import Callable

import numpy as np
import torch
from transformers import BertTokenizer

from dataset import Pictures, normalised
from hints import HintHeads
from network import FlavaClassifier
from scenes import SEEN, mirrored, state

# Of the image encoder alone.
PATCH_STEPS = 1500
PATCH_BATCH = 64
# Of all three.
STEPS = 2600
# Pictures of a step; each comes with two true and two false statements, so that it is encoded once for four.
BATCH = 24
STATEMENTS = 4
LEARNING_RATE = 1e-3
# Of the losses of the answer, the answer from the last token, company, place, patches.
WEIGHTS = (1.0, 0.5, 2.0, 1.0, 0.5)


def fit_patches(
    network: FlavaClassifier, heads: HintHeads, pictures: Pictures, seed: int
) -> float:
    """The first part, in place: what lies under each patch; CPU seconds it took."""
    random = np.random.default_rng([seed, 1])
    image_model = network.flava.image_model

    def losses(_: int) -> tuple[torch.Tensor, ...]:
        some = _draw(pictures, PATCH_BATCH, random)
        seen = image_model(torch.from_numpy(normalised(some.pixels)), output_hidden_states=True)
        return (heads.patch_loss(seen.hidden_states[-1], some.patches),)

    parameters = [*image_model.parameters(), *heads.patches.parameters()]
    return _fit(parameters, losses, PATCH_STEPS)


def fit(
    network: FlavaClassifier,
    heads: HintHeads,
    tokenizer: BertTokenizer,
    pictures: Pictures,
    seed: int,
) -> float:
    """The second part, in place: statements; CPU seconds it took."""
    random = np.random.default_rng([seed, 2])

    def losses(_: int) -> tuple[torch.Tensor, ...]:
        some = _draw(pictures, BATCH, random)
        return _losses(network, heads, tokenizer, some, random)

    return _fit([*network.parameters(), *heads.parameters()], losses, STEPS)


def _draw(pictures: Pictures, count: int, random: np.random.Generator) -> Pictures:
    chosen = random.choice(len(pictures.scenes), count, replace=False)
    turned = random.random(count) < 0.5
    scenes = [
        mirrored(pictures.scenes[place]) if turn else pictures.scenes[place]
        for place, turn in zip(chosen, turned)
    ]
    pixels, patches = pictures.pixels[chosen], pictures.patches[chosen]
    pixels[turned] = pixels[turned, :, ::-1]
    side = round(patches.shape[1] ** 0.5)
    grid = patches.reshape(count, side, side, -1)
    grid[turned] = grid[turned, :, ::-1]
    return Pictures(scenes, pixels, grid.reshape(patches.shape))


def _fit(
    parameters: list[torch.nn.Parameter],
    losses_of: Callable[[int], tuple[torch.Tensor, ...]],
    steps: int,
) -> float:
    optimiser = torch.optim.AdamW(
        parameters, lr=LEARNING_RATE, weight_decay=0.05, betas=(0.9, 0.98)
    )
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, LEARNING_RATE, total_steps=steps, pct_start=0.1
    )
    started = time.process_time()
    recent = np.zeros(1)
    for step in range(steps):
        losses = losses_of(step)
        sum(weight * loss for weight, loss in zip(WEIGHTS, losses)).backward()
        torch.nn.utils.clip_grad_norm_(parameters, 1.0)
        optimiser.step()
        schedule.step()
        optimiser.zero_grad()
        newest = np.array([loss.item() for loss in losses])
        recent = newest if step == 0 else 0.95 * recent + 0.05 * newest
        if (step + 1) % 50 == 0:
            means = ", ".join(f"{mean:.3f}" for mean in recent)
            print(
                f"step {step + 1} of {steps}: {means}, {time.process_time() - started:.0f} s",
                flush=True,
            )
    return time.process_time() - started


def _losses(
    network: FlavaClassifier,
    heads: HintHeads,
    tokenizer: BertTokenizer,
    pictures: Pictures,
    random: np.random.Generator,
) -> tuple[torch.Tensor, ...]:
    scenes = [scene for scene in pictures.scenes for _ in range(STATEMENTS)]
    said = [state(scene, row % 2 == 1, random, SEEN) for row, scene in enumerate(scenes)]
    texts = [statement.text for statement in said]
    truths = torch.tensor([int(statement.is_true) for statement in said])
    tokens = tokenizer(texts, padding=True, return_tensors="pt")
    lengths = tokens.attention_mask.sum(dim=1)
    if lengths.tolist() != [len(text.split()) + 2 for text in texts]:
        raise ValueError("a word is more than one token: hints would go to others")

    # The steps of FlavaModel.forward, with each picture encoded once and repeated for its statements.
    flava = network.flava
    image = flava.image_model(
        torch.from_numpy(normalised(pictures.pixels)), output_hidden_states=True
    ).hidden_states[-1]
    text = flava.text_model(
        tokens.input_ids, attention_mask=tokens.attention_mask, output_hidden_states=True
    ).hidden_states[-1]
    seen = flava.image_to_mm_projection(image).repeat_interleave(STATEMENTS, dim=0)
    before = seen.shape[1] + 1
    both = flava.multimodal_model(
        torch.cat([seen, flava.text_to_mm_projection(text)], dim=1),
        attention_mask=torch.cat([torch.ones(len(seen), before), tokens.attention_mask], dim=1),
    )
    words = both.last_hidden_state[:, before:]
    cross_entropy = torch.nn.functional.cross_entropy
    return (
        cross_entropy(network.head(both.pooler_output), truths),
        cross_entropy(heads.answer(words[torch.arange(len(words)), lengths - 1]), truths),
        *heads.word_losses(words, scenes, texts),
        heads.patch_loss(image, pictures.patches),
    )
