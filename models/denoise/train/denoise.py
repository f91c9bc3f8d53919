"""A whole signal through the network: the Python original of functions/denoise."""

from typing import Any, NamedTuple

import numpy as np
import torch
from torch import nn

from resample import ratio, resample

# What differs by less is rounding.
SMALLEST_SHARE = 1e-12
ROWS = 32

PREPROCESSING = {
    "sample_rate": 50e6,
    "largest_resampling": 8,
    "overlap": 512,
    "pulses": {"threshold": 2.0, "shortest_gap": 16},
}


class Pulse(NamedTuple):
    """Seconds, the signal's own unit, seconds."""

    position: float
    amplitude: float
    width: float


class Denoised(NamedTuple):
    """At the signal's own rate; ratios in dB, None when all samples are equal."""

    samples: np.ndarray
    pulses: list[Pulse]
    snr_before: float | None
    snr_after: float | None


def denoise(network: nn.Module, samples: np.ndarray, rate: float) -> Denoised:
    """As `/test` answers it."""
    model_rate = PREPROCESSING["sample_rate"]
    largest = PREPROCESSING["largest_resampling"]
    seen_rate = model_rate if model_rate / largest <= rate <= model_rate * largest else rate
    factor = ratio(rate, seen_rate)
    seen = resample(samples, rate, seen_rate)
    denoised, variance = denoise_at_model_rate(network, seen)
    back = resample(denoised, float(factor.numerator), float(factor.denominator))
    step = factor.denominator / factor.numerator / rate
    return Denoised(
        back[: len(samples)],
        [
            Pulse(position * step, amplitude, width * step)
            for position, amplitude, width in find_pulses(denoised, variance)
        ],
        *snr_estimate(seen, denoised, variance),
    )


def denoise_at_model_rate(network: nn.Module, samples: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The signal and the variance of its error, from overlapping windows that fade into each other."""
    from network import WINDOW

    overlap = PREPROCESSING["overlap"]
    hop = WINDOW - overlap
    count = max(1, int(np.ceil((len(samples) - overlap) / hop)))
    fade = np.sin(np.pi / 2 * ((np.arange(overlap) + 0.5) / overlap)) ** 2
    denoised, variance = np.zeros(len(samples)), np.zeros(len(samples))
    starts = np.arange(count) * hop
    for begin in range(0, count, ROWS):
        group = starts[begin : begin + ROWS]
        rows, scales = np.zeros((len(group), WINDOW), np.float32), []
        for row, start in enumerate(group):
            window = samples[start : start + WINDOW]
            scale = _scale(window)
            scales.append(scale)
            if scale > 0:
                rows[row, : len(window)] = (window - window.mean()) / scale
        with torch.inference_mode():
            outputs = [each.numpy().astype(np.float64) for each in network(torch.from_numpy(rows))]
        for row, start in enumerate(group):
            size = min(WINDOW, len(samples) - start)
            weights = np.ones(size)
            if start > 0:
                weights[:overlap] = fade[:size]
            if start + hop < starts[-1] + hop:
                weights[hop:] = 1 - fade[: size - hop]
            denoised[start : start + size] += weights * outputs[0][row, :size] * scales[row]
            variance[start : start + size] += weights * outputs[1][row, :size] * scales[row] ** 2
    return denoised, variance


def _scale(window: np.ndarray) -> float:
    scale = np.sqrt(np.mean((window - window.mean()) ** 2))
    return float(scale) if scale > SMALLEST_SHARE * np.abs(window).max() else 0.0


def snr_estimate(
    noisy: np.ndarray, denoised: np.ndarray, variance: np.ndarray
) -> tuple[float | None, float | None]:
    """dB before and after; the formula is in the README of the function."""
    output, removed, error = (denoised**2).sum(), ((noisy - denoised) ** 2).sum(), variance.sum()
    if not error > 0:
        return None, None
    signal = output + error
    return float(10 * np.log10(signal / (removed + error))), float(10 * np.log10(signal / error))


def find_pulses(denoised: np.ndarray, variance: np.ndarray) -> list[tuple[int, float, int]]:
    """Place of the largest value, that value, and samples between the outermost ones of at least half of it."""
    constants: dict[str, Any] = PREPROCESSING["pulses"]
    heights = np.abs(denoised)
    active = (heights >= constants["threshold"] * np.sqrt(variance)) & (heights > 0)
    places = np.flatnonzero(active)
    found: list[tuple[int, float, int]] = []
    at, tail_peak, tail_gap, last_active = 0, 0.0, 0, 0
    while (following := np.searchsorted(places, at)) < len(places):
        at = int(places[following])
        if at - 1 - last_active > tail_gap:
            tail_peak = 0.0
        if tail_peak > 0 and heights[at] < tail_peak / 2:
            last_active = at
            at += 1
            continue
        start = peak_at = last_high = at
        run = longest = 1
        gap = constants["shortest_gap"]
        at += 1
        while at < len(heights):
            if heights[at] > heights[peak_at]:
                peak_at = at
            if heights[at] >= heights[peak_at] / 2:
                last_high = at
                run += 1
                longest = max(longest, run)
            else:
                run = 0
            gap = max(constants["shortest_gap"], 2 * longest)
            at += 1
            if at - 1 - last_high > gap:
                break
        first = start + int(np.argmax(heights[start : peak_at + 1] >= heights[peak_at] / 2))
        found.append((peak_at, float(denoised[peak_at]), last_high - first + 1))
        tail_peak, tail_gap, last_active = float(heights[peak_at]), gap, at - 1
    return found
