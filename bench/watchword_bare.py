"""The handlers of `watchword_app` without any protection, for the versions that Watchword runs on."""

import os

from fastapi import FastAPI


async def hello() -> dict[str, str]:
    return {"hello": "world"}


async def hello_item(item_id: int, q: str = "") -> dict[str, str]:  # noqa: ARG001
    return {"hello": "world"}


app = FastAPI()
for number in range(int(os.environ.get("BENCH_ROUTES", "0"))):
    app.add_api_route(f"/more/{number}/{{item}}", hello)
app.add_api_route("/protected", hello)
app.add_api_route("/items/{item_id}", hello_item)
for path in ("/principal", "/user", "/scoped", "/unrelated", "/bench/ready"):
    app.add_api_route(path, hello)
