"""Writes signals that the published model has not learned from, as files, with what they are without interference.

`--out` gets, for each, the noisy signal as NPY, WAV or CSV and the clean one as `NNNNN.clean.npy`, and labels.json:
`file`, `clean`, `sample_rate` (Hz), `snr_db`, and `pulses` with `position_s` and `amplitude`. The same seed gives the
same bytes; no seed gives a signal of the training set, whose numbers lie below.
"""

import argparse
import io
import json
from pathlib import Path

import numpy as np
from scipy.io import wavfile

from signals import Signal, draw_signal

# Training draws its signals with a small number in the first place.
FIRST_SEED = 2**32
SNR_DB = 0.0


def held_out_signal(seed: int, index: int, snr_db: float = SNR_DB, **options) -> Signal:
    """Signal `index` of the held-out set `seed`."""
    return draw_signal(FIRST_SEED + seed, index, snr_db, **options)


def main() -> None:
    """Draws the signals into `--out`."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--count", type=int, default=60, help="default: %(default)s")
    parser.add_argument("--snr", type=float, default=SNR_DB, help="dB, default: %(default)s")
    arguments = parser.parse_args()
    if arguments.seed < 0:
        raise SystemExit("--seed: give 0 or more")

    out: Path = arguments.out
    out.mkdir(parents=True, exist_ok=True)
    labels = []
    for index in range(arguments.count):
        signal = held_out_signal(arguments.seed, index, arguments.snr)
        suffix = ("npy", "wav", "csv")[index % 3]
        name = f"{index:05}.{suffix}"
        # A file has 32 bits or, as text, seven digits: the label must be of the same signal.
        noisy = signal.noisy.astype(np.float32)
        (out / name).write_bytes(_CONTENT[suffix](noisy, signal.rate))
        np.save(out / f"{index:05}.clean.npy", signal.clean.astype(np.float32))
        labels.append(
            {
                "file": name,
                "clean": f"{index:05}.clean.npy",
                "sample_rate": signal.rate,
                "snr_db": arguments.snr,
                "pulses": [
                    {"position_s": float(position), "amplitude": float(amplitude)}
                    for position, amplitude in zip(signal.positions, signal.amplitudes)
                ],
            }
        )
    (out / "labels.json").write_text(json.dumps(labels, indent=1) + "\n", encoding="utf-8")
    print(f"{len(labels)} signals in {out}")


def _npy(samples: np.ndarray, _rate: float) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, samples)
    return buffer.getvalue()


def _wav(samples: np.ndarray, rate: float) -> bytes:
    buffer = io.BytesIO()
    wavfile.write(buffer, int(rate), samples)
    return buffer.getvalue()


def _csv(samples: np.ndarray, rate: float) -> bytes:
    lines = (f"{index / rate:.10g},{value:.9g}\n" for index, value in enumerate(samples))
    return ("time_s,voltage\n" + "".join(lines)).encode()


_CONTENT = {"npy": _npy, "wav": _wav, "csv": _csv}


if __name__ == "__main__":
    main()
