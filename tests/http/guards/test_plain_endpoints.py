"""A guarded route answers as the same route of plain FastAPI does, byte for byte, though it skips FastAPI's solver."""

from collections.abc import Callable
from typing import Any

import httpx2
import pytest
from fastapi import FastAPI, HTTPException
from fastapi.exceptions import ResponseValidationError
from fastapi.responses import JSONResponse, PlainTextResponse, Response
from pydantic import BaseModel, Field
from starlette.background import BackgroundTask

from watchword import Auth, CurrentPrincipal, requires
from watchword.fastapi import plain_endpoint

done: list[str] = []


class Item(BaseModel):
    name: str = Field(alias="itemName", default="lamp")
    price: float | None = None


async def annotated() -> dict[str, str]:
    return {"hello": "wörld"}


async def unannotated():
    return {"any": [1, 2.5, None]}


async def model() -> Item:
    return Item(itemName="chair")


async def models() -> list[Item]:
    return [Item(), Item(price=1.5)]


async def nothing() -> None:
    return None


async def response() -> Response:
    return Response("own", 202, {"x-own": "yes"}, "text/own", BackgroundTask(done.append, "own"))


async def refused() -> dict[str, str]:
    raise HTTPException(418, "teapot", {"x-why": "tea"})


def in_a_thread() -> dict[str, str]:
    return {"hello": "thread"}


ROUTES: dict[str, tuple[Callable[..., Any], dict[str, Any]]] = {
    "annotated": (annotated, {}),
    "unannotated": (unannotated, {}),
    "model": (model, {}),
    "models": (models, {}),
    "nothing": (nothing, {}),
    "response": (response, {}),
    "refused": (refused, {}),
    "thread": (in_a_thread, {}),
    "created": (annotated, {"status_code": 201}),
    "no-content": (nothing, {"status_code": 204}),
    "excluded": (models, {"response_model_exclude_none": True}),
    "unset": (models, {"response_model_exclude_unset": True}),
    "by-name": (model, {"response_model_by_alias": False}),
    "included": (models, {"response_model_include": {"price"}}),
    "other-model": (annotated, {"response_model": dict[str, str]}),
    "own-class": (annotated, {"response_class": JSONResponse}),
    "text": (nothing, {"response_class": PlainTextResponse, "response_model": None}),
    "no-model": (annotated, {"response_model": None}),
}
STRAIGHT = ("annotated", "model", "models", "created", "excluded", "unset", "by-name", "other-model")
"""Those that take the short way; the others have no declared type to serialize by, or a response class of their own."""


def add_routes(app: FastAPI, **options: Any) -> FastAPI:
    for name, (call, chosen) in ROUTES.items():
        app.add_api_route(f"/{name}", call, **chosen, **options)
    return app


@pytest.fixture
def plain() -> httpx2.AsyncClient:
    transport = httpx2.ASGITransport(app=add_routes(FastAPI()))
    return httpx2.AsyncClient(transport=transport, base_url="http://localhost:8000")


def taken_apart(answer: httpx2.Response) -> tuple[int, list[tuple[str, str]], bytes]:
    return answer.status_code, sorted(answer.headers.multi_items()), answer.content


@pytest.mark.parametrize("name", ROUTES)
async def test_a_guarded_route_answers_as_plain_fastapi_does(app, auth, serve, log_in, plain, name):
    client = await serve(add_routes(app, dependencies=[requires(scopes="me")]), auth)
    headers = await log_in(client, auth, scope="me")
    done.clear()
    assert (await client.get(f"/{name}")).status_code == 401
    assert done == []
    guarded = await client.get(f"/{name}", headers=headers)
    ran = list(done)
    assert taken_apart(guarded) == taken_apart(await plain.get(f"/{name}"))
    assert done == [*ran, *ran]


async def test_routes_without_parameters_take_the_short_way(app, auth, serve, log_in, monkeypatch):
    def refuse(**_: Any):
        raise RuntimeError("the short way")

    client = await serve(add_routes(app, dependencies=[requires(scopes="me")]), auth)
    headers = await log_in(client, auth, scope="me")
    monkeypatch.setattr(plain_endpoint, "serialize_response", refuse)
    for name in STRAIGHT:
        with pytest.raises(RuntimeError, match="the short way"):
            await client.get(f"/{name}", headers=headers)
    assert (await client.get("/own-class", headers=headers)).json() == {"hello": "wörld"}


async def test_a_traced_request_takes_fastapis_own_way(app, auth, serve, log_in, monkeypatch):
    class Traced:
        def __init__(self, app: FastAPI) -> None:
            self.app = app

        async def __call__(self, scope, receive, send) -> None:
            scope[plain_endpoint.TELEMETRY] = object()
            await self.app(scope, receive, send)

    add_routes(app, dependencies=[requires(scopes="me")])
    app.add_middleware(Traced)
    client = await serve(app, auth)
    headers = await log_in(client, auth, scope="me")
    monkeypatch.setattr(plain_endpoint, "serialize_response", None)
    assert (await client.get("/annotated", headers=headers)).json() == {"hello": "wörld"}
    assert (await client.get("/annotated")).status_code == 401


async def test_a_wrong_answer_is_reported_as_fastapi_reports_it(app, auth, serve, log_in):
    async def wrong() -> Item:
        return {"price": "dear"}  # type: ignore[return-value]

    bare = FastAPI()
    bare.add_api_route("/wrong", wrong)
    app.add_api_route("/wrong", wrong, dependencies=[requires(scopes="me")])
    client = await serve(app, auth)
    headers = await log_in(client, auth, scope="me")
    transport = httpx2.ASGITransport(app=bare)
    async with httpx2.AsyncClient(transport=transport, base_url="http://localhost:8000") as other:
        with pytest.raises(ResponseValidationError) as expected:
            await other.get("/wrong")
    with pytest.raises(ResponseValidationError) as found:
        await client.get("/wrong", headers=headers)
    assert str(found.value) == str(expected.value)
    assert found.value.body == expected.value.body


async def test_what_a_guard_finds_reaches_the_function(app, auth: Auth, serve, log_in):
    @app.get("/name")
    async def name(who: CurrentPrincipal) -> str:
        return who.subject

    client = await serve(app, auth)
    account = (await client.get("/auth/me", headers=(headers := await log_in(client, auth)))).json()
    assert (await client.get("/name", headers=headers)).json() == account["id"]
