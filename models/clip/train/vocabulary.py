"""A byte-pair tokenizer of CLIP's kind, trained on captions, as transformers' CLIPTokenizer."""

import json

import numpy as np
from tokenizers import Tokenizer, models, pre_tokenizers, trainers
from transformers import CLIPTokenizer

from captions import full_caption, short_caption
from scenes import draw_scene

START, END = "<|startoftext|>", "<|endoftext|>"
# Tokens that the text tower reads at most, START and END included; captions have about twenty.
MAX_TOKENS = 32
MERGES = 600


def train_tokenizer(seed: int, captions: int = 20_000) -> CLIPTokenizer:
    """Every byte, every byte at the end of a word, then the merges: laid out as OpenAI's vocabulary is."""
    random = np.random.default_rng(seed)
    sentences = []
    for _ in range(captions):
        scene = draw_scene(random, unseen=False)
        sentences += [full_caption(scene, random), short_caption(scene, random)]
    merges = _merges(sentences)
    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    tokens = letters + [letter + "</w>" for letter in letters] + [a + b for a, b in merges] + [START, END]
    vocabulary = {token: number for number, token in enumerate(dict.fromkeys(tokens))}
    return CLIPTokenizer(vocab=vocabulary, merges=merges, model_max_length=MAX_TOKENS)


def _merges(sentences: list[str]) -> list[tuple[str, str]]:
    # Trained with CLIPTokenizer's own normalizer and pre-tokenizer; only the merges are taken from it.
    pattern = CLIPTokenizer().backend_tokenizer
    trainee = Tokenizer(models.BPE(end_of_word_suffix="</w>"))
    trainee.normalizer = pattern.normalizer
    trainee.pre_tokenizer = pattern.pre_tokenizer
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(
        vocab_size=len(alphabet) * 2 + MERGES,
        initial_alphabet=sorted(alphabet),
        end_of_word_suffix="</w>",
        show_progress=False,
    )
    trainee.train_from_iterator(sentences, trainer)
    return [tuple(pair) for pair in json.loads(trainee.to_str())["model"]["merges"]]
