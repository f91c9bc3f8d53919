"""Letters to a shop's support, from a seeded grammar: six topics, noise, typos, words that fit two topics.

There are two sides, `learning` and `held-out`. They share no sentence template and no misspelt form, and about
a fifth of the topic words are written on the held-out side only.
"""

import hashlib
import random
import re
from typing import Literal, NamedTuple

from templates import HELD_OUT, LEARNING, Templates
from words import PEOPLE, SHOPS, TOPICS, WHENS, Words

Side = Literal["learning", "held-out"]
LABELS = sorted(TOPICS)
# Of the learning side only: real tickets are filed under the wrong topic now and then.
WRONG_LABELS = 0.02
MISSPELT = 0.08

KEYBOARD = ["qwertyuiop", "asdfghjkl", "zxcvbnm"]


class Letters(NamedTuple):
    """Texts, and an index into `LABELS` for each."""

    texts: list[str]
    labels: list[int]


def write_letters(side: Side, seed: int, per_topic: int) -> Letters:
    """`per_topic` letters of every topic, in random order; the same seed gives the same letters."""
    chance = random.Random(f"{side} {seed}")
    letters = [
        (Writer(side, topic, chance).letter(), label)
        for label, topic in enumerate(LABELS)
        for _ in range(per_topic)
    ]
    chance.shuffle(letters)
    labels = [label for _, label in letters]
    if side == "learning":
        labels = [
            chance.randrange(len(LABELS)) if chance.random() < WRONG_LABELS else label
            for label in labels
        ]
    return Letters([text for text, _ in letters], labels)


def words_of(side: Side, topic: str) -> Words:
    """The words that letters of this side draw from; the held-out side has them all."""
    if side == "held-out":
        return TOPICS[topic]
    return Words(*([word for word in words if _may_be_learned(word)] for words in TOPICS[topic]))


def misspell(word: str, side: Side, chance: random.Random) -> str:
    """A misspelt form that only this side may write, or the word itself where none was found.

    The parity of a form's hash says whose it is, so no form is on both sides.
    """
    parity = 0 if side == "learning" else 1
    for _ in range(8):
        form = _slip(word, chance)
        if form.lower() not in KNOWN_WORDS and _hash(form.lower()) % 2 == parity:
            return form
    return word


class Writer:
    """Writes letters of one topic."""

    def __init__(self, side: Side, topic: str, chance: random.Random):
        self.side: Side = side
        self.chance = chance
        self.templates: Templates = LEARNING if side == "learning" else HELD_OUT
        self.words = words_of(side, topic)
        own = {word for words in TOPICS[topic] for word in words}
        self.stray = [
            noun
            for other in LABELS
            if other != topic
            for noun in words_of(side, other).nouns
            if noun not in own
        ]

    def letter(self) -> str:
        """One letter: what is the matter, and what people write around it."""
        some, templates = self.chance, self.templates
        matters = [self.sentence(templates.matters) for _ in range(some.choice([1, 2, 2, 3]))]
        if some.random() < 0.15:
            return self.noise(" ".join(matters[:1]))
        parts = matters[:1]
        parts += [self.sentence(templates.details) for _ in range(some.choice([0, 0, 1, 2]))]
        parts += matters[1:]
        for _ in range(some.choice([0, 0, 1, 1, 2])):
            parts.insert(some.randrange(len(parts) + 1), self.sentence(templates.asides))
        ends = [self.sentence(templates.greetings), *parts, self.sentence(templates.closings)]
        return self.noise(some.choice([" ", " ", "\n", "\r\n", "  "]).join(filter(None, ends)))

    def sentence(self, templates: list[str]) -> str:
        """A sentence with its places filled."""
        some = self.chance
        noun, other = some.sample(self.words.nouns, 2)
        return some.choice(templates).format(
            noun=_spaced(noun),
            other=_spaced(other),
            verb=_spaced(some.choice(self.words.verbs)),
            trait=_spaced(some.choice(self.words.traits)),
            stray=_spaced(some.choice(self.stray)),
            person=some.choice(PEOPLE),
            shop=_spaced(some.choice(SHOPS)),
            when=_spaced(some.choice(WHENS)),
            number=f"{some.choice(['', '#', 'No. ', 'NG-'])}{some.randrange(10**4, 10**8)}",
        )

    def noise(self, text: str) -> str:
        """Typos, capitals, marks and spaces as they come."""
        some = self.chance
        text = re.sub(
            r"\w+",
            lambda word: misspell(word[0], self.side, some) if some.random() < MISSPELT else word[0],
            text,
        )
        style = some.random()
        if style < 0.15:
            text = text.lower()
        elif style < 0.2:
            text = text.upper()
        if some.random() < 0.1:
            text = text.replace(".", some.choice(["", "...", "!!", " ."]))
        if some.random() < 0.1:
            text += some.choice([" 😡", " 😀😀", " :-(", " ♥", "…", " \u00a0", " <br>", " &amp;"])
        return text


def _slip(word: str, chance: random.Random) -> str:
    letters = [at for at, sign in enumerate(word) if sign.isascii() and sign.isalpha()]
    if len(letters) < 4:
        return word
    at = chance.choice(letters[1:])
    match chance.randrange(4):
        case 0:
            return word[: at - 1] + word[at] + word[at - 1] + word[at + 1 :]
        case 1:
            return word[:at] + word[at + 1 :]
        case 2:
            return word[: at + 1] + word[at:]
        case _:
            return word[:at] + _neighbour(word[at], chance) + word[at + 1 :]


def _neighbour(letter: str, chance: random.Random) -> str:
    row = next(row for row in KEYBOARD if letter.lower() in row)
    at = row.index(letter.lower())
    return chance.choice(row[max(0, at - 1) : at] + row[at + 1 : at + 2])


def _spaced(word: str) -> str:
    return word.replace("-", " ")


def _hash(word: str) -> int:
    return int.from_bytes(hashlib.sha256(word.encode()).digest()[:8], "big")


def _may_be_learned(word: str) -> bool:
    # "late-fee" would give away "late".
    return RESERVED.isdisjoint([word, *word.split("-")])


def _reserved_words() -> set[str]:
    """One word in five of every topic, those with the lowest hashes: kept for the held-out side."""
    reserved = set()
    for topic in TOPICS.values():
        words = sorted({word for kind in topic for word in kind}, key=_hash)
        reserved.update(words[: round(len(words) / 5)])
    return reserved


def _known_words() -> set[str]:
    sentences = [sentence for side in (LEARNING, HELD_OUT) for kind in side for sentence in kind]
    topical = [word for topic in TOPICS.values() for kind in topic for word in kind]
    return {
        part
        for text in [*sentences, *topical, *PEOPLE, *SHOPS, *WHENS]
        for part in re.findall(r"\w+", text.lower())
    }


RESERVED = _reserved_words()
KNOWN_WORDS = _known_words()
