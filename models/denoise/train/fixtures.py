"""Writes test/fixtures/signals: files as numpy and scipy write them, with the numbers that they read from them; the
samples of the function; and what the original makes of the held-out signals in test/fixtures/denoise-holdout."""

import argparse
import io
import json
import struct
from pathlib import Path

import numpy as np
import onnxruntime
import torch
from scipy.io import wavfile
from scipy.signal import resample_poly

from denoise import denoise
from export_onnx import INPUT, OUTPUTS
from golden import prediction
from holdout import held_out_signal
from resample import ratio

# Enough to be a signal, and short.
COUNT = 20
# Of the samples of an answer, one in so many is kept.
EVERY = 101
VALUES = np.array([0, 1, -1, 2, -3, 5, -8, 13, -21, 34, -55, 89, 100, -100, 7, 64, 3, 2, 1, 0], float)


def main() -> None:
    """Writes the files and cases.json into `--out`."""
    parser = argparse.ArgumentParser(description=__doc__)
    default = Path(__file__).resolve().parents[3] / "test" / "fixtures" / "signals"
    parser.add_argument("--out", type=Path, default=default, help="default: %(default)s")
    function = default.parents[2] / "functions" / "denoise"
    parser.add_argument("--sample", type=Path, default=function, help="default: %(default)s")
    arguments = parser.parse_args()
    out: Path = arguments.out
    out.mkdir(parents=True, exist_ok=True)
    cases = {"npy": [], "wav": []}
    for name, array in npy_arrays().items():
        for version in [(1, 0), (2, 0), (3, 0)] if name == "f8" else [None]:
            file = f"{name}{'' if version is None else f'-v{version[0]}'}.npy"
            buffer = io.BytesIO()
            np.lib.format.write_array(buffer, array, version=version)
            (out / file).write_bytes(buffer.getvalue())
            table = array.reshape(len(array), -1) if array.ndim == 1 else array
            table = table if table.shape[0] >= table.shape[1] else table.T
            cases["npy"].append({"file": file, "channels": table.astype(float).T.tolist()})
    for name, (rate, array) in wav_arrays().items():
        wavfile.write(out / f"{name}.wav", rate, array)
        cases["wav"].append(_wav_case(out, f"{name}.wav"))
    for name, content in wav_by_hand().items():
        (out / f"{name}.wav").write_bytes(content)
        cases["wav"].append(_wav_case(out, f"{name}.wav"))
    cases["resample"] = resample_cases()
    (out / "cases.json").write_text(json.dumps(cases) + "\n", encoding="utf-8")
    write_sample(arguments.sample)
    write_original(default.parent / "denoise-holdout", default.parents[2] / "models" / "denoise" / "model.onnx")
    print(f"{len(cases['npy'])} NPY and {len(cases['wav'])} WAV files in {out}")


def write_sample(out: Path) -> None:
    """A piece of a held-out signal of 50 MHz and 0 dB, as sample.csv and sample.json: two pulses, and noise to see."""
    signal = held_out_signal(4, 64, rate=50e6)
    start = 6460
    # Millivolts, as an oscilloscope writes them.
    samples = [float(f"{value:.4g}") for value in 1000 * signal.noisy[start : start + 1000]]
    lines = [f"{20 * index},{value}" for index, value in enumerate(samples)]
    (out / "sample.csv").write_text("\n".join(["time_ns,voltage_mV", *lines]) + "\n", encoding="utf-8")
    instance = {"signal": samples, "sample_rate": 50_000_000}
    (out / "sample.json").write_text(json.dumps(instance) + "\n", encoding="utf-8")


def write_original(folder: Path, model: Path) -> None:
    """original.json: of each signal in `folder`, at all its rates, pulses, ratios, and every 101st sample."""
    session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])

    def network(rows: torch.Tensor) -> list[torch.Tensor]:
        return [torch.from_numpy(each) for each in session.run(list(OUTPUTS), {INPUT: rows.numpy()})]

    answers = []
    for label in json.loads((folder / "labels.json").read_text(encoding="utf-8")):
        answer = prediction(denoise(network, _samples(folder / label["file"]), label["sample_rate"]))
        every = answer.pop("denoised")[::EVERY]
        answers.append({"file": label["file"], "every": every, **answer})
    text = ",\n".join(json.dumps(answer) for answer in answers)
    (folder / "original.json").write_text(f"[{text}]\n", encoding="utf-8")


def _samples(path: Path) -> np.ndarray:
    if path.suffix == ".npy":
        return np.load(path).astype(float)
    if path.suffix == ".wav":
        return wavfile.read(path)[1].astype(float)
    return np.loadtxt(path, delimiter=",", skiprows=1)[:, 1]


