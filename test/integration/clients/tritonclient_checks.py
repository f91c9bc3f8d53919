"""Everything that tritonclient can ask of a server that is not Triton. Prints what it got, as JSON.

Arguments: the address of iris, and a JSON object of model names and their addresses.
"""

import asyncio
import json
import sys

import ml_dtypes
import numpy as np
import tritonclient.http as triton
import tritonclient.http.aio as triton_aio
from tritonclient.utils import InferenceServerException, np_to_triton_dtype

SETOSA = np.array([[5.1, 3.5, 1.4, 0.2]], dtype=np.float32)
VIRGINICA = np.array([[6.3, 3.3, 6.0, 2.5]], dtype=np.float32)
NUMBERS = {
    "bool": np.bool_,
    "uint8": np.uint8,
    "uint16": np.uint16,
    "uint32": np.uint32,
    "uint64": np.uint64,
    "int8": np.int8,
    "int16": np.int16,
    "int32": np.int32,
    "int64": np.int64,
    "fp16": np.float16,
    "fp32": np.float32,
    "fp64": np.float64,
}


def tensor(name, array, module=triton, **options):
    made = module.InferInput(name, list(array.shape), np_to_triton_dtype(array.dtype))
    made.set_data_from_numpy(array, **options)
    return made


def refused(call, *arguments, **options):
    try:
        call(*arguments, **options)
    except InferenceServerException as error:
        return [error.status(), error.message()]
    return "was not refused"


def facts(client):
    return {
        "live": client.is_server_live(),
        "ready": client.is_server_ready(),
        "model_ready": client.is_model_ready("iris"),
        "version_ready": client.is_model_ready("iris", "1"),
        "other_version_ready": client.is_model_ready("iris", "2"),
        "other_model_ready": client.is_model_ready("rose"),
        "extensions": client.get_server_metadata()["extensions"],
        "metadata": client.get_model_metadata("iris", "1"),
        "max_batch_size": client.get_model_config("iris")["max_batch_size"],
        "index": client.get_model_repository_index(),
        "load": refused(client.load_model, "iris"),
        "unload": refused(client.unload_model, "iris"),
    }


def inferences(client):
    both = client.infer("iris", [tensor("features", np.vstack([SETOSA, VIRGINICA]))], request_id="mine")
    plain = client.infer(
        "iris",
        [tensor("features", SETOSA, binary_data=False)],
        outputs=[triton.InferRequestedOutput("probabilities", binary_data=False)],
    )
    ranked = client.infer(
        "iris",
        [tensor("features", SETOSA)],
        model_version="1",
        outputs=[
            triton.InferRequestedOutput("probabilities", class_count=2),
            triton.InferRequestedOutput("label", binary_data=False),
        ],
        timeout=5_000_000,
        priority=1,
        parameters={"mine": "x"},
    )
    pending = [client.async_infer("iris", [tensor("features", flower)]) for flower in [SETOSA, VIRGINICA] * 10]
    return {
        "id": both.get_response()["id"],
        "labels": both.as_numpy("label").tolist(),
        "probabilities": both.as_numpy("probabilities").tolist(),
        "plain": plain.get_response()["outputs"],
        "ranked": [text.decode() for text in ranked.as_numpy("probabilities")[0]],
        "ranked_label": ranked.as_numpy("label").tolist(),
        "async": [one.get_result().as_numpy("label").tolist() for one in pending],
        "aio": asyncio.run(infer_aio(client.address)),
        "unknown_model": refused(client.infer, "rose", [tensor("features", SETOSA)]),
        "unknown_version": refused(client.infer, "iris", [tensor("features", SETOSA)], model_version="2"),
        "wrong_shape": refused(client.infer, "iris", [tensor("features", SETOSA[:, :3])]),
        "wrong_datatype": refused(client.infer, "iris", [tensor("features", SETOSA.astype(np.float64))]),
    }


async def infer_aio(address):
    async with triton_aio.InferenceServerClient(address) as client:
        results = []
        for binary in [True, False]:
            result = await client.infer(
                "iris",
                [tensor("features", SETOSA, triton_aio, binary_data=binary)],
                outputs=[triton_aio.InferRequestedOutput("label", binary_data=binary)],
            )
            results.append(result.as_numpy("label").tolist())
        return results


