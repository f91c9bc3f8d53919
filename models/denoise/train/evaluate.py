"""How much interference the whole pipeline takes out of signals it has not learned from, beside what wavelets and
Wiener filters do, and how well it finds their pulses."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pywt
from scipy.signal import wiener
from torch import nn

from denoise import denoise
from holdout import held_out_signal
from interference import KINDS
from signals import Signal, snr_db

SIGNALS = 24
# A pulse counts as found when one is reported this close to it, seconds.
NEAR = 0.5e-6
WAVELETS = ("db4", "sym8")


def held_out_metrics(network: nn.Module, seed: int) -> dict[str, Any]:
    """Over signals at 0 dB: what is gained, how far the own estimates are off, which pulses are found."""
    gains, baselines, estimates = [], [], []
    right = reported = there = 0
    for index in range(SIGNALS):
        signal = held_out_signal(seed, index)
        answer = denoise(network, signal.noisy, signal.rate)
        before, after = snr_db(signal.clean, signal.noisy), snr_db(signal.clean, answer.samples)
        gains.append(after - before)
        baselines.append([snr_db(signal.clean, each(signal)) - before for each in BASELINES.values()])
        estimates.append((answer.snr_before - before, answer.snr_after - after))
        positions = np.array([pulse.position for pulse in answer.pulses])
        right += _found(positions, signal.positions)
        reported += len(positions)
        there += len(signal.positions)
    return {
        "signals": SIGNALS,
        "gain_db": _rounded(np.mean(gains)),
        "smallest_gain_db": _rounded(np.min(gains)),
        "baseline_gain_db": {
            name: _rounded(value) for name, value in zip(BASELINES, np.mean(baselines, axis=0))
        },
        "estimate_error_db": {
            name: _rounded(value)
            for name, value in zip(("before", "after"), np.abs(estimates).mean(axis=0))
        },
        "pulses": {
            "there": there,
            "precision": _rounded(right / max(reported, 1)),
            "recall": _rounded(right / there),
        },
    }


def gain_by_kind(network: nn.Module, seed: int, signals: int = 8) -> dict[str, dict[str, float]]:
    """The gain at 0 dB for interference of one kind alone, beside that of the better baseline."""
    gains = {}
    for kind in KINDS:
        rows = []
        for index in range(signals):
            signal = held_out_signal(seed, index, kinds=(kind,))
            before = snr_db(signal.clean, signal.noisy)
            answer = denoise(network, signal.noisy, signal.rate).samples
            others = [snr_db(signal.clean, each(signal)) for each in BASELINES.values()]
            rows.append([snr_db(signal.clean, answer) - before, *(each - before for each in others)])
        mean = np.mean(rows, axis=0)
        gains[kind] = {"gain_db": _rounded(mean[0]), "best_baseline_db": _rounded(mean[1:].max())}
    return gains


def gain_by_snr(network: nn.Module, seed: int, signals: int = 8) -> dict[str, float]:
    """The gain at other ratios."""
    gains = {}
    for ratio in (-10, 10, 20):
        rows = []
        for index in range(signals):
            signal = held_out_signal(seed, index, float(ratio))
            answer = denoise(network, signal.noisy, signal.rate).samples
            rows.append(snr_db(signal.clean, answer) - snr_db(signal.clean, signal.noisy))
        gains[f"{ratio} dB"] = _rounded(np.mean(rows))
    return gains


def _found(positions: np.ndarray, wanted: np.ndarray) -> int:
    """How many of the wanted ones have one near them, each its own."""
    free = list(positions)
    count = 0
    for position in wanted:
        near = [each for each in free if abs(each - position) <= NEAR]
        if near:
            free.remove(min(near, key=lambda each: abs(each - position)))
            count += 1
    return count


def _wavelet(name: str) -> Callable[[Signal], np.ndarray]:
    """Soft thresholds by level (median of the details, universal), the coarsest approximation left out: it has the
    mains."""

    def clean(signal: Signal) -> np.ndarray:
        levels = min(8, pywt.dwt_max_level(len(signal.noisy), name))
        coefficients = pywt.wavedec(signal.noisy - signal.noisy.mean(), name, level=levels)
        kept = [np.zeros_like(coefficients[0])]
        for details in coefficients[1:]:
            deviation = np.median(np.abs(details)) / 0.6745
            limit = deviation * np.sqrt(2 * np.log(len(signal.noisy)))
            kept.append(pywt.threshold(details, limit, "soft"))
        return pywt.waverec(kept, name)[: len(signal.noisy)]

    return clean


def _wiener(signal: Signal) -> np.ndarray:
    """scipy's local filter over some 200 ns, of the signal without its slow part."""
    slow = np.convolve(signal.noisy, np.ones(1001) / 1001, "same")
    size = max(3, int(2e-7 * signal.rate) | 1)
    return wiener(signal.noisy - slow, size)


BASELINES: dict[str, Callable[[Signal], np.ndarray]] = {
    **{f"wavelet {name}": _wavelet(name) for name in WAVELETS},
    "wiener": _wiener,
}


def _rounded(value: float) -> float:
    return round(float(value), 3)
