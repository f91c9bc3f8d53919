"""What an image goes through before the network, in Pillow: the original that functions/inputs/image is held to."""

import io
from typing import Any

import numpy as np
from PIL import Image, ImageOps

# model.json carries these constants, and the function reads them there.
PREPROCESSING = {
    "resize": {"shorter_side": 112, "interpolation": "bilinear"},
    "center_crop": {"width": 96, "height": 96},
    "scale": 1 / 255,
    "mean": [0.485, 0.456, 0.406],
    "standard_deviation": [0.229, 0.224, 0.225],
}
INTERPOLATIONS = {"bilinear": Image.Resampling.BILINEAR, "bicubic": Image.Resampling.BICUBIC}


def open_image(content: bytes) -> Image.Image:
    """An image file as RGB, turned as its EXIF orientation asks; alpha is dropped, not blended."""
    image = ImageOps.exif_transpose(Image.open(io.BytesIO(content)))
    if image.mode == "I;16":
        # Pillow's own conversion cuts off at 255, which makes nearly every 16-bit picture white.
        image = Image.fromarray((np.asarray(image) >> 8).astype(np.uint8))
    return image.convert("RGB")


def resize_and_crop(image: Image.Image, preprocessing: dict[str, Any]) -> np.ndarray:
    """uint8 [height, width, 3], by torchvision's rules: the longer side is rounded down, the crop half to even."""
    shorter = preprocessing["resize"]["shorter_side"]
    width, height = image.size
    if width <= height:
        size = (shorter, int(shorter * height / width))
    else:
        size = (int(shorter * width / height), shorter)
    image = image.resize(size, INTERPOLATIONS[preprocessing["resize"]["interpolation"]])
    crop_width, crop_height = (preprocessing["center_crop"][side] for side in ("width", "height"))
    left, top = round((image.width - crop_width) / 2), round((image.height - crop_height) / 2)
    return np.asarray(image.crop((left, top, left + crop_width, top + crop_height)))


def normalise(pixels: np.ndarray, preprocessing: dict[str, Any]) -> np.ndarray:
    """uint8 [..., height, width, 3] to float32 [..., 3, height, width]."""
    scaled = pixels.astype(np.float32) * np.float32(preprocessing["scale"])
    mean, deviation = (np.float32(preprocessing[name]) for name in ("mean", "standard_deviation"))
    return np.moveaxis((scaled - mean) / deviation, -1, -3)
