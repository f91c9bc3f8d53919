"""A FLAVA with a classification head to one ONNX graph."""

import onnx
import torch
from transformers import FlavaForPreTraining

import shared_path  # noqa: F401
from graph import forget_origins
from network import FlavaClassifier


class PublishedMatcher(torch.nn.Module):
    """facebook/flava-full as it was pre-trained: its own head says whether a text belongs to a picture.

    FlavaForPreTraining asks that head about a text with masked words; here nothing is masked.
    """

    def __init__(self, network: FlavaForPreTraining) -> None:
        super().__init__()
        self.flava = network.flava
        self.head = network.itm_head

    def forward(
        self, pixel_values: torch.Tensor, input_ids: torch.Tensor, attention_mask: torch.Tensor
    ) -> torch.Tensor:
        """Logits [batch, 2]; 1 is a match."""
        output = self.flava(
            pixel_values=pixel_values, input_ids=input_ids, attention_mask=attention_mask
        )
        return self.head(output.multimodal_embeddings)


def to_onnx(network: FlavaClassifier | PublishedMatcher) -> onnx.ModelProto:
    """The graph: `pixel_values`, `input_ids`, `attention_mask` to `logits`; the number of rows and tokens is free."""
    image, text = network.flava.config.image_config, network.flava.config.text_config
    pixels = torch.zeros(2, image.num_channels, image.image_size, image.image_size)
    # Two tensors: the exporter takes one that comes twice for one input.
    tokens, mask = (torch.ones(2, 7, dtype=torch.int64) for _ in range(2))
    batch = torch.export.Dim("batch", min=1)
    length = torch.export.Dim("tokens", min=2, max=text.max_position_embeddings)
    program = torch.onnx.export(
        network.eval(),
        (pixels, tokens, mask),
        dynamo=True,
        input_names=["pixel_values", "input_ids", "attention_mask"],
        output_names=["logits"],
        dynamic_shapes={
            "pixel_values": {0: batch},
            "input_ids": {0: batch, 1: length},
            "attention_mask": {0: batch, 1: length},
        },
        external_data=False,
        verbose=False,
    )
    graph = program.model_proto
    forget_origins(graph)
    onnx.checker.check_model(graph)
    return graph
