"""What the tutorials lead to in Python: FastAPI, pydantic, torchvision's MobileNetV2, uvicorn.

The weights are those of the package's graph, whose names are still torch's.
"""

import os
import sys
from pathlib import Path

import onnx
import torch
import uvicorn
from fastapi import FastAPI
from onnx import numpy_helper
from pydantic import BaseModel, ConfigDict
from torch import nn

PACKAGE = Path(os.environ["MODEL_DIR"])
sys.path[:0] = [str(Path(__file__).parent.parent / "python"), str(PACKAGE / "train")]

from export_onnx import fold_batch_norms  # noqa: E402
from network import build_network  # noqa: E402
from onnx_model import best_of, read_picture  # noqa: E402
import json  # noqa: E402

torch.set_num_threads(1)
labels = json.loads((PACKAGE / "labels.json").read_text())
preprocessing = json.loads((PACKAGE / "model.json").read_text())["preprocessing"]
graph = onnx.load(PACKAGE / "model.onnx").graph
weights = {
    each.name: torch.from_numpy(numpy_helper.to_array(each).copy()) for each in graph.initializer
}
network = nn.Sequential(fold_batch_norms(build_network(len(labels), 0)), nn.Softmax(dim=1)).eval()
known = network.state_dict()
network.load_state_dict({name: weights[name] for name in known})

app = FastAPI()


class Picture(BaseModel):
    """A picture in base64."""

    model_config = ConfigDict(extra="forbid", strict=True)

    image: str


# A plain `def`: FastAPI runs it in a thread, and torch lets go of the interpreter while it computes.
@app.post("/predict")
def predict(picture: Picture) -> dict:
    with torch.inference_mode():
        scores = network(torch.from_numpy(read_picture(picture.image, preprocessing)))[0].numpy()
    return best_of(scores, labels)


if __name__ == "__main__":
    uvicorn.run(
        app,
        host="127.0.0.1",
        port=int(os.environ["PORT"]),
        loop="uvloop",
        http="httptools",
        access_log=False,
        log_level="warning",
    )
