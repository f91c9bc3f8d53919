"""Makes a package of torchvision's MobileNetV2 for the 1000 classes of ImageNet, which the function image serves
as it is.

`--pretrained` downloads the published weights, so it needs the internet. `--random` takes random weights instead:
everything else is the same, so the tests use it.
"""

import argparse
import os
from pathlib import Path

# Before ONNX Runtime loads: its builds report to their vendor unless told otherwise.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"

import torch
import torchvision
from torch import nn
from torchvision.models import MobileNet_V2_Weights, mobilenet_v2
from torchvision.models.mobilenetv2 import MobileNetV2

from package import write_manifest, write_model
from scenes import draw_scene

WEIGHTS = MobileNet_V2_Weights.IMAGENET1K_V2


def main() -> None:
    """Builds the network, exports it, checks parity, writes the package into `--out`."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    kind = parser.add_mutually_exclusive_group(required=True)
    kind.add_argument("--pretrained", action="store_true", help="the published weights")
    kind.add_argument("--random", type=int, metavar="SEED", help="random weights")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--version", type=int, default=1, help="default: %(default)s")
    arguments = parser.parse_args()

    if arguments.pretrained:
        network = mobilenet_v2(weights=WEIGHTS)
    else:
        network = random_network(arguments.random)
    labels = list(WEIGHTS.meta["categories"])
    preprocessing = preprocessing_of(WEIGHTS)
    picture = draw_scene(0, 0).content
    parity = write_model(arguments.out, network.eval(), labels, preprocessing, picture)
    write_card(arguments.out, arguments.pretrained)
    versions = ", ".join(
        f"{module.__name__} {module.__version__.split('+')[0]}" for module in (torch, torchvision)
    )
    facts = {
        "version": arguments.version,
        # Milliseconds for each picture: not in the server's own thread.
        "execution": "worker",
        "description": "What a photo shows, out of the 1000 classes of ImageNet",
        "licence": "BSD-3-Clause",
        "provenance": {
            "algorithm": "MobileNetV2, width 1.0",
            "weights": f"torchvision {WEIGHTS}" if arguments.pretrained else f"random, seed {arguments.random}",
            "framework": versions,
            "exporter": "models/image/train/export.py",
            "parity": f"{parity['largest_difference']:g} of a probability, {parity['runtime']}",
        },
    }
    write_manifest(arguments.out, labels, preprocessing, facts)
    print(f"{len(labels)} classes, parity {parity['largest_difference']:g}, in {arguments.out}")


def random_network(seed: int) -> MobileNetV2:
    """Random weights whose answers differ from picture to picture: plain ones give every class the same score."""
    torch.manual_seed(seed)
    network = mobilenet_v2().train()
    for norm in [module for module in network.modules() if isinstance(module, nn.BatchNorm2d)]:
        norm.momentum = None  # the plain mean of what is seen
    nn.init.normal_(network.classifier[1].weight, std=0.3)
    with torch.no_grad():
        for _ in range(4):
            network(torch.nn.functional.interpolate(torch.randn(8, 3, 14, 14), 224))
    return network


def preprocessing_of(weights: MobileNet_V2_Weights) -> dict:
    """What the weights' own transforms do to a picture, as model.json says it."""
    transforms = weights.transforms()
    (resize,), (crop,) = transforms.resize_size, transforms.crop_size
    return {
        "resize": {"shorter_side": resize, "interpolation": transforms.interpolation.value},
        "center_crop": {"width": crop, "height": crop},
        "scale": 1 / 255,
        "mean": list(transforms.mean),
        "standard_deviation": list(transforms.std),
    }


def write_card(out: Path, pretrained: bool) -> None:
    """CARD.md: what the weights' metadata says of them."""
    if pretrained:
        metrics = WEIGHTS.meta["_metrics"]["ImageNet-1K"]
        text = (
            f"torchvision's {WEIGHTS}, trained on ImageNet-1K: {WEIGHTS.meta['recipe']}\n\n"
            f"Published accuracy: top-1 {metrics['acc@1']} %, top-5 {metrics['acc@5']} %. Not measured again here.\n"
        )
    else:
        text = "Random weights: for tests. Its answers mean nothing.\n"
    (out / "CARD.md").write_text(f"# image: MobileNetV2 for ImageNet\n\n{text}", encoding="utf-8")


if __name__ == "__main__":
    main()
