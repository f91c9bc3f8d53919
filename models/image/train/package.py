"""Writes the model package: the ONNX file, labels, golden cases, and model.json over them all."""

from pathlib import Path
from typing import Any

import shared_path  # noqa: F401
import numpy as np
import onnxruntime
from torch import nn

from export_onnx import INPUT, OUTPUT, to_onnx
from golden import golden_file, predict
from package_files import file_entry, write_json

FILES = ("model.onnx", "labels.json", "golden.json", "metrics.json", "CARD.md")
# A run of 16 rows takes tens of milliseconds; more would make the first of them wait for the last.
MAX_ROWS = 16
LARGEST_DIFFERENCE = 1e-4


def write_model(
    out: Path, network: nn.Module, labels: list[str], preprocessing: dict[str, Any], picture: bytes
) -> dict[str, Any]:
    """model.onnx, labels.json and golden.json into `out`; returns how close ONNX Runtime comes to torch.

    Raises SystemExit when it is further off than 1e-4 of a probability.
    """
    out.mkdir(parents=True, exist_ok=True)
    side = preprocessing["center_crop"]["width"]
    content = to_onnx(network, side)
    parity = compare(network, content, side)
    (out / "model.onnx").write_bytes(content)
    write_json(out / "labels.json", labels)
    write_json(out / "golden.json", golden_file(network, labels, preprocessing, picture))
    return parity


def compare(network: nn.Module, content: bytes, side: int) -> dict[str, Any]:
    """The largest difference of a probability between ONNX Runtime and torch, for one row and for more."""
    session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    random = np.random.default_rng(0)
    largest = 0.0
    for rows in (1, 3, MAX_ROWS):
        batch = random.normal(0, 1, size=(rows, 3, side, side)).astype(np.float32)
        (ours,) = session.run([OUTPUT], {INPUT: batch})
        largest = max(largest, float(np.abs(ours - predict(network, batch)).max()))
    if largest > LARGEST_DIFFERENCE:
        raise SystemExit(f"parity: probabilities differ by {largest:.3g}, more than {LARGEST_DIFFERENCE}")
    return {
        "runtime": f"onnxruntime {onnxruntime.__version__} (Python)",
        "largest_difference": float(f"{largest:.2g}"),
    }


def write_manifest(
    out: Path,
    labels: list[str],
    preprocessing: dict[str, Any],
    facts: dict[str, Any],
) -> None:
    """model.json, with the files as they lie in `out`; `facts` are its keys that differ from model to model."""
    crop = preprocessing["center_crop"]
    manifest = {
        "schema_version": 1,
        "name": "image",
        "task": "image-classification",
        **facts,
        "files": [file_entry(out / name) for name in FILES if (out / name).exists()],
        "inputs": [
            {
                "name": INPUT,
                "datatype": "FP32",
                "shape": ["batch", 3, crop["height"], crop["width"]],
                "description": "RGB planes, resized, cropped, scaled and centred as `preprocessing` says",
            }
        ],
        "outputs": [
            {
                "name": OUTPUT,
                "datatype": "FP32",
                "shape": ["batch", len(labels)],
                "description": "one per class, in the order of labels.json; they add up to 1",
            }
        ],
        "batch": {"axis": 0, "max_rows": MAX_ROWS},
        "session": {},
        "preprocessing": preprocessing,
        "labels": "labels.json",
    }
    write_json(out / "model.json", manifest)
