"""How often the network is right on new pictures, and how often it would be with one of the two alone."""

import copy
from typing import Any, NamedTuple

import numpy as np
import torch
from transformers import BertTokenizer

from dataset import Pictures, draw_pictures, normalised
from network import FlavaClassifier
from scenes import KINDS, PAIRS, SEEN, UNSEEN, state

# Not the seed of training, and not one that holdout.py makes from its own.
SEED = 2023
TEST_PICTURES = 1500
# Of each picture: as many true as false ones.
STATEMENTS = 2
BLIND_STEPS = 200
BLIND_BATCH = 48


class Pairs(NamedTuple):
    """Pictures with statements; `picture` is the place of each statement's picture."""

    pictures: Pictures
    picture: np.ndarray
    texts: list[str]
    kinds: np.ndarray
    truths: np.ndarray
    unseen: np.ndarray


def draw_pairs(pictures: Pictures, seed: int, pairs: list[tuple[str, str]] = PAIRS) -> Pairs:
    """STATEMENTS of each picture, half of them true, that name nothing but these pairs of colour and shape."""
    random = np.random.default_rng(seed)
    picture = np.repeat(np.arange(len(pictures.scenes)), STATEMENTS)
    truths = np.tile(np.arange(STATEMENTS) % 2, len(pictures.scenes))
    said = [
        state(pictures.scenes[place], bool(truth), random, pairs)
        for place, truth in zip(picture, truths)
    ]
    return Pairs(
        pictures,
        picture,
        texts=[statement.text for statement in said],
        kinds=np.array([statement.kind for statement in said]),
        truths=truths,
        unseen=np.array([statement.is_unseen for statement in said]),
    )


def logits_of(
    network: FlavaClassifier, tokenizer: BertTokenizer, pairs: Pairs, without: str = ""
) -> np.ndarray:
    """[N, labels]. `without`: "image" gives all pictures as one grey, "text" all texts as no words."""
    found = []
    with torch.no_grad():
        for places in np.array_split(np.arange(len(pairs.texts)), max(1, len(pairs.texts) // 100)):
            found.append(network(**_inputs(tokenizer, pairs, places, without)).numpy())
    return np.concatenate(found)


def _inputs(
    tokenizer: BertTokenizer, pairs: Pairs, places: np.ndarray, without: str
) -> dict[str, torch.Tensor]:
    texts = ["" if without == "text" else pairs.texts[place] for place in places]
    tokens = tokenizer(texts, padding=True, truncation=True, return_tensors="pt")
    pixels = normalised(pairs.pictures.pixels[pairs.picture[places]])
    if without == "image":
        pixels = np.zeros_like(pixels)
    return {
        "pixel_values": torch.from_numpy(pixels),
        "input_ids": tokens.input_ids,
        "attention_mask": tokens.attention_mask,
    }


def held_out_metrics(
    network: FlavaClassifier, tokenizer: BertTokenizer, training: Pictures
) -> dict[str, Any]:
    """Everything that CARD.md quotes."""
    pairs = draw_pairs(draw_pictures(SEED, TEST_PICTURES), SEED)
    right = logits_of(network, tokenizer, pairs).argmax(axis=1) == pairs.truths
    return {
        "split": {
            "kind": "new pictures of all pairs of colour and shape, new statements, half of them true",
            "unseen_pairs": [" ".join(pair) for pair in UNSEEN],
            "test_pairs": len(pairs.texts),
            "test_pairs_that_name_an_unseen_one": int(pairs.unseen.sum()),
        },
        "accuracy": _rounded(right.mean()),
        "accuracy_by_kind": {kind: _rounded(right[pairs.kinds == kind].mean()) for kind in KINDS},
        "accuracy_unseen": _rounded(right[pairs.unseen].mean()),
        "one_alone": {
            "kind": f"the trained network, trained for {BLIND_STEPS} more steps with the other one blanked",
            **{
                f"{'text' if without == 'image' else 'image'}_only": _rounded(
                    accuracy_without(without, network, tokenizer, training, pairs)
                )
                for without in ("image", "text")
            },
        },
        "one_blanked": {
            "kind": "the network as it is, with the other one blanked",
            **{
                f"{'text' if without == 'image' else 'image'}_only": _rounded(
                    (
                        logits_of(network, tokenizer, pairs, without).argmax(axis=1) == pairs.truths
                    ).mean()
                )
                for without in ("image", "text")
            },
        },
    }


def accuracy_without(
    without: str,
    network: FlavaClassifier,
    tokenizer: BertTokenizer,
    training: Pictures,
    test: Pairs,
) -> float:
    """Of a copy that was given the chance to learn to do without pictures, or without texts."""
    blind = copy.deepcopy(network).train()
    random = np.random.default_rng([SEED, 1])
    pairs = draw_pairs(training, SEED, SEEN)
    optimiser = torch.optim.AdamW(blind.parameters(), lr=3e-4, weight_decay=0.05)
    for _ in range(BLIND_STEPS):
        places = random.choice(len(pairs.texts), BLIND_BATCH, replace=False)
        logits = blind(**_inputs(tokenizer, pairs, places, without))
        torch.nn.functional.cross_entropy(logits, torch.from_numpy(pairs.truths[places])).backward()
        optimiser.step()
        optimiser.zero_grad()
    blind.eval()
    return float((logits_of(blind, tokenizer, test, without).argmax(axis=1) == test.truths).mean())


def _rounded(value: float) -> float:
    return round(float(value), 4)
