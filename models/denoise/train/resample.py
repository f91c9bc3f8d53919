"""From one sampling rate to another by a ratio of whole numbers: the original of functions/inputs/signal/resample.ts."""

from fractions import Fraction

import numpy as np
from scipy.signal import resample_poly

# Ratios of larger numbers are rounded; what is resampled back comes by the same ratio, so nothing is out of place.
LARGEST_FACTOR = 1000


def ratio(rate: float, model_rate: float) -> Fraction:
    """`model_rate` over `rate`, of numbers up to 1000."""
    exact = Fraction(model_rate) / Fraction(rate)
    if exact > 1:
        return 1 / (1 / exact).limit_denominator(LARGEST_FACTOR)
    return exact.limit_denominator(LARGEST_FACTOR)


def resample(samples: np.ndarray, rate: float, model_rate: float) -> np.ndarray:
    """At `model_rate`, with scipy's own low-pass filter; what lies beyond an end is like its last sample."""
    factor = ratio(rate, model_rate)
    return resample_poly(samples, factor.numerator, factor.denominator, padtype="edge")
