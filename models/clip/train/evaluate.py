"""How well pictures find their captions and captions their pictures, on pairs that training never showed."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from transformers import CLIPModel, CLIPTokenizer

from captions import full_caption
from dataset import CANDIDATES, Pictures, draw_candidates, normalised
from scenes import (
    BACKGROUNDS,
    COLOURS,
    KINDS,
    PAIRS,
    POSITIONS,
    SHAPES,
    SIZES,
    TEXTURES,
    UNSEEN_PAIRS,
    Scene,
)

TRIALS = 40
# Of which shapes alone are told apart: eight captions each.
SHAPE_PICTURES = 500
# Not the seed of training, and not one that holdout.py makes from its own.
SEED = 2022


def embed_images(network: CLIPModel, pixels: np.ndarray) -> np.ndarray:
    """uint8 pictures to embeddings of length one, [N, width]."""
    with torch.no_grad():
        parts = [
            network.get_image_features(pixel_values=torch.from_numpy(normalised(part))).pooler_output
            for part in np.array_split(pixels, max(1, len(pixels) // 250))
        ]
    return _unit(torch.cat(parts))


def embed_texts(network: CLIPModel, tokenizer: CLIPTokenizer, texts: list[str]) -> np.ndarray:
    """Sentences to embeddings of length one, [N, width]."""
    tokens = tokenizer(texts, padding=True, truncation=True, return_tensors="pt")
    with torch.no_grad():
        return _unit(network.get_text_features(**tokens).pooler_output)


def _unit(rows: torch.Tensor) -> np.ndarray:
    return (rows / rows.norm(dim=-1, keepdim=True)).numpy()


def held_out_metrics(network: CLIPModel, tokenizer: CLIPTokenizer) -> dict[str, Any]:
    """Everything that CARD.md quotes."""
    unseen = draw_candidates(SEED, CANDIDATES * TRIALS, unseen=True)
    seen = draw_candidates(SEED + 1, CANDIDATES * TRIALS, unseen=False)

    def some(pictures: Pictures) -> Pictures:
        return Pictures(*(part[:SHAPE_PICTURES] for part in pictures))

    return {
        "split": {
            "kind": "pairs of colour and shape that no training picture or caption has",
            "unseen_pairs": [" ".join(pair) for pair in UNSEEN_PAIRS],
            "test_pictures": CANDIDATES * TRIALS,
        },
        "retrieval": {
            "kind": f"mean of {TRIALS} times {CANDIDATES} pictures and their {CANDIDATES} distinct captions",
            "unseen_pairs": retrieval(network, tokenizer, unseen),
            "seen_pairs": retrieval(network, tokenizer, seen),
        },
        "zero_shot": {
            "kind": "one object, of an unseen pair; the prompts are in evaluate.py",
            **zero_shot(network, tokenizer, unseen),
        },
        "one_shape_of_8": {
            "kind": "full captions that differ in nothing but the shape of the first object",
            "unseen_pairs": shape_alone(network, tokenizer, some(unseen)),
            "seen_pairs": shape_alone(network, tokenizer, some(seen)),
        },
        "logit_scale": _rounded(network.logit_scale.exp().item()),
    }


def retrieval(network: CLIPModel, tokenizer: CLIPTokenizer, pictures: Pictures) -> dict[str, float]:
    """Recall@1 among CANDIDATES, both ways."""
    random = np.random.default_rng(SEED)
    images = embed_images(network, pictures.pixels)
    right: list[bool] = []
    right_back: list[bool] = []
    for start in range(0, len(pictures.scenes), CANDIDATES):
        part = slice(start, start + CANDIDATES)
        captions = [full_caption(scene, random) for scene in pictures.scenes[part]]
        similarities = images[part] @ embed_texts(network, tokenizer, captions).T
        right += list(similarities.argmax(axis=1) == np.arange(CANDIDATES))
        right_back += list(similarities.argmax(axis=0) == np.arange(CANDIDATES))
    kinds = np.array([scene.kind for scene in pictures.scenes])
    return {
        "image_to_text_recall_at_1": _rounded(np.mean(right)),
        "text_to_image_recall_at_1": _rounded(np.mean(right_back)),
        **{f"image_to_text_{kind}": _rounded(np.array(right)[kinds == kind].mean()) for kind in KINDS},
    }


def zero_shot(network: CLIPModel, tokenizer: CLIPTokenizer, pictures: Pictures) -> dict[str, float]:
    """Accuracy of naming what is in a picture with one object, from prompts alone."""
    single = [index for index, scene in enumerate(pictures.scenes) if scene.kind == "single"]
    images = embed_images(network, pictures.pixels[single])
    scenes = [pictures.scenes[index] for index in single]

    def accuracy(names: list, prompt: Callable[[Any], str], truth: Callable[[Scene], Any]) -> float:
        texts = embed_texts(network, tokenizer, [f"a photo of a {prompt(name)}" for name in names])
        best = (images @ texts.T).argmax(axis=1)
        return _rounded(np.mean([names[place] == truth(scene) for place, scene in zip(best, scenes)]))

    return {
        "zero_shot_pictures": len(single),
        "colour_of_8": accuracy(COLOURS, lambda name: f"{name} shape", lambda s: s.things[0].colour),
        "ground_of_4": accuracy(
            BACKGROUNDS, lambda name: f"shape on a {name} background", lambda s: s.background
        ),
        "place_of_5": accuracy(
            POSITIONS,
            lambda name: f"shape {'in' if name == 'middle' else 'at'} the {name}",
            lambda s: s.position,
        ),
        "size_of_2": accuracy(SIZES, lambda name: f"{name} shape", lambda s: s.size),
        "fill_of_3": accuracy(TEXTURES, lambda name: f"{name} shape", lambda s: s.things[0].texture),
        "shape_of_8": accuracy(SHAPES, str, lambda s: s.things[0].shape),
        "colour_and_shape_of_64": accuracy(
            PAIRS, " ".join, lambda s: (s.things[0].colour, s.things[0].shape)
        ),
    }


def shape_alone(network: CLIPModel, tokenizer: CLIPTokenizer, pictures: Pictures) -> float:
    """Accuracy among eight full captions that differ in nothing but the shape of the first object."""
    random = np.random.default_rng(SEED)
    images = embed_images(network, pictures.pixels)
    right = []
    for image, scene in zip(images, pictures.scenes):
        first, *others = scene.things
        seed = int(random.integers(2**31))
        captions = [
            full_caption(
                replace(scene, things=(replace(first, shape=shape), *others)),
                np.random.default_rng(seed),
            )
            for shape in SHAPES
        ]
        best = int((embed_texts(network, tokenizer, captions) @ image).argmax())
        right.append(SHAPES[best] == first.shape)
    return _rounded(np.mean(right))


def _rounded(value: float) -> float:
    return round(float(value), 4)
