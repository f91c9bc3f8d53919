"""Writes the UNet as ONNX."""

import onnx
import torch

import shared_path  # noqa: F401
from graph import forget_origins
from network import WINDOW, UNet1D

INPUT, OUTPUTS = "signal", ("denoised", "error_variance")


def to_onnx(network: UNet1D) -> bytes:
    """`signal` FP32 [batch, window] -> `denoised` and `error_variance`, of the same shape."""
    program = torch.onnx.export(
        network.eval(),
        (torch.zeros(2, WINDOW),),
        input_names=[INPUT],
        output_names=list(OUTPUTS),
        dynamic_shapes=({0: torch.export.Dim("batch", min=1)},),
        opset_version=18,
        dynamo=True,
        external_data=False,
        verbose=False,
    )
    model = program.model_proto
    forget_origins(model)
    model.producer_name, model.doc_string = "pilotlight", ""
    model.graph.name, model.graph.doc_string = "denoise", ""
    # Shapes in between can be worked out again.
    del model.graph.value_info[:]
    onnx.checker.check_model(model, full_check=True)
    return model.SerializeToString(deterministic=True)
