"""Makes a package of a published FLAVA: `export.py --pretrained facebook/flava-full --out DIR`.

`--pretrained` is a name on the Hugging Face hub, which needs the internet, or a folder that `save_pretrained` wrote. The
classification head is the one that FLAVA was pre-trained with: does this text belong to this picture? The function flava
serves the package as it is. The same graph, tokenizer and parity check as for the model that is trained here; there
are no metrics and no training baseline, since nothing was measured.
"""

import argparse
from pathlib import Path

import numpy as np
import transformers
from PIL import Image
from transformers import AutoTokenizer, FlavaForPreTraining
from transformers.models.flava.image_processing_pil_flava import FlavaImageProcessorPil

import shared_path  # noqa: F401
from export_onnx import PublishedMatcher
from golden import Processor
from package import manifest, write_graph
from package_files import write_json

# As the examples of FlavaProcessor have it; the network itself reads up to 512.
MAX_TOKENS = 77


def main() -> None:
    """Loads, exports, checks parity, writes the package into `--out`."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--pretrained", required=True, metavar="NAME_OR_FOLDER")
    parser.add_argument("--revision", help="commit of the hub's repository")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--version", type=int, default=2)
    parser.add_argument("--max-tokens", type=int, default=MAX_TOKENS, help="default: %(default)s")
    parser.add_argument("--licence", default="BSD-3-Clause", help="default: %(default)s, as FLAVA")
    arguments = parser.parse_args()
    out: Path = arguments.out
    out.mkdir(parents=True, exist_ok=True)

    source = {"pretrained_model_name_or_path": arguments.pretrained, "revision": arguments.revision}
    network = PublishedMatcher(FlavaForPreTraining.from_pretrained(**source).float()).eval()
    processor = Processor(
        FlavaImageProcessorPil.from_pretrained(**source),
        AutoTokenizer.from_pretrained(**source),
        arguments.max_tokens,
    )
    folder = Path(arguments.pretrained)
    original = folder.name if folder.is_dir() else arguments.pretrained
    pairs = [(picture(), "a photo of a cat"), (picture(), "Zwei Äpfel & 1 Birne!")]
    difference = write_graph(network, processor, pairs, out)
    (out / "CARD.md").write_text(
        f"# flava\n\n{original}, exported by models/flava/train/export.py with transformers "
        f"{transformers.__version__}.\nTraining data, metrics and limits: the card of the original. The largest "
        f"difference of a logit\nbetween ONNX Runtime and torch: {difference:.2g}.\n",
        encoding="utf-8",
    )
    own = {
        "name": "flava",
        "version": arguments.version,
        "description": f"Whether a text belongs to a picture: {original}",
        "licence": arguments.licence,
    }
    write_json(out / "model.json", manifest(network, processor, out, own))
    print(f"{out}: largest difference to torch {difference:.2g}")


def picture() -> Image.Image:
    """Anything that is not all one colour, larger than the model's input and not square."""
    rows, columns = np.mgrid[0:96, 0:128]
    colours = np.stack([rows * 2, columns * 2 - rows, 255 - columns], axis=-1)
    return Image.fromarray(np.clip(colours, 0, 255).astype(np.uint8))


if __name__ == "__main__":
    main()