def npy_arrays() -> dict[str, np.ndarray]:
    """Every kind of real number, byte order, memory order and shape that numpy writes."""
    arrays = {"bool": VALUES > 0}
    for kind in "i1 i2 i4 i8 u1 u2 u4 u8 f2 f4 f8".split():
        values = np.abs(VALUES) if kind.startswith("u") else VALUES
        arrays[kind] = values.astype(kind)
        if kind[1] != "1":
            arrays[f"{kind}-big"] = values.astype(f">{kind}")
    arrays["longdouble"] = (VALUES / 4).astype(np.longdouble)
    arrays["fractions"] = VALUES / 7
    half = np.array([6e-8, -6.1e-5, 65504, 0.1, -0.0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11], np.float16)
    arrays["half"] = half
    table = np.stack([VALUES, VALUES[::-1] / 3], axis=1)
    arrays["rows"] = np.ascontiguousarray(table)
    arrays["rows-fortran"] = np.asfortranarray(table)
    arrays["columns"] = np.ascontiguousarray(table.T)
    arrays["columns-fortran"] = np.asfortranarray(table.T)
    arrays["one-column"] = VALUES[:, None]
    arrays["one-row"] = VALUES[None, :]
    arrays["large-int64"] = (VALUES * 2**40).astype("i8")
    return arrays


def wav_arrays() -> dict[str, tuple[int, np.ndarray]]:
    """What scipy writes; of more than two channels, or 24 bits, it does not write all."""
    scaled = VALUES / 128
    return {
        "pcm8": (8000, (VALUES + 128).astype("u1")),
        "pcm16": (44_100, (scaled * 2**15).astype("i2")),
        "pcm32": (50_000_000, (scaled * 2**31).astype("i4")),
        "float32": (100_000_000, scaled.astype("f4")),
        "float64": (1000, scaled),
        "stereo": (48_000, (np.stack([scaled, -scaled], axis=1) * 2**15).astype("i2")),
    }


def wav_by_hand() -> dict[str, bytes]:
    """24 bits, an extensible format, and chunks of odd length before and behind the samples."""
    three = b"".join(int(value * 2**16).to_bytes(3, "little", signed=True) for value in VALUES)
    two = (VALUES * 2**8).astype("<i2").tobytes()
    plain = struct.pack("<HHIIHH", 1, 1, 10_000_000, 30_000_000, 3, 24)
    guid = bytes.fromhex("0100000000001000800000aa00389b71")
    extensible = struct.pack("<HHIIHHHHI", 0xFFFE, 1, 48_000, 96_000, 2, 16, 22, 16, 4) + guid
    return {
        "pcm24": _riff([(b"fmt ", plain), (b"data", three)]),
        "extensible": _riff([(b"fmt ", extensible), (b"data", two)]),
        "odd-chunks": _riff(
            [(b"LIST", b"INFOa"), (b"fmt ", plain), (b"junk", b"x"), (b"data", three), (b"cue ", b"abc")]
        ),
    }


def _riff(chunks: list[tuple[bytes, bytes]]) -> bytes:
    body = b"".join(
        name + struct.pack("<I", len(content)) + content + b"\0" * (len(content) % 2)
        for name, content in chunks
    )
    return b"RIFF" + struct.pack("<I", 4 + len(body)) + b"WAVE" + body


def _wav_case(out: Path, file: str) -> dict:
    """What scipy reads, as numbers from -1 to 1."""
    rate, array = wavfile.read(out / file)
    table = array.reshape(len(array), -1).astype(float)
    if array.dtype == np.uint8:
        table = (table - 128) / 2**7
    elif array.dtype.kind == "i":
        # scipy gives 24 bits in the upper ones of 32.
        table = table / 2.0 ** (8 * array.dtype.itemsize - 1)
    return {"file": file, "rate": rate, "channels": table.T.tolist()}


def resample_cases() -> list[dict]:
    """scipy's own resampling, from one rate to another and back."""
    random = np.random.default_rng(7)
    cases = []
    for rate, wanted, count in [
        (25e6, 50e6, 60),
        (200e6, 50e6, 300),
        (62.5e6, 50e6, 123),
        (44_100, 48_000, 200),
        (40e6, 50e6, 17),
        (33_333_333, 50e6, 90),
    ]:
        samples = np.round(random.standard_normal(count).cumsum(), 3) + 5
        factor = ratio(rate, wanted)
        up, down = factor.numerator, factor.denominator
        there = resample_poly(samples, up, down, padtype="edge")
        back = resample_poly(there, down, up, padtype="edge")[:count]
        cases.append(
            {
                "rate": rate,
                "wanted": wanted,
                "up": up,
                "down": down,
                "samples": samples.tolist(),
                "there": there.tolist(),
                "back": back.tolist(),
            }
        )
    return cases


if __name__ == "__main__":
    main()
