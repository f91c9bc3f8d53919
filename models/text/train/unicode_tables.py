"""What this Python takes for a word character, a space, a capital: tables for runtimes with another Unicode version.

Every table is asked of the very functions that scikit-learn calls (`re`, `str.lower`, `str.split`), code point by
code point, so it is right by construction, also for code points that are not assigned yet.
"""

import re
import sys
import unicodedata
from typing import Any

EVERY_CODE_POINT = range(sys.maxunicode + 1)


def unicode_tables() -> dict[str, Any]:
    """The tables as vocabulary.json has them.

    A set is a flat list of runs: code points to skip, code points that belong to it, to skip, to take, …
    `lower` is a flat list of runs `skip, count, step, distance`: `count` code points, every `step`-th, whose small
    form lies `distance` further; the next run starts after the last of them. `lower_special` has the others.
    """
    word, space = re.compile(r"\w"), re.compile(r"\s")
    small, special = _small_forms()
    return {
        "version": unicodedata.unidata_version,
        "word": _runs(word.match(chr(point)) is not None for point in EVERY_CODE_POINT),
        "space": _runs(space.match(chr(point)) is not None for point in EVERY_CODE_POINT),
        "cased": _runs(_ends_word_before_sigma(chr(point)) for point in EVERY_CODE_POINT),
        "case_ignorable": _runs(_is_seen_through(chr(point)) for point in EVERY_CODE_POINT),
        "lower": _lower_runs(small),
        "lower_special": special,
    }


def _ends_word_before_sigma(sign: str) -> bool:
    # A capital sigma becomes a final one after a cased character; this asks str.lower itself.
    return (sign + "Σ").lower().endswith("ς")


def _is_seen_through(sign: str) -> bool:
    return not _ends_word_before_sigma(sign) and ("A" + sign + "Σ").lower().endswith("ς")


def _small_forms() -> tuple[dict[int, int], dict[str, str]]:
    small, special = {}, {}
    for point in EVERY_CODE_POINT:
        # The capital sigma has two small forms; here it gets the common one.
        lower = chr(point).lower()
        if len(lower) > 1:
            special[str(point)] = lower
        elif ord(lower) != point:
            small[point] = ord(lower)
    return small, special


def _runs(members: Any) -> list[int]:
    runs, inside, length = [], False, 0
    for member in members:
        if member != inside:
            runs.append(length)
            inside, length = member, 0
        length += 1
    return [*runs, length] if inside else runs


def _lower_runs(small: dict[int, int]) -> list[int]:
    runs: list[list[int]] = []
    for point, lower in small.items():
        distance = lower - point
        if runs:
            start, count, step, same = runs[-1]
            last = start + (count - 1) * step
            if same == distance and (point - last == step or (count == 1 and point - last <= 2)):
                runs[-1] = [start, count + 1, point - last, same]
                continue
        runs.append([point, 1, 1, distance])
    flat, at = [], 0
    for start, count, step, distance in runs:
        flat += [start - at, count, step, distance]
        at = start + (count - 1) * step + 1
    return flat
