"""Writes the model package: the ONNX file, golden cases, and model.json over them all."""

from pathlib import Path
from typing import Any

import shared_path  # noqa: F401
import numpy as np
import onnxruntime

from denoise import PREPROCESSING
from export_onnx import INPUT, OUTPUTS, to_onnx
from golden import golden_file, run
from network import WINDOW, UNet1D
from package_files import file_entry, write_json
from signals import Signal

FILES = ("model.onnx", "golden.json", "metrics.json", "CARD.md")
# A run of eight rows takes about twenty milliseconds; more would make others wait.
MAX_ROWS = 8
# Of a window with a power of 1.
LARGEST_DIFFERENCE = 1e-4


def write_model(out: Path, network: UNet1D, signal: Signal) -> dict[str, Any]:
    """model.onnx and golden.json into `out`; returns how close ONNX Runtime comes to torch.

    Raises SystemExit when it is further off than 1e-4.
    """
    out.mkdir(parents=True, exist_ok=True)
    content = to_onnx(network)
    parity = compare(network, content)
    (out / "model.onnx").write_bytes(content)
    write_json(out / "golden.json", golden_file(network, signal))
    return parity


def compare(network: UNet1D, content: bytes) -> dict[str, Any]:
    """The largest difference between ONNX Runtime and torch, for one row and for more."""
    session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    random = np.random.default_rng(0)
    largest = 0.0
    for rows in (1, 3, MAX_ROWS):
        batch = random.normal(0, 1, size=(rows, WINDOW)).astype(np.float32)
        for ours, theirs in zip(session.run(list(OUTPUTS), {INPUT: batch}), run(network, batch)):
            largest = max(largest, float(np.abs(ours - theirs).max()))
    if largest > LARGEST_DIFFERENCE:
        raise SystemExit(f"parity: outputs differ by {largest:.3g}, more than {LARGEST_DIFFERENCE}")
    return {
        "runtime": f"onnxruntime {onnxruntime.__version__} (Python)",
        "largest_difference": float(f"{largest:.2g}"),
    }


def write_manifest(out: Path, facts: dict[str, Any]) -> None:
    """model.json, with the files as they lie in `out`; `facts` are its keys that differ from run to run."""
    shape = ["batch", WINDOW]
    manifest = {
        "schema_version": 1,
        "name": "denoise",
        "task": "denoising",
        **facts,
        "files": [file_entry(out / name) for name in FILES if (out / name).exists()],
        "inputs": [
            {
                "name": INPUT,
                "datatype": "FP32",
                "shape": shape,
                "description": "a window of a signal, less its mean, by its root mean square",
            }
        ],
        "outputs": [
            {
                "name": OUTPUTS[0],
                "datatype": "FP32",
                "shape": shape,
                "description": "the window without interference, in the same scale",
            },
            {
                "name": OUTPUTS[1],
                "datatype": "FP32",
                "shape": shape,
                "description": "the square of the error that each sample of it is expected to have",
            },
        ],
        "batch": {"axis": 0, "max_rows": MAX_ROWS},
        "execution": "worker",
        "session": {},
        "preprocessing": PREPROCESSING,
    }
    write_json(out / "model.json", manifest)
