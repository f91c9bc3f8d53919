"""Writes test/fixtures/tokens: small tokenizers of CLIP's and BERT's kind, and what `tokenizers` makes of hard texts."""

import hashlib
import json
import random
from pathlib import Path

import tokenizers
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
from transformers import CLIPTokenizer

OUT = Path(__file__).parents[3] / "test/fixtures/tokens"
SEED = 77
RANDOM_TEXTS = 300
# Code points of one text; the surrogates are whole blocks.
BLOCK = 1024

TEXTS = [
    "",
    " ",
    "a photo of a cat",
    "  A  Photo\tof\n\r a\u00a0CAT  ",
    "it's we're I'll they've I'd don't 'S ''s 's's",
    "O'Neil's l'été rock'n'roll",
    "3.14 1,000,000 0x7f \u0663\u0664\u0665 \u2167 \u00bd \U0001d7d8",
    "hello_world foo-bar... ?!?! #tag @you $5 100% a+b=c <b>x</b> \\ / | ` ~ ^",
    "caf\u00e9 cafe\u0301 CAF\u00c9 CAFE\u0301",
    "\u00c5ngstr\u00f6m A\u030angstro\u0308m \u212b",
    "\u0130stanbul I\u0307 \u0131 \u1e9e STRASSE stra\u00dfe \ufb01 \ufb03",
    "\u03a3\u03a3\u03a3 \u039f\u0394\u039f\u03a3 \u03c2",
    "q\u0323\u0307 q\u0307\u0323 \u1e0b\u0323 \u0344 \u0308\u0301",
    "\uac00\uac01 \u1100\u1161\u11a8 \u1112\u1161\u11ab\u1100\u1173\u11af",
    "\u4f60\u597d\u4e16\u754c\u3002 \u3053\u3093\u306b\u3061\u306f \u30ab\u30bf\u30ab\u30ca \ud55c\uad6d\uc5b4 \U00020000\U0002b820\U0002b920\U0002f800\uf900",
    "\u0645\u0631\u062d\u0628\u0627 \u0628\u0627\u0644\u0639\u0627\u0644\u0645 \u061f \u05e9\u05c1\u05b8\u05dc\u05d5\u05b9\u05dd \u0928\u092e\u0938\u094d\u0924\u0947",
    "\u202eabc\u202c \u200b\u200d\ufeffx \u00ad soft\u00adhyphen",
    "\U0001f600 \U0001f468\u200d\U0001f469\u200d\U0001f467 \U0001f1e9\U0001f1ea \u2764\ufe0f 1\ufe0f\u20e3 \U0001f44d\U0001f3fd",
    "\u0000\u0001\u001f\u007f\u0085\u009f\ufffd\ufffe\uffff\ue000\U000f0000 end",
    "tab\there vt\x0bff\x0cfs\x1cgs\x1dnel\x85ls\u2028ps\u2029em\u2003ogham\u1680mongolian\u180e",
    "<|startoftext|> a <|endoftext|> b <|ENDOFTEXT|> <|endoftext|><|endoftext|>",
    "[CLS] a [SEP] b [MASK] [PAD][UNK] [mask] [ MASK ] [MASK]s",
    "z\u0351\u0343\u036a\u0302\u036b\u033da\u0334\u0335l\u0334\u0300\u0301\u0302g\u0321\u0322o\u0489",
    "supercalifragilisticexpialidocious antidisestablishmentarianism",
    "a" * 300,
    "ab" * 60,
    "\u00e9" * 120,
    "." * 200,
    "x y " * 60,
    "\U0001d4d7\U0001d4ee\U0001d4f5\U0001d4f5\U0001d4f8 \uff28\uff45\uff4c\uff4c\uff4f \u24bd\u24d4",
    "\U000105d2\u0307 \U00011935\U00011930 \U00016d63\U00016d67 \u0897a\u0334 a\u0345\u0897 a\u08ca\u0323",
    "\u166d\U000111c9\u061d\u2e52\u2e5d\u3014\u3015\u00ab\u00bb\u00bf\u2010\u2015\u203f",
    "na\u00efve co\u00f6perate r\u00e9sum\u00e9 \u0153uvre \u00e6on \u0142\u00f3d\u017a \u0111\u00f4ng \u1ebf",
    "\u1d2c\u02b0\u00aa\u00ba\u0149\u01c5\u01f0\u0390\u1f88\u2126\u2160\u24b6\ua64a\U00010400\U0001e900",
]
POOLS = [
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ",
    "    \t\n\r\u00a0\u2003\u3000\u0085\u2028\ufeff",
    "0123456789\u0660\u0966\u00b2\u2167\u4e00",
    "'\u2019.,;:!?-_()[]{}<>|/\\@#$%^&*+=~`\"\u00ab\u3002",
    "\u0300\u0301\u0302\u0308\u0323\u0327\u0328\u0334\u0345\u0489\u05b0\u064b\u093c\u0e48\u3099\u20d0\ufe0f",
    "\u00e0\u00c9\u00f1\u00fc\u0130\u0131\u00df\u03a3\u03c3\u03c2\u0416\u0436\u1e9e\u01c4\u0149\u212a",
    "\u1100\u1161\u11a8\uac00\ud7a3\u4f60\u597d\u3042\u30ac\u30ab\u3099\uff76\U00020001\U0002b900\uf901",
    "\U0001f600\U0001f468\u200d\U0001f3fd\U0001f1e9\u2764\U0001d4d0\U0001d7ce",
    "\u0000\u0007\u00ad\u200b\u200e\u202e\u2066\ufffd\ue123\ufdd0\U000e0001\U0010ffff",
    "\u0897\u088f\u0c5c\U000105d2\u0307\U00011935\U00011930\U00016d63\U00016d67\U000113c5\U0001e6ee\U0001e4ec",
]
PIECES = ["<|endoftext|>", "<|startoftext|>", "[MASK]", "[UNK]", "'s", "'ll", "'re", "the ", "ing ", "un"]


