"""Golden cases: inputs with torch's own answers, which every runtime must reproduce."""

import base64
from typing import Any

import numpy as np
import torch
from torch import nn

from export_onnx import INPUT, OUTPUT
from preprocess import normalise, open_image, resize_and_crop

# Sums of 32 bits in another order.
TOLERANCE = {"absolute": 1e-4, "relative": 1e-3}
# Of the inputs: enough to be a picture, and short.
DECIMALS = 4
TOP_K = 5


def golden_file(
    network: nn.Module, labels: list[str], preprocessing: dict[str, Any], picture: bytes
) -> dict[str, Any]:
    """One picture as a file and as a tensor, then two rows made of small integers.

    The loader checks the first case at every start, `verify` and the tests all. Integers keep the file small.
    """
    pixels = resize_and_crop(open_image(picture), preprocessing)
    exact = normalise(pixels, preprocessing)[None]
    row = np.round(exact, DECIMALS)
    grid = np.indices(row.shape[1:]).sum(axis=0)
    integers = np.stack([grid % 5 - 2, np.zeros_like(grid)]).astype(np.float32)
    # The prediction is that of the picture itself, not of its rounded tensor.
    (scores,) = predict(network, exact)
    best = scores.argsort()[::-1][:TOP_K]
    predictions = [
        {"label": labels[index], "index": int(index), "score": _number(scores[index])}
        for index in best
    ]
    return {
        "producer": f"torch {torch.__version__.split('+')[0]}, {type(network).__name__}",
        "tolerance": TOLERANCE,
        "cases": [
            _case(row, predict(network, row))
            | {
                "instances": [{"image": base64.b64encode(picture).decode()}],
                "predictions": [{"predictions": predictions}],
            },
            _case(integers, predict(network, integers)),
        ],
    }


def predict(network: nn.Module, rows: np.ndarray) -> np.ndarray:
    """torch's probabilities for [n, 3, height, width]."""
    with torch.inference_mode():
        return network.eval()(torch.from_numpy(rows.astype(np.float32))).softmax(dim=1).numpy()


def _case(rows: np.ndarray, probabilities: np.ndarray) -> dict[str, Any]:
    return {"inputs": [_tensor(INPUT, rows, DECIMALS)], "outputs": [_tensor(OUTPUT, probabilities)]}


def _tensor(name: str, values: np.ndarray, decimals: int = 8) -> dict[str, Any]:
    data = [_number(value, decimals) for value in values.ravel()]
    return {"name": name, "datatype": "FP32", "shape": list(values.shape), "data": data}


def _number(value: float, decimals: int = 8) -> float | int:
    rounded = round(float(value), decimals)
    return int(rounded) if rounded == int(rounded) else rounded
