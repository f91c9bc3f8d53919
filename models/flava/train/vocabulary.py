"""A WordPiece tokenizer of BERT's kind, trained on statements, as transformers' BertTokenizer."""

import string

import numpy as np
from tokenizers import Tokenizer, models, trainers
from transformers import BertTokenizer

from scenes import SEEN, draw_scene, state

SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
# Tokens that the text encoder reads at most, [CLS] and [SEP] included; statements have up to fourteen.
MAX_TOKENS = 24


def train_tokenizer(seed: int, scenes: int = 5_000) -> BertTokenizer:
    """The special tokens, ASCII letters, digits and punctuation alone and within words, then whole words."""
    random = np.random.default_rng(seed)
    drawn = [draw_scene(random, SEEN) for _ in range(scenes)]
    sentences = [state(scene, truth, random, SEEN).text for scene in drawn for truth in (False, True)]
    pattern = BertTokenizer().backend_tokenizer
    trainee = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    trainee.normalizer, trainee.pre_tokenizer = pattern.normalizer, pattern.pre_tokenizer
    trainee.train_from_iterator(
        sentences, trainers.WordPieceTrainer(vocab_size=400, show_progress=False)
    )
    # Whole words, sorted: what is in between, and its order, changes from run to run.
    words = {word for sentence in sentences for word in sentence.split()}
    learned = sorted(words & trainee.get_vocab().keys())
    letters = string.ascii_lowercase + string.digits + string.punctuation
    tokens = SPECIAL + list(letters) + [f"##{letter}" for letter in letters] + learned
    vocabulary = {token: number for number, token in enumerate(dict.fromkeys(tokens))}
    return BertTokenizer(vocab=vocabulary, model_max_length=MAX_TOKENS)
