"""Golden cases: windows with torch's own answers, and a signal with what the whole of the original makes of it."""

from typing import Any

import numpy as np
import torch
from torch import nn

import shared_path  # noqa: F401
from denoise import Denoised, denoise
from export_onnx import INPUT, OUTPUTS
from golden_tensors import tensor
from network import WINDOW
from signals import Signal

# Sums of 32 bits in another order; a window has a power of 1.
TOLERANCE = {"absolute": 1e-4, "relative": 1e-3}
DECIMALS = 4


def golden_file(network: nn.Module, signal: Signal) -> dict[str, Any]:
    """One window of a signal with its typed form, then two rows made of whole numbers.

    The loader checks the first case at every start, `verify` and the tests all.
    """
    # Scaled, so that the tolerance means something.
    scaled = signal.noisy[:WINDOW] / signal.noisy[:WINDOW].std()
    samples = np.array([float(f"{value:.5g}") for value in scaled])
    row = np.round((samples - samples.mean()) / samples.std(), DECIMALS)[None]
    grid = np.arange(WINDOW)
    integers = np.stack([grid % 5 - 2, np.zeros_like(grid)])
    whole = denoise(network, samples, signal.rate)
    return {
        "producer": f"torch {torch.__version__.split('+')[0]}, UNet1D",
        "tolerance": TOLERANCE,
        "cases": [
            _case(network, row)
            | {
                "instances": [{"signal": samples.tolist(), "sample_rate": signal.rate}],
                "predictions": [prediction(whole)],
            },
            _case(network, integers),
        ],
    }


def prediction(whole: Denoised) -> dict[str, Any]:
    """The part of an answer that the original has too."""
    return {
        "denoised": [float(f"{value:.7g}") for value in whole.samples],
        "pulses": [
            {"position_s": position, "amplitude": float(f"{amplitude:.7g}"), "width_s": width}
            for position, amplitude, width in whole.pulses
        ],
        "snr_before_db": whole.snr_before,
        "snr_after_db": whole.snr_after,
    }


def run(network: nn.Module, rows: np.ndarray) -> list[np.ndarray]:
    """torch's two outputs."""
    with torch.inference_mode():
        return [each.numpy() for each in network.eval()(torch.from_numpy(rows.astype(np.float32)))]


def _case(network: nn.Module, rows: np.ndarray) -> dict[str, Any]:
    outputs = run(network, rows)
    return {
        "inputs": [tensor(INPUT, "FP32", np.round(rows, DECIMALS))],
        "outputs": [tensor(name, "FP32", values) for name, values in zip(OUTPUTS, outputs)],
    }
