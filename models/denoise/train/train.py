"""Trains denoise and writes its whole package; see README.md beside this file."""

import argparse
import json
import os
import platform
import time
from pathlib import Path
from string import Template
from typing import Any

# Before the libraries load: one thread, so that sums are added in one order; no reports to anybody.
os.environ |= {"OMP_NUM_THREADS": "1", "ORT_DISABLE_TELEMETRY": "1"}

import shared_path  # noqa: F401
import onnx
import torch

from baseline import signals_baseline
from denoise import PREPROCESSING
from evaluate import gain_by_kind, gain_by_snr, held_out_metrics
from fit import BATCH, INTERFERENCES, PULSE_TRAINS, STEPS, draw_library, fit
from holdout import held_out_signal
from network import build_network
from package import write_manifest, write_model
from package_files import write_json
from signals import RATES

# Of the signals: the month of IEC 60270's current amendment, fixed before any result was seen.
SEED = 20200401
# Of the first weights and of the order in which windows come.
NETWORK_SEED = 1
# Held-out sets, by holdout.py's seeds.
HELD_OUT_SEEDS = (0, 1, 2)
VERSION = 1
HERE = Path(__file__).parent


def main() -> None:
    """Draws, trains, measures, exports, writes the package into `--out`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=HERE.parent, help="default: %(default)s")
    parser.add_argument("--weights", type=Path, metavar="FILE", help="keep the weights there; taken if it exists")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)

    network = build_network(NETWORK_SEED)
    kept = arguments.weights
    if kept is not None and kept.exists():
        saved = torch.load(kept, weights_only=True)
        network.load_state_dict(saved["weights"])
        training = saved["training"]
    else:
        wall = time.perf_counter()
        library = draw_library(SEED, PREPROCESSING["sample_rate"])
        seconds = fit(network, library, NETWORK_SEED)
        training = {
            "cpu_seconds": round(seconds),
            "wall_seconds": round(time.perf_counter() - wall),
        }
        if kept is not None:
            torch.save({"weights": network.state_dict(), "training": training}, kept)
    network.to(memory_format=torch.contiguous_format).eval()

    metrics = {
        "training": {
            "seed": SEED,
            "steps": STEPS,
            "batch": BATCH,
            "pulse_trains": PULSE_TRAINS * len(RATES),
            "interferences": INTERFERENCES * len(RATES),
            "threads": 1,
            **training,
        },
        "held_out": {f"seed {seed}": held_out_metrics(network, seed) for seed in HELD_OUT_SEEDS},
        "gain_by_kind": gain_by_kind(network, HELD_OUT_SEEDS[0]),
        "gain_by_snr": gain_by_snr(network, HELD_OUT_SEEDS[0]),
    }
    out: Path = arguments.out
    rate = PREPROCESSING["sample_rate"]
    metrics["parity"] = write_model(out, network, held_out_signal(3, 0, rate=rate))
    write_json(out / "metrics.json", metrics)
    (out / "CARD.md").write_text(render_card(metrics), encoding="utf-8")
    facts = {
        "version": VERSION,
        "description": "Signals of partial discharges without the interference in them",
        "licence": "CC0-1.0",
        "training_baseline": signals_baseline(network, SEED),
        "provenance": {
            "dataset": "generated: models/denoise/train/pulses.py, interference.py",
            "algorithm": "UNet1D of four levels, with a second output for the variance of its error",
            "framework": f"torch {_version(torch)}",
            "exporter": f"models/denoise/train/export_onnx.py, onnx {onnx.__version__}",
            "seed": str(SEED),
            "training_script": "models/denoise/train/train.py",
        },
    }
    write_manifest(out, facts)
    print(json.dumps(metrics | {"python": platform.python_version()}, indent=2))


def render_card(metrics: dict[str, Any]) -> str:
    """CARD.md: the text of card.md with this run's numbers."""
    held_out = metrics["held_out"]
    names = list(held_out["seed 0"]["baseline_gain_db"])
    sets = "\n".join(
        f"| {name} | {values['gain_db']:.1f} | {values['smallest_gain_db']:.1f} | "
        + " | ".join(f"{values['baseline_gain_db'][each]:.1f}" for each in names)
        + f" | {values['pulses']['precision']:.2f} | {values['pulses']['recall']:.2f} |"
        for name, values in held_out.items()
    )
    kinds = "\n".join(
        f"| {kind} | {values['gain_db']:.1f} | {values['best_baseline_db']:.1f} |"
        for kind, values in metrics["gain_by_kind"].items()
    )
    errors = held_out["seed 0"]["estimate_error_db"]
    training = metrics["training"]
    return Template((HERE / "card.md").read_text(encoding="utf-8")).substitute(
        sets=sets,
        kinds=kinds,
        baselines=" | ".join(names),
        rules=" | ".join("---" for _ in names),
        signals=held_out["seed 0"]["signals"],
        ratios=", ".join(f"{gain:.1f} at {ratio}" for ratio, gain in metrics["gain_by_snr"].items()),
        error_before=f"{errors['before']:.1f}",
        error_after=f"{errors['after']:.1f}",
        rates=", ".join(f"{rate / 1e6:g}" for rate in RATES),
        steps=training["steps"],
        batch=training["batch"],
        pulse_trains=training["pulse_trains"],
        interferences=training["interferences"],
        cpu_minutes=f"{training['cpu_seconds'] / 60:.1f}",
        wall_minutes=f"{training['wall_seconds'] / 60:.0f}",
        seed=training["seed"],
        parity=f"{metrics['parity']['largest_difference']:g}",
        framework=f"torch {_version(torch)}",
    )


def _version(module: Any) -> str:
    return module.__version__.split("+")[0]


if __name__ == "__main__":
    main()
