"""An application of Watchword as people write it. `BENCH_ROUTES` adds that many more routes before those measured."""

import os
from typing import Annotated

from fastapi import FastAPI

from watchword import Auth, CurrentPrincipal, CurrentUser, Principal, requires

SCOPE = "items:read"


async def hello() -> dict[str, str]:
    return {"hello": "world"}


async def hello_principal(who: CurrentPrincipal) -> dict[str, str]:  # noqa: ARG001
    return {"hello": "world"}


async def hello_user(user: CurrentUser) -> dict[str, str]:  # noqa: ARG001
    return {"hello": "world"}


async def hello_scoped(who: Annotated[Principal, requires(scopes=SCOPE)]) -> dict[str, str]:  # noqa: ARG001
    return {"hello": "world"}


async def hello_item(item_id: int, q: str = "") -> dict[str, str]:  # noqa: ARG001
    return {"hello": "world"}


app = FastAPI()
auth: Auth = Auth(scopes={SCOPE: "Read the items"})
auth.install(app)
for number in range(int(os.environ.get("BENCH_ROUTES", "0"))):
    app.add_api_route(f"/more/{number}/{{item}}", hello, dependencies=[requires(scopes=SCOPE)])
app.add_api_route("/protected", hello, dependencies=[requires(scopes=SCOPE)])
app.add_api_route("/items/{item_id}", hello_item, dependencies=[requires(scopes=SCOPE)])
app.add_api_route("/principal", hello_principal)
app.add_api_route("/user", hello_user)
app.add_api_route("/scoped", hello_scoped)
app.add_api_route("/unrelated", hello)
app.add_api_route("/bench/ready", hello)