def statistics(client):
    [one] = client.get_inference_statistics("iris")["model_stats"]
    return {
        "by_model": [one["name"], one["version"], one["inference_stats"]["success"]["count"]],
        "by_version": len(client.get_inference_statistics("iris", "1")["model_stats"]),
        "of_all": len(client.get_inference_statistics()["model_stats"]),
    }


def round_trip(address, name, array):
    """Whether an identity model gives back what it got, in each form."""
    client = triton.InferenceServerClient(address)
    forms = [True] if array.dtype == np.float16 else [True, False]
    for binary_in in forms:
        for binary_out in forms:
            result = client.infer(
                name,
                [tensor("x", array, binary_data=binary_in)],
                outputs=[triton.InferRequestedOutput("y", binary_data=binary_out)],
            ).as_numpy("y")
            if result.shape != array.shape:
                return f"{list(array.shape)} became {list(result.shape)}"
            theirs = result.tobytes() if array.dtype != np.object_ else texts(result)
            ours = array.tobytes() if array.dtype != np.object_ else texts(array)
            if theirs != ours:
                return f"{array.tolist()} became {result.tolist()}"
    return "same"


def texts(array):
    return [one if isinstance(one, bytes) else one.encode() for one in array.flatten()]


def datatypes(addresses):
    random = np.random.default_rng(1936)
    found = {}
    for name, dtype in NUMBERS.items():
        model = f"identity-{name}"
        if np.issubdtype(dtype, np.integer):
            limits = np.iinfo(dtype)
            array = random.integers(limits.min, limits.max, (3, 4), dtype, endpoint=True)
        elif dtype is np.bool_:
            array = random.integers(0, 2, (3, 4)).astype(dtype)
        else:
            array = random.standard_normal((3, 4)).astype(dtype)
        found[name] = [
            round_trip(addresses[model], model, array),
            round_trip(addresses[model], model, array[:0]),
        ]
    words = np.array([["", "é🚀"], ["a" * 1000, "\n"]], dtype=np.object_)
    found["bytes"] = [
        round_trip(addresses["identity-bytes"], "identity-bytes", words),
        round_trip(addresses["identity-bytes"], "identity-bytes", words[:0]),
    ]
    found["scalar"] = [round_trip(addresses["scalar"], "scalar", np.array(1.5, dtype=np.float32))]
    return found


def refusals(addresses):
    bf16 = triton.InferInput("x", [1, 1], "BF16")
    bf16.set_data_from_numpy(np.ones((1, 1), dtype=ml_dtypes.bfloat16))
    client = triton.InferenceServerClient(addresses["identity-fp32"])
    broken = np.array([[b"\xff\xfe"]], dtype=np.object_)
    words = triton.InferenceServerClient(addresses["identity-bytes"])
    half = triton.InferenceServerClient(addresses["identity-fp16"])
    return {
        "bf16": refused(client.infer, "identity-fp32", [bf16]),
        "not_utf8": refused(words.infer, "identity-bytes", [tensor("x", broken)]),
        "fp16_as_json": refused(
            half.infer,
            "identity-fp16",
            [tensor("x", np.ones((1, 1), dtype=np.float16))],
            outputs=[triton.InferRequestedOutput("y", binary_data=False)],
        ),
    }


def two_inputs(address):
    client = triton.InferenceServerClient(address)
    a = np.array([[1, 2], [3, 4]], dtype=np.float32)
    b = np.array([[10], [20]], dtype=np.int64)
    answers = []
    for a_binary, b_binary in [(True, True), (True, False), (False, True), (False, False)]:
        inputs = [tensor("b", b, binary_data=b_binary), tensor("a", a, binary_data=a_binary)]
        result = client.infer("sums", inputs)
        answers.append([result.as_numpy("total").tolist(), result.as_numpy("echo").tolist()])
    return answers


class Client(triton.InferenceServerClient):
    """tritonclient's own, which remembers where it is connected to."""

    def __init__(self, address):
        super().__init__(address, concurrency=4)
        self.address = address


iris, others = Client(sys.argv[1]), json.loads(sys.argv[2])
print(
    json.dumps(
        {
            "facts": facts(iris),
            "inferences": inferences(iris),
            "statistics": statistics(iris),
            "datatypes": datatypes(others),
            "two_inputs": two_inputs(others["sums"]),
            "refusals": refusals(others),
        }
    )
)
