"""LitServe as its documentation has it: a LitAPI, one worker, its queue over ZeroMQ (`fast_queue`)."""

import os
import sys
from pathlib import Path
from typing import Any

import litserve

sys.path.insert(0, str(Path(__file__).parent.parent / "python"))

from onnx_model import open_model  # noqa: E402


class Model(litserve.LitAPI):
    """The model of MODEL_NAME."""

    def setup(self, device: str) -> None:
        self.answer = open_model()

    def decode_request(self, request: dict[str, Any]) -> dict[str, Any]:
        return request

    def predict(self, x: dict[str, Any]) -> dict[str, Any]:
        return self.answer(**x)

    def encode_response(self, output: dict[str, Any]) -> dict[str, Any]:
        return output


if __name__ == "__main__":
    server = litserve.LitServer(Model(), accelerator="cpu", workers_per_device=1, fast_queue=True)
    server.run(
        host="127.0.0.1",
        port=int(os.environ["PORT"]),
        generate_client_file=False,
        num_api_servers=1,
        log_level="warning",
        access_log=False,
    )
