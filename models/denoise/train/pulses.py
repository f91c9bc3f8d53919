"""Pulses of partial discharges: four shapes known from the literature, trains of them as measured signals have."""

from typing import NamedTuple

import numpy as np

SHAPES = ("exponential", "oscillating", "double exponential", "double oscillating")
# Of the measuring circuit: no pulse rises at once. Seconds.
RISE = 15e-9
# Decay times, seconds.
SHORTEST, LONGEST = 60e-9, 2.5e-6
# Oscillations, Hz: a sensor and its filter let no more through. Also a share of the sampling rate.
LOWEST_FREQUENCY, HIGHEST_FREQUENCY, HIGHEST_SHARE = 0.3e6, 12e6, 0.35
# Pulses are this far apart in the mean, seconds.
CLOSEST, FARTHEST = 30e-6, 300e-6


class PulseTrain(NamedTuple):
    """`samples` without any noise; where each pulse has its largest value, in seconds, and that value."""

    samples: np.ndarray
    positions: np.ndarray
    amplitudes: np.ndarray


class Source(NamedTuple):
    """A defect whose pulses are all alike."""

    shape: str
    decay: float
    frequency: float


def draw_source(random: np.random.Generator, rate: float) -> Source:
    """One that a signal of `rate` samples per second can show."""
    shape = str(random.choice(SHAPES))
    decay = _log_uniform(random, SHORTEST, LONGEST)
    highest = min(HIGHEST_FREQUENCY, HIGHEST_SHARE * rate)
    frequency = _log_uniform(random, min(max(LOWEST_FREQUENCY, 0.8 / decay), highest), highest)
    return Source(shape, decay, frequency)


def shape_of(source: Source, times: np.ndarray) -> np.ndarray:
    """The pulse at `times` after its start (nothing before), not yet scaled to a height of 1."""
    after = np.maximum(times, 0)
    decay = source.decay
    if source.shape.startswith("double"):
        value = np.exp(-1.3 * after / decay) - np.exp(-2.2 * after / decay)
    else:
        value = np.exp(-after / decay) - np.exp(-after / RISE)
    if source.shape.endswith("oscillating"):
        value = value * np.sin(2 * np.pi * source.frequency * after)
    return np.where(times > 0, value, 0)


def draw_train(random: np.random.Generator, rate: float, count: int) -> PulseTrain:
    """`count` samples with the pulses of one or two sources, the largest of height 1; at least one pulse."""
    samples = np.zeros(count)
    duration = count / rate
    sources = [draw_source(random, rate) for _ in range(random.integers(1, 3))]
    spacing = _log_uniform(random, CLOSEST, FARTHEST)
    wanted = max(1, random.poisson(duration / spacing))
    # Not in the last of the signal, where the pulse would be cut off.
    starts = np.sort(random.uniform(0, max(duration - 2e-6, duration / 2), wanted))
    polarity = random.choice([-1.0, 1.0])
    alternating = random.random() < 0.3
    positions, amplitudes = [], []
    end = -1.0
    for start in starts:
        source = sources[random.integers(len(sources))]
        # Pulses that lie on each other have no position of their own.
        if start < end:
            continue
        end = start + 6 * source.decay
        height = polarity * random.uniform(0.4, 1.0)
        if alternating and random.random() < 0.5:
            height = -height
        first = int(np.floor(start * rate))
        last = min(count, int(np.ceil((start + 12 * source.decay) * rate)) + 1)
        values = shape_of(source, np.arange(first, last) / rate - start)
        peak = int(np.abs(values).argmax())
        if values[peak] == 0:
            continue
        values *= abs(height) / abs(values[peak]) * np.sign(height)
        samples[first:last] += values
        positions.append((first + peak) / rate)
        amplitudes.append(values[peak])
    if not positions:
        return draw_train(random, rate, count)
    largest = np.abs(amplitudes).max()
    return PulseTrain(samples / largest, np.array(positions), np.array(amplitudes) / largest)


def _log_uniform(random: np.random.Generator, low: float, high: float) -> float:
    return float(np.exp(random.uniform(np.log(low), np.log(high))))
