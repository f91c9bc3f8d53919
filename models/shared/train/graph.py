"""ONNX graphs that torch exported. Needs onnx, onnxruntime and numpy."""

import os
from typing import Any

# Before ONNX Runtime loads: its builds report to their vendor unless told otherwise.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"

import numpy as np
import onnx
import onnxruntime

from golden_tensors import values_of


def forget_origins(model: onnx.ModelProto) -> None:
    """Takes away the stack traces, with the paths of this machine, that torch's exporter notes at every node."""
    del model.metadata_props[:]
    del model.graph.metadata_props[:]
    for part in (*model.graph.node, *model.graph.input, *model.graph.output, *model.graph.value_info):
        del part.metadata_props[:]
        part.doc_string = ""
    for weight in model.graph.initializer:
        del weight.metadata_props[:]
    for function in model.functions:
        del function.metadata_props[:]


def largest_difference(model: bytes, golden: dict[str, Any]) -> float:
    """Between ONNX Runtime's outputs and those of all golden cases.

    Raises SystemExit when an output has another shape.
    """
    session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    differences = [0.0]
    for case in golden["cases"]:
        feeds = {entry["name"]: values_of(entry) for entry in case["inputs"]}
        wanted = [entry["name"] for entry in case["outputs"]]
        for theirs, ours in zip(case["outputs"], session.run(wanted, feeds)):
            expected = values_of(theirs)
            if expected.shape != ours.shape:
                raise SystemExit(f"{theirs['name']}: shape {ours.shape} in place of {expected.shape}")
            differences.append(float(np.abs(ours - expected).max(initial=0)))
    return max(differences)
