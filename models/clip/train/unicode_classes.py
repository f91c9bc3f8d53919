"""Writes functions/inputs/tokens/unicode-classes.ts: what `tokenizers` takes for a letter, a mark, punctuation.

The library brings three Unicode tables of different age along, and Node a newer one. So every code point is put to
the library itself. Needs `node` on the PATH: where normal forms differ depends on both.
"""

import json
import subprocess
from pathlib import Path

import tokenizers
from tokenizers import Regex, normalizers, pre_tokenizers

OUT = Path(__file__).parents[3] / "functions/inputs/tokens/unicode-classes.ts"
CODE_POINTS = [code for code in range(0x110000) if not 0xD800 <= code <= 0xDFFF]

# What Node takes apart, into what, and which marks it moves: over U+0334 (class 1) or under U+0345 (class 240).
NODE = """
const found = { apart: {}, moved: [] };
for (let code = 0; code < 0x110000; code += 1) {
  if (code >= 0xd800 && code <= 0xdfff) continue;
  const letter = String.fromCodePoint(code);
  const apart = letter.normalize('NFD');
  if (apart !== letter) found.apart[code] = [...apart].map((part) => part.codePointAt(0));
  const moves = [`a${letter}\\u0334`, `a\\u0345${letter}`].some((pair) => pair.normalize('NFD') !== pair);
  if (apart === letter && moves) found.moved.push(code);
}
console.log(JSON.stringify(found));
"""


def main() -> None:
    """Asks the library about every code point and writes the table."""
    clean = _bert(clean_text=True)
    accents = _bert(strip_accents=True)
    words = pre_tokenizers.BertPreTokenizer()
    classes = {
        "LETTERS": ("`\\\\p{L}` of its regular expressions", _matching(r"\p{L}")),
        "NUMBERS": ("`\\\\p{N}` of its regular expressions", _matching(r"\p{N}")),
        "PUNCTUATION": (
            "What BertPreTokenizer takes for a word of its own",
            [code for code in CODE_POINTS if len(words.pre_tokenize_str(f"a{chr(code)}b")) == 3],
        ),
        "REMOVED": (
            "What BertNormalizer removes as control characters",
            [code for code in CODE_POINTS if clean.normalize_str(f"a{chr(code)}b") == "ab"],
        ),
        "MARKS": (
            "What BertNormalizer removes as accents",
            [code for code in CODE_POINTS if accents.normalize_str(chr(code)) == ""],
        ),
        "OPAQUE": (
            "What Node's normal forms take apart, join or move, and the library leaves alone",
            _opaque(),
        ),
    }
    lines = [
        f"// Written by models/clip/train/unicode_classes.py from tokenizers {tokenizers.__version__}.",
        "// Ranges in base 36: how many code points are left out, how many are in.",
    ]
    for name, (meaning, codes) in classes.items():
        lines += ["", f"/** {meaning.replace(chr(92) * 2, chr(92))}. */", f"export const {name} ="]
        lines += [f"  '{_ranges(codes)}';"]
    OUT.write_text("\n".join(lines) + "\n", encoding="utf-8")
    print({name: len(codes) for name, (_, codes) in classes.items()})


def _bert(**on: bool) -> normalizers.BertNormalizer:
    off = {"clean_text": False, "handle_chinese_chars": False, "strip_accents": False, "lowercase": False}
    return normalizers.BertNormalizer(**(off | on))


def _matching(pattern: str) -> list[int]:
    split = pre_tokenizers.Split(Regex(pattern), behavior="removed", invert=True)
    return [code for code in CODE_POINTS if split.pre_tokenize_str(chr(code))]


def _opaque() -> list[int]:
    answer = subprocess.run(["node", "-e", NODE], check=True, capture_output=True, text=True)
    node = json.loads(answer.stdout)
    nfd = normalizers.NFD()
    strange: set[int] = set()
    for code, parts in node["apart"].items():
        letter = chr(int(code))
        if nfd.normalize_str(letter) == letter:
            # Itself, and what it begins with: Node's NFC would join that with what follows.
            strange |= {int(code), parts[0]}
    for code in node["moved"]:
        pairs = [f"a{chr(code)}\u0334", f"a\u0345{chr(code)}"]
        if all(nfd.normalize_str(pair) == pair for pair in pairs):
            strange.add(code)
    return sorted(strange)


def _ranges(codes: list[int]) -> str:
    numbers: list[str] = []
    end = 0
    for start, stop in _runs(codes):
        numbers += [_base36(start - end), _base36(stop - start)]
        end = stop
    return " ".join(numbers)


def _runs(codes: list[int]) -> list[tuple[int, int]]:
    runs: list[list[int]] = []
    for code in codes:
        if runs and runs[-1][1] == code:
            runs[-1][1] = code + 1
        else:
            runs.append([code, code + 1])
    return [(start, stop) for start, stop in runs]


def _base36(number: int) -> str:
    digits = "0123456789abcdefghijklmnopqrstuvwxyz"
    return digits[number] if number < 36 else _base36(number // 36) + digits[number % 36]


if __name__ == "__main__":
    main()
