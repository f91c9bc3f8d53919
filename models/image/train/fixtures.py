"""Writes the image files of test/fixtures/images and, in pillow.json there, what Pillow makes of each.

The tests hold functions/inputs/image to these pixels. Run it again after a change of Pillow or of this file; the
same versions give the same bytes.
"""

import argparse
import base64
import io
import zlib
from pathlib import Path
from typing import Any

import shared_path  # noqa: F401
import numpy as np
import PIL
from PIL import Image, ImageCms, PngImagePlugin

from package_files import write_json
from preprocess import open_image, resize_and_crop
from scenes import draw_scene

HERE = Path(__file__).parent
OUT = HERE.parents[2] / "test/fixtures/images"
ORIENTATION = 0x0112

# What is done to every picture: shrinking, and enlarging with odd sizes, with either filter.
GEOMETRIES = {
    "shrink bilinear": {
        "resize": {"shorter_side": 24, "interpolation": "bilinear"},
        "center_crop": {"width": 20, "height": 20},
    },
    "shrink bicubic": {
        "resize": {"shorter_side": 21, "interpolation": "bicubic"},
        "center_crop": {"width": 20, "height": 17},
    },
    "enlarge bilinear": {
        "resize": {"shorter_side": 101, "interpolation": "bilinear"},
        "center_crop": {"width": 16, "height": 21},
    },
    "enlarge bicubic": {
        "resize": {"shorter_side": 149, "interpolation": "bicubic"},
        "center_crop": {"width": 16, "height": 16},
    },
}


def main() -> None:
    """Writes the files into `--out`."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--out", type=Path, default=OUT, help="default: %(default)s")
    out: Path = parser.parse_args().out
    out.mkdir(parents=True, exist_ok=True)
    files = picture_files()
    for name, content in (files | refused_files()).items():
        (out / name).write_bytes(content)
    expected = {
        "producer": f"Pillow {PIL.__version__}",
        "geometries": GEOMETRIES,
        # RGB, 8 bits each, row by row, in base64.
        "pixels": {name: pixels_of(content) for name, content in files.items()},
    }
    write_json(out / "pillow.json", expected)
    print(f"{len(files)} pictures in {out}")


def pixels_of(content: bytes) -> dict[str, str]:
    """The picture after each of the geometries."""
    image = open_image(content)
    return {
        name: base64.b64encode(resize_and_crop(image, geometry).tobytes()).decode()
        for name, geometry in GEOMETRIES.items()
    }


def picture_files() -> dict[str, bytes]:
    """One picture in every form that is read, by file name."""
    random = np.random.default_rng(7)
    photo = Image.open(io.BytesIO(draw_scene(7, 3).content)).convert("RGB")
    photo = photo.resize((75, 56) if photo.width > photo.height else (56, 75))
    noise = Image.fromarray(random.integers(0, 256, size=(47, 64, 3), dtype=np.uint8))
    grey = photo.convert("L")
    # Alpha that says nothing about the colours below it.
    alpha = Image.fromarray(random.integers(0, 256, size=photo.size[::-1], dtype=np.uint8))
    see_through = photo.copy()
    see_through.putalpha(alpha)
    grey_alpha = grey.copy()
    grey_alpha.putalpha(alpha)
    deep = (np.asarray(grey).astype(np.uint16) << 8) + random.integers(0, 256, size=photo.size[::-1], dtype=np.uint16)

    files = {
        "rgb.png": save(photo, "PNG"),
        "rgb.jpg": save(photo, "JPEG", quality=88),
        "rgb-progressive.jpg": save(photo, "JPEG", quality=88, progressive=True),
        "rgb-444.jpg": save(photo, "JPEG", quality=75, subsampling=0),
        "rgb-restart.jpg": save(photo, "JPEG", quality=75, restart_marker_rows=1),
        "rgb.webp": save(photo, "WEBP", quality=85),
        "rgb-lossless.webp": save(photo, "WEBP", lossless=True),
        "noise.png": save(noise, "PNG"),
        "noise.jpg": save(noise, "JPEG", quality=90),
        "noise.webp": save(noise, "WEBP", quality=90),
        "grey.png": save(grey, "PNG"),
        "grey.jpg": save(grey, "JPEG", quality=88),
        "grey-alpha.png": save(grey_alpha, "PNG"),
        "grey-16.png": save(Image.fromarray(deep), "PNG"),
        "rgb-16.png": rgb16_png(photo),
        "black-and-white.png": save(photo.convert("1"), "PNG"),
        "palette.png": save(photo.quantize(48), "PNG"),
        "palette-transparent.png": save(photo.quantize(16), "PNG", transparency=3),
        "alpha.png": save(see_through, "PNG"),
        "alpha.webp": save(see_through, "WEBP", quality=85),
        "alpha-lossless.webp": save(see_through, "WEBP", lossless=True, exact=True),
        "cmyk.jpg": save(photo.convert("CMYK"), "JPEG", quality=92),
        "profile.jpg": save(photo, "JPEG", quality=88, icc_profile=swapped_profile()),
        "one-pixel.png": save(photo.crop((20, 20, 21, 21)), "PNG"),
        "narrow.png": save(photo.crop((20, 0, 23, photo.height)), "PNG"),
    }
    for orientation in range(2, 9):
        exif = Image.Exif()
        exif[ORIENTATION] = orientation
        files[f"orientation-{orientation}.jpg"] = save(photo, "JPEG", quality=88, exif=exif)
    exif = Image.Exif()
    exif[ORIENTATION] = 6
    files["orientation-6.png"] = save(photo, "PNG", exif=exif)
    files["orientation-6.webp"] = save(photo, "WEBP", quality=85, exif=exif)
    return files


def refused_files() -> dict[str, bytes]:
    """Files that must not be read: animations, and formats that are not JPEG, PNG or WebP."""
    frames = [Image.new("RGB", (8, 8), colour) for colour in ("red", "blue")]
    return {
        "animated.png": save(frames[0], "PNG", save_all=True, append_images=frames[1:]),
        "animated.webp": save(frames[0], "WEBP", save_all=True, append_images=frames[1:]),
        "one.gif": save(frames[0], "GIF"),
        "one.tiff": save(frames[0], "TIFF"),
        "one.bmp": save(frames[0], "BMP"),
    }


def save(image: Image.Image, form: str, **options: Any) -> bytes:
    """The image as a file of this format."""
    content = io.BytesIO()
    image.save(content, form, **options)
    return content.getvalue()


def rgb16_png(image: Image.Image) -> bytes:
    """An RGB PNG of 16 bits per channel, which Pillow reads but does not write."""
    pixels = np.asarray(image).astype(">u2") * 257
    rows = b"".join(b"\0" + row.tobytes() for row in pixels)
    content = io.BytesIO()
    content.write(b"\x89PNG\r\n\x1a\n")
    size = image.width.to_bytes(4, "big") + image.height.to_bytes(4, "big")
    PngImagePlugin.putchunk(content, b"IHDR", size, bytes([16, 2, 0, 0, 0]))
    PngImagePlugin.putchunk(content, b"IDAT", zlib.compress(rows))
    PngImagePlugin.putchunk(content, b"IEND", b"")
    return content.getvalue()


def swapped_profile() -> bytes:
    """An sRGB profile with red and blue exchanged: whoever applies it sees other colours."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    # Bytes 24 to 35 are when it was made.
    profile = profile[:24] + bytes(12) + profile[36:]
    return profile.replace(b"rXYZ", b"????").replace(b"bXYZ", b"rXYZ").replace(b"????", b"bXYZ")


if __name__ == "__main__":
    main()
