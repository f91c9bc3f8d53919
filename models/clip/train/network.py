"""The network: transformers' CLIPModel with two small towers."""

import torch
from transformers import CLIPConfig, CLIPModel, CLIPTokenizer

from dataset import IMAGE_SIZE, PATCH_SIZE
from vocabulary import MAX_TOKENS

WIDTH = 128
# Of weights at the beginning, beside CLIP's own, which are for towers of several times this width.
INITIAL_FACTOR = 2.5
# As large as what patches hold: much is said about places.
SPREAD_OF_PLACES = 0.5


def build_network(tokenizer: CLIPTokenizer, seed: int) -> CLIPModel:
    """A freshly initialised CLIP: a ViT of 4 layers on 16 patches, a text transformer of 3 layers."""
    torch.manual_seed(seed)
    tower = {
        "hidden_size": WIDTH,
        "intermediate_size": 2 * WIDTH,
        "num_attention_heads": 4,
        "projection_dim": WIDTH,
        "initializer_factor": INITIAL_FACTOR,
    }
    config = CLIPConfig(
        vision_config=tower
        | {"num_hidden_layers": 4, "image_size": IMAGE_SIZE, "patch_size": PATCH_SIZE},
        text_config=tower
        | {
            "num_hidden_layers": 3,
            "vocab_size": len(tokenizer),
            "max_position_embeddings": MAX_TOKENS,
            "bos_token_id": tokenizer.bos_token_id,
            "eos_token_id": tokenizer.eos_token_id,
            "pad_token_id": tokenizer.pad_token_id,
        },
        projection_dim=WIDTH,
    )
    network = CLIPModel(config)
    places = network.vision_model.embeddings.position_embedding.weight
    torch.nn.init.normal_(places, std=SPREAD_OF_PLACES)
    return network
