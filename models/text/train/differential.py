"""Writes texts of all scripts with what scikit-learn makes of them, for the TypeScript vectorizer to be held to.

    differential.py --seed 1 --texts 1000 --out test/fixtures/text/differential.json

The vectorizers are fitted to these very texts, so that the rarest code point is part of a term. Every analyzer is in
it, not only those of the model. Counts are compared by a hash per text; the first texts have their weights, too.
"""

import argparse
import hashlib
import json
import random
import sys
import unicodedata
from pathlib import Path
from typing import Any

from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.pipeline import FeatureUnion

from vectorizer import vocabulary_file

TEXTS_WITH_WEIGHTS = 40
# Terms per part: most texts have hundreds, so a part must choose.
TERMS = 900

# Where casing, word boundaries and spaces are easily got wrong.
TRAPS = [
    *"ΣσςİıIiẞßŉǅDžΐΰᾳᾼΩKÅ_'’·.:-­",
    *"\t\n\v\f\r \x1c\x1d\x1e\x1f\x85\xa0\u1680\u180e\u2000\u200a\u2028\u2029\u202f\u205f\u3000\ufeff",
    *"\u0300\u0301\u0307\u0345\u200b\u200c\u200d\u2060\ufe0f\u20e3\u0e33\u0f0b",
    *"²³¹½Ⅷ٣९೬０①ªº",
    "👨‍👩‍👧‍👦", "🇺🇳", "é", "i̇", "ΑΣ", "ΑΣ'Σ", "AΣ\u0301", "ΣΣ", "\ud83d", "\ude00", "𐐀𐐨", "𞤀𞤢",
]  # fmt: skip


def main() -> None:
    """Draws the texts and writes the file."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--texts", type=int, required=True)
    parser.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args()

    texts = draw_texts(random.Random(arguments.seed), arguments.texts)
    union = FeatureUnion(
        [
            ("word", _fitted(analyzer="word", ngram_range=(1, 2), sublinear_tf=True)),
            ("word3", _with_shorter(texts, analyzer="word", ngram_range=(2, 3))),
            ("char_wb", _fitted(analyzer="char_wb", ngram_range=(3, 5), sublinear_tf=True)),
            ("char_wb5", _with_shorter(texts, analyzer="char_wb", ngram_range=(5, 6))),
            ("char", _with_shorter(texts, analyzer="char", ngram_range=(2, 3))),
        ]
    ).fit(texts)
    document = {
        "code_points_sha256": hash_of_code_points(),
        "vocabulary": vocabulary_file(union),
        "texts": texts,
        "counts_sha256": hashes_of_counts(union, texts),
        "weights": weights(union, texts[:TEXTS_WITH_WEIGHTS]),
    }
    # ASCII: the texts have halves of surrogate pairs in them, which UTF-8 has no bytes for.
    arguments.out.write_text(json.dumps(document, separators=(",", ":")) + "\n", encoding="ascii")
    print(f"{len(texts)} texts in {arguments.out}")


def draw_texts(chance: random.Random, count: int) -> list[str]:
    """Texts from a pool of words, so that terms come again, with single code points strewn in."""
    assigned = [
        chr(point)
        for point in range(sys.maxunicode + 1)
        if unicodedata.category(chr(point)) not in ("Cn", "Co")
    ]
    common = [chr(point) for point in range(0x20, 0x3000) if chr(point).isalpha()]

    def sign() -> str:
        return chance.choice(chance.choice([assigned, common, common, TRAPS]))

    pool = ["".join(sign() for _ in range(chance.randint(1, 6))) for _ in range(400)]
    texts = []
    for _ in range(count):
        parts = []
        for _ in range(chance.randint(0, 9)):
            word = chance.choice(pool)
            parts.append(chance.choice([word, word, word.upper(), word.lower(), word.title()]))
            parts.append(chance.choice([" ", " ", "  ", "", chance.choice(TRAPS), sign()]))
        # As any JSON parser reads it: two halves of a pair that meet are one code point.
        texts.append(json.loads(json.dumps("".join(parts))))
    return texts


def hash_of_code_points() -> str:
    """What every code point is by itself, and what it does to a capital sigma beside it."""
    digest = hashlib.sha256()
    tokenize = CountVectorizer().build_tokenizer()
    for point in range(sys.maxunicode + 1):
        sign = chr(point)
        lower = sign.lower()
        word = tokenize(sign + sign) != []
        space = sign.isspace()
        near = [sign + "Σ", "A" + sign + "Σ", "AΣ" + sign, "AΣ" + sign + "A"]
        finals = "".join("1" if "ς" in text.lower() else "0" for text in near)
        if lower == sign and not word and not space and finals == "0011":
            continue
        points = ",".join(f"{ord(one):x}" for one in lower)
        digest.update(f"{point:x} {points} {int(word)}{int(space)} {finals}\n".encode("ascii"))
    return digest.hexdigest()


def hashes_of_counts(union: FeatureUnion, texts: list[str]) -> list[str]:
    """Per text, of `column:count` joined by commas: the first 12 digits of its sha256."""
    rows: list[list[str]] = [[] for _ in texts]
    offset = 0
    for _, part in union.transformer_list:
        counts = CountVectorizer.transform(part, texts).tocsr()
        counts.sort_indices()
        for row, own in enumerate(rows):
            start, end = counts.indptr[row], counts.indptr[row + 1]
            own += [
                f"{offset + column}:{int(count)}"
                for column, count in zip(counts.indices[start:end], counts.data[start:end])
            ]
        offset += counts.shape[1]
    return [hashlib.sha256(",".join(row).encode()).hexdigest()[:12] for row in rows]


def weights(union: FeatureUnion, texts: list[str]) -> list[list[Any]]:
    """Per text, the columns that are not 0 and their values, one after the other."""
    table = union.transform(texts).tocsr()
    table.sort_indices()
    return [
        [
            number
            for at in range(table.indptr[row], table.indptr[row + 1])
            for number in (int(table.indices[at]), float(table.data[at]))
        ]
        for row in range(len(texts))
    ]


def _fitted(**settings: Any) -> TfidfVectorizer:
    return TfidfVectorizer(max_features=TERMS, **settings)


def _with_shorter(
    texts: list[str], analyzer: str, ngram_range: tuple[int, int]
) -> TfidfVectorizer:
    """One whose vocabulary has shorter n-grams, too, which it must not count."""
    settings = {"analyzer": analyzer, "sublinear_tf": False}
    fitted = _fitted(ngram_range=ngram_range, **settings).fit(texts)
    shorter = _fitted(ngram_range=(1, ngram_range[0] - 1), **settings).fit(texts)
    terms = {*fitted.get_feature_names_out()} | {*shorter.get_feature_names_out()[:200]}
    return TfidfVectorizer(vocabulary=sorted(terms), ngram_range=ngram_range, **settings)


if __name__ == "__main__":
    main()
