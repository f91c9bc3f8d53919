"""The network: transformers' FlavaModel with three small encoders, and a classification head on top."""

import torch
from transformers import BertTokenizer, FlavaConfig, FlavaModel

from dataset import IMAGE_SIZE, PATCH_SIZE
from vocabulary import MAX_TOKENS

WIDTH = 128
LAYERS = {"image": 3, "text": 2, "multimodal": 3}
# Of weights at the beginning. FLAVA's 0.02 is for six times this width.
INITIAL_SPREAD = 0.05
# FLAVA's positions of patches begin with zeros. Here they are as large as what patches hold: much is asked about places.
SPREAD_OF_PLACES = 0.5
# As in flava-full's own head for image-text matching: 1 is a match.
LABELS = ["mismatch", "match"]


class FlavaClassifier(torch.nn.Module):
    """FlavaModel, and a linear head on the pooled [CLS] state of its multimodal encoder."""

    def __init__(self, config: FlavaConfig) -> None:
        super().__init__()
        self.flava = FlavaModel(config)
        self.head = torch.nn.Linear(config.multimodal_config.hidden_size, len(LABELS))

    def forward(
        self, pixel_values: torch.Tensor, input_ids: torch.Tensor, attention_mask: torch.Tensor
    ) -> torch.Tensor:
        """Logits [batch, labels]."""
        output = self.flava(
            pixel_values=pixel_values, input_ids=input_ids, attention_mask=attention_mask
        )
        return self.head(output.multimodal_output.pooler_output)


def build_network(tokenizer: BertTokenizer, seed: int) -> FlavaClassifier:
    """A freshly initialised network."""
    torch.manual_seed(seed)
    encoder = {
        "hidden_size": WIDTH,
        "intermediate_size": 2 * WIDTH,
        "num_attention_heads": 4,
        "initializer_range": INITIAL_SPREAD,
    }
    config = FlavaConfig(
        image_config=encoder
        | {
            "num_hidden_layers": LAYERS["image"],
            "image_size": IMAGE_SIZE,
            "patch_size": PATCH_SIZE,
            "mask_token": False,
        },
        text_config=encoder
        | {
            "num_hidden_layers": LAYERS["text"],
            "vocab_size": len(tokenizer),
            "max_position_embeddings": MAX_TOKENS,
            "pad_token_id": tokenizer.pad_token_id,
        },
        multimodal_config=encoder | {"num_hidden_layers": LAYERS["multimodal"]},
        hidden_size=WIDTH,
        projection_dim=WIDTH,
        initializer_range=INITIAL_SPREAD,
        init_codebook=False,
    )
    network = FlavaClassifier(config)
    places = network.flava.image_model.embeddings.position_embeddings
    torch.nn.init.normal_(places, std=SPREAD_OF_PLACES)
    return network
