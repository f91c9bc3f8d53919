"""How the UNet learns: windows of known pulses, mixed with interference anew at every step."""

import time
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import torch
from torch import nn

from interference import draw_interference
from network import WINDOW, UNet1D
from pulses import draw_train
from resample import resample
from signals import RATES

BATCH = 8
STEPS = 5000
TOP_RATE = 3e-3
# Of one signal of the library, samples at the rate of the network.
LENGTH = 16_384
PULSE_TRAINS, INTERFERENCES = 200, 100
LOWEST_SNR, HIGHEST_SNR = -10.0, 20.0
# Errors below this share of the noise are not worth more effort.
ENOUGH = 0.01
# Where a pulse is: the largest of a signal has about 1.
PEAK = 0.25


class Library(NamedTuple):
    """[rate, signal, sample], at the rate of the network; pulses and interference of one rate belong together."""

    pulses: np.ndarray
    interference: np.ndarray


def draw_library(seed: int, model_rate: float) -> Library:
    """Signals of every sampling rate, resampled as the function does it."""
    pulses, interference = [], []
    for number, rate in enumerate(RATES):
        random = np.random.default_rng([seed, number])
        # A little more, since what is resampled is bad at its ends.
        count = int(np.ceil((LENGTH + 512) * rate / model_rate))

        def cut(samples: np.ndarray) -> np.ndarray:
            return resample(samples, rate, model_rate)[256 : 256 + LENGTH].astype(np.float32)

        pulses.append([_with_a_pulse(lambda: cut(draw_train(random, rate, count).samples)) for _ in range(PULSE_TRAINS)])
        interference.append(
            [cut(draw_interference(random, rate, count)) for _ in range(INTERFERENCES)]
        )
    return Library(np.array(pulses), np.array(interference))


def _with_a_pulse(draw: Callable[[], np.ndarray]) -> np.ndarray:
    """The only pulse may be where the signal was cut."""
    while np.abs(samples := draw()).max() < 2 * PEAK:
        pass
    return samples


def fit(network: UNet1D, library: Library, seed: int, steps: int = STEPS) -> float:
    """Trains `network` in place; CPU seconds it took. Single-threaded and seeded."""
    random = np.random.default_rng([seed, 1])
    torch.manual_seed(seed)
    network.to(memory_format=torch.channels_last)
    network.train()
    optimizer = torch.optim.AdamW(network.parameters(), lr=TOP_RATE, weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, TOP_RATE, total_steps=steps, pct_start=0.1)
    # Each with steps of its own size: the rare large errors of one must not stop the other.
    estimate = list(network.deviation.parameters())
    parts = [[each for each in network.parameters() if all(each is not one for one in estimate)], estimate]
    started = time.process_time()
    recent = None
    for step in range(steps):
        loss, gain = _losses(network, *_batch(library, random))
        optimizer.zero_grad()
        loss.backward()
        for part in parts:
            nn.utils.clip_grad_norm_(part, 1.0)
        optimizer.step()
        schedule.step()
        recent = gain if recent is None else 0.98 * recent + 0.02 * gain
        if (step + 1) % 200 == 0:
            seconds = time.process_time() - started
            print(f"step {step + 1} of {steps}: gain {recent:.2f} dB, {seconds:.0f} s", flush=True)
    network.eval()
    return time.process_time() - started


def _losses(
    network: nn.Module, noisy: torch.Tensor, clean: torch.Tensor, noise_power: torch.Tensor
) -> tuple[torch.Tensor, float]:
    """The logarithm of what is left of the noise, and how well the network knows its own error."""
    denoised, variance = network(noisy)
    squares = (denoised - clean) ** 2
    left = squares.mean(dim=1) / noise_power
    # A log-likelihood: least when the variance is the mean square of the error. Nearly all samples are silent, so by
    # their number alone pulses, which have nearly all of the error, would count for nothing.
    weights = variance.detach().sqrt()
    weights = weights / weights.mean(dim=1, keepdim=True)
    likelihood = (weights * (torch.log(variance) + squares.detach() / variance)).mean()
    loss = torch.log(left + ENOUGH).mean() + likelihood
    return loss, float(-10 * torch.log10(left.detach() + 1e-6).mean())


def _batch(
    library: Library, random: np.random.Generator
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Noisy and clean windows, normalised as the function does it, and the power of the noise in each."""
    rows = [_window(library, random) for _ in range(BATCH)]
    clean, noise = (np.array(each) for each in zip(*rows))
    noisy = clean + noise
    # Now and then a signal ends in its window.
    ends = np.where(random.random(BATCH) < 0.1, random.integers(64, WINDOW, BATCH), WINDOW)
    inside = np.arange(WINDOW) < ends[:, None]
    counts = ends[:, None]
    mean = (noisy * inside).sum(axis=1, keepdims=True) / counts
    noisy = (noisy - mean) * inside
    scale = np.sqrt((noisy**2).sum(axis=1, keepdims=True) / counts)
    power = ((noise * inside) ** 2).mean(axis=1) / scale[:, 0] ** 2
    return (
        torch.from_numpy((noisy / scale).astype(np.float32)),
        torch.from_numpy((clean * inside / scale).astype(np.float32)),
        torch.from_numpy(power.astype(np.float32)),
    )


def _window(library: Library, random: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    rate = random.integers(len(RATES))
    pulses = library.pulses[rate, random.integers(PULSE_TRAINS)]
    interference = library.interference[rate, random.integers(INTERFERENCES)]
    start, other = random.integers(0, LENGTH - WINDOW + 1, 2)
    if random.random() < 0.6:
        # Windows without a pulse teach little.
        peak = int(random.choice(np.flatnonzero(np.abs(pulses) > PEAK)))
        start = int(np.clip(peak - random.integers(0, WINDOW), 0, LENGTH - WINDOW))
    power = float(np.mean(pulses**2))
    height = np.sqrt(power) * 10 ** (-random.uniform(LOWEST_SNR, HIGHEST_SNR) / 20)
    sign = random.choice([-1.0, 1.0])
    return (
        sign * pulses[start : start + WINDOW],
        height * random.choice([-1.0, 1.0]) * interference[other : other + WINDOW],
    )
