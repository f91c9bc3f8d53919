"""Tensors and pictures as golden.json holds them. Needs numpy and Pillow."""

import base64
import io
from typing import Any

import numpy as np
from PIL import Image


def tensor(name: str, datatype: str, values: np.ndarray) -> dict[str, Any]:
    """A tensor of golden.json; INT64 as whole numbers, all else as floats of 32 bits."""
    flat = values.ravel()
    data = [int(value) for value in flat] if datatype == "INT64" else numbers(flat)
    return {"name": name, "datatype": datatype, "shape": list(values.shape), "data": data}


def values_of(golden: dict[str, Any]) -> np.ndarray:
    """The tensor as numpy has it."""
    kind = np.int64 if golden["datatype"] == "INT64" else np.float32
    return np.array(golden["data"], kind).reshape(golden["shape"])


def numbers(values: Any) -> list[float]:
    """Seven decimals are what 32 bits hold of numbers around 1."""
    return [round(float(value), 7) for value in values]


def png(picture: Image.Image) -> str:
    """The picture as JSON carries it: a PNG file in base64."""
    buffer = io.BytesIO()
    picture.save(buffer, "PNG", optimize=True)
    return base64.b64encode(buffer.getvalue()).decode()
