"""Writes a torch classifier of pictures as ONNX: batch norm folded into the convolutions, softmax at the end."""

import copy
import io

import onnx
import torch
from onnx import ModelProto
from torch import nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

INPUT, OUTPUT = "image", "probabilities"


def to_onnx(network: nn.Module, side: int) -> bytes:
    """`image` FP32 [batch, 3, side, side] -> `probabilities` FP32 [batch, classes]."""
    whole = nn.Sequential(fold_batch_norms(network), nn.Softmax(dim=1)).eval()
    program = torch.onnx.export(
        whole,
        (torch.zeros(2, 3, side, side),),
        input_names=[INPUT],
        output_names=[OUTPUT],
        dynamic_shapes=({0: torch.export.Dim("batch", min=1)},),
        opset_version=18,
        dynamo=True,
        verbose=False,
    )
    content = io.BytesIO()
    program.save(content)
    return clean(onnx.load_model_from_string(content.getvalue())).SerializeToString(deterministic=True)


def fold_batch_norms(network: nn.Module) -> nn.Module:
    """A copy for inference in which each batch norm is part of the convolution before it."""
    folded = copy.deepcopy(network).eval().to(memory_format=torch.contiguous_format)
    for module in folded.modules():
        if not isinstance(module, nn.Sequential):
            continue
        for index in range(len(module) - 1):
            convolution, norm = module[index], module[index + 1]
            if isinstance(convolution, nn.Conv2d) and isinstance(norm, nn.BatchNorm2d):
                module[index] = fuse_conv_bn_eval(convolution, norm)
                module[index + 1] = nn.Identity()
    return folded


def clean(model: ModelProto) -> ModelProto:
    """Without what the exporter notes of the machine it ran on: stack traces, paths, names of source files."""
    model.producer_name, model.doc_string = "pilotlight", ""
    del model.metadata_props[:]
    graph = model.graph
    graph.name, graph.doc_string = "image", ""
    for item in [graph, *graph.node, *graph.initializer, *graph.input, *graph.output, *graph.value_info]:
        del item.metadata_props[:]
        item.doc_string = ""
    # Shapes in between can be worked out again, and name no axis that anybody knows.
    del graph.value_info[:]
    onnx.checker.check_model(model, full_check=True)
    return model
