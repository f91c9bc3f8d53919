"""Asks imported models with KServe's client, by its first protocol. Prints what it got, as JSON.

Argument: the router's address, host:port; each model is below /<name>.
"""

import asyncio
import json
import sys

from kserve import InferenceRESTClient, RESTConfig

ASKED = {
    "sklearn-classifier": {"instances": [[5.1, 3.5, 1.4, 0.2], [6.3, 3.3, 6.0, 2.5]]},
    "sklearn-texts": {"instances": [{"colour": ["red"], "size": [1.0]}]},
    "scalars": {"instances": [{"x": 6, "y": 7}, {"x": 2, "y": 3}]},
    "branch": {"instances": [{"flip": True, "x": [1, -2]}, {"flip": False, "x": [-3]}]},
    "texts": {"inputs": {"left": ["a"], "right": ["b"]}},
}


async def main(address):
    client = InferenceRESTClient(RESTConfig(protocol="v1", timeout=120))
    found = {}
    for name, body in ASKED.items():
        answer = await client.infer(f"http://{address}/{name}", body, model_name=name)
        found[name] = answer["predictions"]
    await client.close()
    return found


print(json.dumps(asyncio.run(main(sys.argv[1]))))