def main() -> None:
    """Trains the tokenizers, asks them, writes everything."""
    OUT.mkdir(parents=True, exist_ok=True)
    texts = TEXTS + random_texts()
    made = {
        "clip": clip(texts),
        "clip-openai-form": openai_form(clip(texts)),
        "bert": bert(texts, lowercase=True),
        "bert-cased": bert(texts, lowercase=False),
    }
    for name, tokenizer in made.items():
        (OUT / f"{name}.json").write_text(tokenizer.to_str() + "\n", encoding="utf-8")
    if "merges" in (form := json.loads(made["clip-openai-form"].to_str()))["model"]:
        # As tokenizers before 0.20 wrote it, OpenAI's among them.
        form["model"]["merges"] = [" ".join(pair) for pair in form["model"]["merges"]]
        del form["model"]["ignore_merges"]
        (OUT / "clip-openai-form.json").write_text(
            json.dumps(form, ensure_ascii=False) + "\n", encoding="utf-8"
        )
    cases = [
        {"text": text} | {name: tokenizer.encode(text).ids for name, tokenizer in made.items()}
        for text in texts
    ]
    document = {
        "producer": f"tokenizers {tokenizers.__version__}",
        "cases": cases,
        "truncated": truncated(made),
        "every_code_point": every_code_point(),
    }
    lines = [
        f"  {json.dumps(key)}: "
        + (
            "[\n" + ",\n".join(f"    {json.dumps(item)}" for item in value) + "\n  ]"
            if isinstance(value, list)
            else json.dumps(value)
        )
        for key, value in document.items()
    ]
    (OUT / "cases.json").write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")
    print(f"{len(cases)} texts, tokenizers {tokenizers.__version__}")


def random_texts() -> list[str]:
    """Mixtures of everything that is hard."""
    draw = random.Random(SEED)
    texts = []
    for _ in range(RANDOM_TEXTS):
        parts = []
        for _ in range(draw.randint(1, 24)):
            kind = draw.random()
            if kind < 0.1:
                parts.append(draw.choice(PIECES))
            elif kind < 0.15:
                parts.append(chr(draw.choice([draw.randrange(0xD800), draw.randrange(0xE000, 0x110000)])))
            else:
                parts.append(draw.choice(draw.choice(POOLS)))
        texts.append("".join(parts))
    return texts


