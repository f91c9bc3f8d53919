"""Everything that KServe's Python client can ask over REST, by both protocols. Prints what it got, as JSON.

Arguments: the address of iris, and a JSON object of model names and their addresses.
"""

import asyncio
import json
import sys

import httpx
import numpy as np
from kserve import InferenceRESTClient, InferInput, InferRequest, RESTConfig
from kserve.protocol.infer_type import RequestedOutput
from kserve.utils.numpy_codec import from_np_dtype

SETOSA = np.array([[5.1, 3.5, 1.4, 0.2]], dtype=np.float32)
VIRGINICA = np.array([[6.3, 3.3, 6.0, 2.5]], dtype=np.float32)


def tensor(name, array, binary):
    made = InferInput(name, list(array.shape), from_np_dtype(array.dtype))
    made.set_data_from_numpy(array, binary_data=binary)
    return made


async def refused(call):
    try:
        await call
    except httpx.HTTPStatusError as error:
        return [error.response.status_code, error.response.json()["error"]]
    return "was not refused"


async def by_v1(url):
    client = InferenceRESTClient(RESTConfig(protocol="v1"))
    rows = {"instances": SETOSA.tolist() + VIRGINICA.tolist()}
    columns = {"inputs": {"features": SETOSA.tolist()}}
    both = {**rows, **columns}
    labels = [one["label"] for one in (await client.infer(url, rows, model_name="iris"))["predictions"]]
    found = {
        "live": await client.is_server_live(url),
        "model_ready": await client.is_model_ready(url, "iris"),
        "labels": labels,
        "columns": (await client.infer(url, columns, model_name="iris"))["predictions"],
        "both": await refused(client.infer(url, both, model_name="iris")),
        "other_model": await refused(client.infer(url, rows, model_name="rose")),
    }
    await client.close()
    return found


async def by_v2(url):
    client = InferenceRESTClient(RESTConfig(protocol="v2"))
    flowers = np.vstack([SETOSA, VIRGINICA])

    async def labels(binary_in, **options):
        request = InferRequest("iris", [tensor("features", flowers, binary_in)], request_id="mine", **options)
        answer = await client.infer(url, request, model_name="iris")
        return [answer.id, answer.model_name, answer.get_output_by_name("label").as_numpy().tolist()]

    one = [RequestedOutput("label", {"binary_data": True})]
    all_binary = {"binary_data_output": True}
    found = {
        "live": await client.is_server_live(url),
        "ready": await client.is_server_ready(url),
        "model_ready": await client.is_model_ready(url, "iris"),
        "other_model_ready": await client.is_model_ready(url, "rose"),
        "json": await labels(False),
        "binary_in": await labels(True),
        "binary_out": await labels(False, parameters=all_binary),
        "binary": await labels(True, parameters=all_binary),
        "one_output": await labels(True, request_outputs=one),
        "wrong_shape": await refused(
            client.infer(
                url, InferRequest("iris", [tensor("features", SETOSA[:, :3], True)]), model_name="iris"
            )
        ),
    }
    await client.close()
    return found


def plain(array):
    # The client itself gives texts back as bytes or as str, by the form that they came in.
    flat = array.flatten().tolist()
    return [one.decode() if isinstance(one, bytes) else one for one in flat]


async def round_trip(client, addresses, model, array):
    answers = []
    for binary in [True] if array.dtype == np.float16 else [True, False]:
        request = InferRequest(
            model, [tensor("x", array, binary)], parameters={"binary_data_output": binary}
        )
        output = (await client.infer(f"http://{addresses[model]}", request, model_name=model)).outputs[0]
        result = output.as_numpy()
        same = plain(result) == plain(array)
        answers.append([output.datatype, list(output.shape) == list(array.shape) and same])
    return answers


async def datatypes(addresses):
    client = InferenceRESTClient(RESTConfig(protocol="v2"))
    wide = np.array([[2**63 - 1, -(2**63)]], dtype=np.int64)
    arrays = {
        "identity-int64": wide,
        "identity-uint8": np.array([[0, 255]], dtype=np.uint8),
        "identity-bool": np.array([[True, False]]),
        "identity-fp16": np.array([[1.5, -2]], dtype=np.float16),
        "identity-fp64": np.array([[0.1, 1e300]], dtype=np.float64),
        "identity-bytes": np.array([[b"", "é🚀".encode()]], dtype=np.object_),
    }
    found = {model: await round_trip(client, addresses, model, array) for model, array in arrays.items()}
    empty = np.zeros((0, 3), dtype=np.float32)
    request = InferRequest("identity-fp32", [tensor("x", empty, True)])
    answer = await client.infer(
        f"http://{addresses['identity-fp32']}", request, model_name="identity-fp32"
    )
    found["empty"] = list(answer.outputs[0].shape)
    await client.close()
    return found


async def main():
    url = f"http://{sys.argv[1]}"
    return {
        "v1": await by_v1(url),
        "v2": await by_v2(url),
        "datatypes": await datatypes(json.loads(sys.argv[2])),
    }


print(json.dumps(asyncio.run(main())))
