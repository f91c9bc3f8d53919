"""The training baseline of a model: what inputs and predictions looked like when it learned.

Every training script writes its `training_baseline` with these; a serving function counts into the same bins, and
the difference is drift. A bin holds `lower <= value < upper`; the first and the last are open. No packages needed.
"""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any


def training_baseline(
    rows: int, features: list[dict[str, Any]], predictions: list[dict[str, Any]]
) -> dict[str, Any]:
    """`training_baseline` of model.json, from histograms over `rows` training rows."""
    names = [histogram["name"] for histogram in [*features, *predictions]]
    if len(set(names)) != len(names):
        raise ValueError(f"two histograms have one name: {names}")
    return {"rows": rows, "features": features, "predictions": predictions}


def numeric(name: str, values: Iterable[float], edges: Sequence[float]) -> dict[str, Any]:
    """The share of `values` between `edges`, which rise; there is one share more than edges.

    Raises ValueError when edges do not rise, or a value is not a number.
    """
    if any(not low < high for low, high in zip(edges, edges[1:])):
        raise ValueError(f"{name}: edges must rise: {list(edges)}")
    counts = [0] * (len(edges) + 1)
    for value in values:
        if value != value:
            raise ValueError(f"{name}: a value is not a number")
        counts[bisect_right(edges, value)] += 1
    return {"name": name, "edges": [float(edge) for edge in edges], "proportions": _shares(name, counts)}


def categorical(name: str, values: Iterable[str], categories: Sequence[str]) -> dict[str, Any]:
    """The share of each category among `values`, in the order of `categories`.

    Raises ValueError when a value is none of the categories.
    """
    counts = Counter(values)
    if strangers := set(counts) - set(categories):
        raise ValueError(f"{name}: no such category: {sorted(strangers)}")
    shares = _shares(name, [counts[category] for category in categories])
    return {"name": name, "categories": list(categories), "proportions": shares}


def quantile_edges(values: Iterable[float], bins: int) -> list[float]:
    """Edges that put about the same number of values into each of `bins` bins; fewer where values repeat.

    An edge is always one of the values, the lowest of its bin, so that whole numbers give whole edges.
    """
    ordered = sorted(values)
    if not ordered or bins < 1:
        raise ValueError("quantiles need a value and a bin")
    at = (ordered[len(ordered) * step // bins] for step in range(1, bins))
    return [edge for edge in dict.fromkeys(at) if edge > ordered[0]]


def _shares(name: str, counts: Sequence[int]) -> list[float]:
    total = sum(counts)
    if total == 0:
        raise ValueError(f"{name}: no values")
    return [round(count / total, 6) for count in counts]
