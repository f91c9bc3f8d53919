"""Asks imported models with tritonclient, binary and JSON tensors. Prints what it got, as JSON.

Argument: the router's address, host:port; each model is below /<name>.
"""

import json
import sys

import numpy as np
import tritonclient.http as triton
from tritonclient.utils import np_to_triton_dtype

TOKENS = np.array([[1, 2, 3, 4], [5, 6, 0, 0]], dtype=np.int64)
ASKED = {
    "sklearn-classifier": {"X": np.array([[5.1, 3.5, 1.4, 0.2], [6.3, 3.3, 6.0, 2.5]], dtype=np.float32)},
    "torch-tokens": {"input_ids": TOKENS, "attention_mask": (TOKENS > 0).astype(np.int64)},
    "torch-half": {"left": np.ones((1, 4), dtype=np.float16), "right": np.zeros((1, 4), dtype=np.float16)},
    "scalars": {"x": np.array(6, dtype=np.float32), "y": np.array(7, dtype=np.float32)},
    "loop": {"times": np.array(3, dtype=np.int64), "x": np.array([1, 2], dtype=np.float32)},
    "branch": {"flip": np.array(True), "x": np.array([1, -2, 3], dtype=np.float32)},
    "differing": {"a": np.eye(2, dtype=np.float32), "b": np.ones((3, 2), dtype=np.float32)},
    "texts": {"left": np.array(["a", "é"], dtype=np.object_), "right": np.array(["b", "🚀"], dtype=np.object_)},
}


def asked(address, name, arrays, binary):
    client = triton.InferenceServerClient(f"{address}/{name}", network_timeout=120, connection_timeout=120)
    inputs = []
    for key, array in arrays.items():
        tensor = triton.InferInput(key, list(array.shape), np_to_triton_dtype(array.dtype))
        tensor.set_data_from_numpy(array, binary_data=binary)
        inputs.append(tensor)
    outputs = [
        triton.InferRequestedOutput(one["name"], binary_data=binary or one["datatype"] == "FP16")
        for one in client.get_model_metadata(name)["outputs"]
    ]
    result = client.infer(name, inputs, outputs=outputs)
    return {
        one["name"]: [x.decode() if isinstance(x, bytes) else x for x in result.as_numpy(one["name"]).ravel().tolist()]
        for one in result.get_response()["outputs"]
    }


found = {}
for name, arrays in ASKED.items():
    forms = [True] if any(array.dtype == np.float16 for array in arrays.values()) else [True, False]
    answers = [asked(sys.argv[1], name, arrays, binary) for binary in forms]
    found[name] = answers[0] if answers[0] == answers[-1] else {"differ": answers}
print(json.dumps(found))
