"""Noisy signals whose pulses are known, each from a number alone."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from interference import KINDS, draw_interference
from pulses import draw_train

# Of the digitisers that such signals come from, samples per second.
RATES = (25e6, 40e6, 50e6, 62.5e6, 100e6, 125e6, 200e6)
SHORTEST_SECONDS, LONGEST_SECONDS = 0.15e-3, 0.6e-3


class Signal(NamedTuple):
    """What was measured, what it would be without interference, and the pulses in it."""

    noisy: np.ndarray
    clean: np.ndarray
    rate: float
    positions: np.ndarray
    amplitudes: np.ndarray


def draw_signal(
    seed: int, index: int, snr_db: float, kinds: Sequence[str] = KINDS, rate: float | None = None
) -> Signal:
    """Signal `index` of the set `seed`: the power of its pulses is `snr_db` above that of its interference."""
    random = np.random.default_rng([seed, index])
    rate = float(random.choice(RATES)) if rate is None else rate
    count = int(random.uniform(SHORTEST_SECONDS, LONGEST_SECONDS) * rate)
    train = draw_train(random, rate, count)
    interference = draw_interference(random, rate, count, kinds)
    interference *= np.sqrt(np.mean(train.samples**2)) * 10 ** (-snr_db / 20)
    # Sensors differ in what a discharge is to them: microvolts to volts.
    gain = 10 ** random.uniform(-4, 0)
    return Signal(
        noisy=(train.samples + interference) * gain,
        clean=train.samples * gain,
        rate=rate,
        positions=train.positions,
        amplitudes=train.amplitudes * gain,
    )


def snr_db(clean: np.ndarray, other: np.ndarray) -> float:
    """Power of `clean` over the power of what `other` differs from it by, in dB."""
    error = np.mean((other - clean) ** 2)
    return float(10 * np.log10(np.mean(clean**2) / max(error, 1e-30 * np.mean(clean**2))))
