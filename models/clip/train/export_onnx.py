"""A CLIPModel to one ONNX graph with both towers, either of which may get no rows at all."""

import onnx
import torch
from transformers import CLIPModel

import shared_path  # noqa: F401
from graph import forget_origins


class Towers(torch.nn.Module):
    """Pixels and token ids to embeddings of length one, as CLIPModel's `image_embeds` and `text_embeds`."""

    def __init__(self, network: CLIPModel, end_token: int) -> None:
        super().__init__()
        self.network = network
        self.end_token = end_token

    def forward(
        self, pixel_values: torch.Tensor, input_ids: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """No attention mask: attention is causal and the end token is what counts, padding comes after it."""
        images = self.network.get_image_features(pixel_values=pixel_values).pooler_output
        states = self.network.text_model(input_ids=input_ids).last_hidden_state
        # CLIPTextModel picks the row of the end token by index, and ONNX Runtime's GatherND fails when there
        # are no texts. One row times 1 and the others times 0 is the same number.
        ends = torch.matmul(self._at_end(input_ids)[:, None, :], states)
        texts = self.network.text_projection(ends[:, 0])
        return _unit(images), _unit(texts)

    def _at_end(self, input_ids: torch.Tensor) -> torch.Tensor:
        # The first one, since padding may be the same token. (ArgMax fails when there are no texts.)
        ends = (input_ids == self.end_token).to(torch.float32)
        return ends * (ends.cumsum(dim=1) == 1).to(torch.float32)


def _unit(rows: torch.Tensor) -> torch.Tensor:
    return rows / rows.norm(p=2, dim=-1, keepdim=True)


def to_onnx(network: CLIPModel, end_token: int) -> onnx.ModelProto:
    """The graph: `pixel_values`, `input_ids` to `image_embeds`, `text_embeds`; the number of rows is free.

    Raises SystemExit when `end_token`, the tokenizer's, is not the one whose state CLIPTextModel takes.
    """
    configured = network.config.text_config.eos_token_id
    # Configurations from before transformers 4.31, OpenAI's among them, say 2 and mean the largest id.
    if end_token != (network.config.text_config.vocab_size - 1 if configured == 2 else configured):
        raise SystemExit(f"The tokenizer ends texts with {end_token}, the network expects {configured}")
    vision, text = network.config.vision_config, network.config.text_config
    pixels = torch.zeros(2, vision.num_channels, vision.image_size, vision.image_size)
    tokens = torch.full((3, 7), 1)
    dimension = torch.export.Dim
    program = torch.onnx.export(
        Towers(network, end_token).eval(),
        (pixels, tokens),
        dynamo=True,
        input_names=["pixel_values", "input_ids"],
        output_names=["image_embeds", "text_embeds"],
        dynamic_shapes={
            "pixel_values": {0: dimension("images", min=0)},
            "input_ids": {
                0: dimension("texts", min=0),
                1: dimension("tokens", min=2, max=text.max_position_embeddings),
            },
        },
        external_data=False,
        verbose=False,
    )
    graph = program.model_proto
    forget_origins(graph)
    onnx.checker.check_model(graph)
    return graph
