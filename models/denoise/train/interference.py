"""What disturbs a measurement: white and coloured noise, radio stations, the mains."""

from collections.abc import Sequence

import numpy as np

KINDS = ("white", "coloured", "narrow-band", "mains")
MAINS = 50.0


def draw_interference(
    random: np.random.Generator, rate: float, count: int, kinds: Sequence[str] = KINDS
) -> np.ndarray:
    """`count` samples of a mixture of `kinds` in random shares, with a mean power of 1."""
    shares = random.dirichlet(np.full(len(kinds), 0.8))
    total = np.zeros(count)
    for kind, share in zip(kinds, shares):
        total += np.sqrt(share) * _unit(_DRAWN[kind](random, rate, count))
    return _unit(total)


def _white(random: np.random.Generator, _rate: float, count: int) -> np.ndarray:
    return random.standard_normal(count)


def _coloured(random: np.random.Generator, rate: float, count: int) -> np.ndarray:
    """Power falls with the frequency to the 0.5 to 2, above some corner."""
    spectrum = np.fft.rfft(random.standard_normal(count))
    frequencies = np.fft.rfftfreq(count, 1 / rate)
    corner = np.exp(random.uniform(np.log(2e4), np.log(1e6)))
    spectrum *= (1 + (frequencies / corner) ** 2) ** (-random.uniform(0.5, 2.0) / 4)
    return np.fft.irfft(spectrum, count)


def _narrow_band(random: np.random.Generator, rate: float, count: int) -> np.ndarray:
    """One to four carriers, modulated in amplitude as radio is."""
    times = np.arange(count) / rate
    total = np.zeros(count)
    for _ in range(random.integers(1, 5)):
        carrier = np.exp(random.uniform(np.log(1e5), np.log(min(2e7, 0.4 * rate))))
        tone = random.uniform(300, 10_000)
        depth = random.uniform(0, 0.8)
        phases = random.uniform(0, 2 * np.pi, 2)
        envelope = 1 + depth * np.sin(2 * np.pi * tone * times + phases[0])
        total += random.uniform(0.3, 1) * envelope * np.sin(2 * np.pi * carrier * times + phases[1])
    return total


def _mains(random: np.random.Generator, rate: float, count: int) -> np.ndarray:
    """50 Hz and two harmonics, from a random phase on."""
    times = np.arange(count) / rate + random.uniform(0, 1 / MAINS)
    heights = [1.0, random.uniform(0, 0.3), random.uniform(0, 0.2)]
    return sum(
        height * np.sin(2 * np.pi * MAINS * harmonic * times + random.uniform(0, 2 * np.pi))
        for height, harmonic in zip(heights, (1, 3, 5))
    )


_DRAWN = {"white": _white, "coloured": _coloured, "narrow-band": _narrow_band, "mains": _mains}


def _unit(samples: np.ndarray) -> np.ndarray:
    return samples / max(np.sqrt(np.mean(samples**2)), 1e-30)
