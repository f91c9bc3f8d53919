"""What signals and predictions looked like in training; drift is measured against it."""

from typing import Any

import numpy as np
import shared_path  # noqa: F401
from denoise import denoise
from histograms import numeric, quantile_edges, training_baseline
from signals import draw_signal
from torch import nn

BINS = 8
SIGNALS = 60


def signals_baseline(network: nn.Module, seed: int) -> dict[str, Any]:
    """Histograms of `crest_factor` (largest distance from the mean by the root mean square around it) of signals as
    the library has them, from -10 to 20 dB, and of `snr_before_db` and `repetition_rate_hz` of their answers."""
    random = np.random.default_rng([seed, 2])
    crests, ratios, rates = [], [], []
    for index in range(SIGNALS):
        signal = draw_signal(seed, index, float(random.uniform(-10, 20)))
        answer = denoise(network, signal.noisy, signal.rate)
        around = signal.noisy - signal.noisy.mean()
        crests.append(round(float(np.abs(around).max() / around.std()), 2))
        ratios.append(round(answer.snr_before, 2))
        rates.append(round(len(answer.pulses) * signal.rate / len(signal.noisy)))
    return training_baseline(
        SIGNALS,
        [numeric("crest_factor", crests, quantile_edges(crests, BINS))],
        [
            numeric("snr_before_db", ratios, quantile_edges(ratios, BINS)),
            numeric("repetition_rate_hz", rates, quantile_edges(rates, BINS)),
        ],
    )