def clip(texts: list[str]) -> Tokenizer:
    """As transformers makes it for CLIP, with the merges of these texts."""
    pattern = CLIPTokenizer().backend_tokenizer
    trainee = Tokenizer(models.BPE(end_of_word_suffix="</w>"))
    trainee.normalizer, trainee.pre_tokenizer = pattern.normalizer, pattern.pre_tokenizer
    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    trainer = trainers.BpeTrainer(
        vocab_size=1100, initial_alphabet=letters, end_of_word_suffix="</w>", show_progress=False
    )
    trainee.train_from_iterator(texts * 3 + ["hello hello world world photo photo"] * 5, trainer)
    merges = [tuple(pair) for pair in json.loads(trainee.to_str())["model"]["merges"]]
    tokens = letters + [letter + "</w>" for letter in letters] + ["".join(pair) for pair in merges]
    vocabulary = {token: number for number, token in enumerate(dict.fromkeys(tokens))}
    for token in ("<|startoftext|>", "<|endoftext|>"):
        vocabulary[token] = len(vocabulary)
    return CLIPTokenizer(vocab=vocabulary, merges=merges).backend_tokenizer


def openai_form(tokenizer: Tokenizer) -> Tokenizer:
    """The same as openai/clip-vit-base-patch32 has it: added tokens that are looked for in the normalized text."""
    form = json.loads(tokenizer.to_str())
    for token in form["added_tokens"]:
        token["normalized"] = True
    split = form["pre_tokenizer"]["pretokenizers"][0]
    split["pattern"]["Regex"] = r"'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+"
    return Tokenizer.from_str(json.dumps(form))


def bert(texts: list[str], lowercase: bool) -> Tokenizer:
    """As transformers makes it for BERT, with the pieces of these texts."""
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=lowercase)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.decoder = decoders.WordPiece()
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    trainer = trainers.WordPieceTrainer(vocab_size=900, special_tokens=special, show_progress=False)
    tokenizer.train_from_iterator(texts, trainer)
    if lowercase:
        tokenizer.post_processor = processors.TemplateProcessing(
            single="[CLS] $A [SEP]",
            pair="[CLS] $A [SEP] $B:1 [SEP]:1",
            special_tokens=[(token, tokenizer.token_to_id(token)) for token in ("[CLS]", "[SEP]")],
        )
    else:
        tokenizer.post_processor = processors.BertProcessing(
            ("[SEP]", tokenizer.token_to_id("[SEP]")), ("[CLS]", tokenizer.token_to_id("[CLS]"))
        )
    return tokenizer


def truncated(made: dict[str, Tokenizer]) -> list[dict]:
    """The same with a limit, as CLIPProcessor(truncation=True, max_length=…) and FlavaProcessor's do."""
    found = []
    for name, tokenizer in made.items():
        for most in (2, 3, 8, 77):
            tokenizer.enable_truncation(most)
            found += [
                {"tokenizer": name, "max_tokens": most, "text": text, "ids": tokenizer.encode(text).ids}
                for text in ("", "a photo of a cat, or not", "x y " * 60, "ab" * 60, "[MASK] " * 9)
            ]
        tokenizer.no_truncation()
    return found


def every_code_point() -> dict[str, str]:
    """sha256 of what each step makes of every code point between two letters, with a blank after: "aXb "

    The planes 4 to 13 have no characters, 15 and 16 are for private use: a block stands for each of those.
    """
    steps = {
        "NFC": normalizers.NFC(),
        "NFD": normalizers.NFD(),
        "Lowercase": normalizers.Lowercase(),
        "BertNormalizer": normalizers.BertNormalizer(),
    }
    cuts = {
        "BertPreTokenizer": pre_tokenizers.BertPreTokenizer(),
        "CLIP": CLIPTokenizer().backend_tokenizer.pre_tokenizer,
    }
    blocks = [
        "".join(f"a{chr(code)}b " for code in range(start, start + BLOCK))
        for start in [*range(0, 0x40000, BLOCK), 0xE0000, 0xF0000, 0x100000]
        if not 0xD800 <= start <= 0xDFFF
    ]
    found = {}
    for name, step in steps.items():
        found[name] = _digest(step.normalize_str(block) for block in blocks)
    for name, cut in cuts.items():
        found[name] = _digest(
            " ".join(word for word, _ in cut.pre_tokenize_str(block)) for block in blocks
        )
    return found


def _digest(texts) -> str:
    return hashlib.sha256("\n".join(texts).encode()).hexdigest()


if __name__ == "__main__":
    main()
