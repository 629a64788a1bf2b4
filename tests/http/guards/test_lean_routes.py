"""Lean handlers: there with this FastAPI, and never a way round a guard."""

from collections.abc import AsyncIterator
from typing import Annotated

import pytest
from fastapi import APIRouter, Depends, FastAPI, Request
from fastapi.routing import APIRoute, iter_route_contexts

from watchword import CurrentPrincipal, CurrentUser, MaybePrincipal, Principal, current_principal, requires
from watchword.fastapi import lean_routes

RAN = "ran"


class OwnRoute(APIRoute):
    """A route class of the application's own."""

    def get_route_handler(self):
        handler = super().get_route_handler()

        async def handle(request: Request):
            response = await handler(request)
            response.headers["x-own"] = "yes"
            return response

        return handle


async def before() -> str:
    return "before"


def add_routes(router: APIRouter | FastAPI) -> None:
    @router.get("/declared", dependencies=[requires(scopes="items:read")])
    async def declared() -> str:
        return RAN

    @router.get("/taken")
    async def taken(who: Annotated[Principal, requires(scopes="items:read")], n: int = 1) -> str:
        return f"{RAN} {bool(who.subject)} {n}"

    @router.get("/sync")
    def sync(who: CurrentPrincipal, user: CurrentUser, request: Request) -> str:
        return f"{RAN} {user.id == who.subject} {request.url.path.endswith('sync')}"

    @router.get("/mixed/{n}")
    async def mixed(n: int, extra: Annotated[str, Depends(before)], user: CurrentUser) -> str:
        return f"{RAN} {n} {extra} {user.username}"

    @router.get("/stream")
    async def stream(who: CurrentPrincipal) -> AsyncIterator[str]:
        yield f"{RAN} {bool(who.subject)}"


@pytest.fixture
def app(app) -> FastAPI:
    add_routes(app)
    outer, inner = APIRouter(prefix="/outer"), APIRouter(prefix="/inner")
    add_routes(inner)
    outer.include_router(inner)
    app.include_router(outer, dependencies=[requires(scopes="me")])
    own = APIRouter(prefix="/own", route_class=OwnRoute)
    add_routes(own)
    app.include_router(own)
    return app


ANSWERS = {
    "/declared": RAN,
    "/taken?n=3": f"{RAN} True 3",
    "/sync": f"{RAN} True True",
    "/mixed/7": f"{RAN} 7 before ada",
    "/stream": f"{RAN} True",
}


@pytest.mark.parametrize("prefix", ["", "/outer/inner", "/own"])
@pytest.mark.parametrize("path", ANSWERS)
async def test_every_kind_of_route_is_closed_to_strangers_and_answers_members(app, auth, serve, log_in, prefix, path):
    client = await serve(app, auth)
    assert (await client.get(prefix + path)).status_code == 401
    answer = await client.get(prefix + path, headers=await log_in(client, auth, scope="items:read me"))
    assert (answer.status_code, answer.json()) == (200, ANSWERS[path])


@pytest.mark.parametrize("path", ["/declared", "/taken", "/outer/inner/sync"])
async def test_a_missing_scope_is_refused_before_anything_runs(app, auth, serve, log_in, path):
    client = await serve(app, auth)
    assert (await client.get(path, headers=await log_in(client, auth))).status_code == 403


async def test_bad_parameters_are_still_422_and_only_for_members(app, auth, serve, log_in):
    client = await serve(app, auth)
    assert (await client.get("/mixed/x")).status_code == 401
    assert (await client.get("/mixed/x", headers=await log_in(client, auth))).status_code == 422


async def test_plain_routes_are_lean_with_this_fastapi_and_keep_their_guards_in_the_schema(app, auth, serve):
    await serve(app, auth)
    lean = {
        context.path
        for context in iter_route_contexts(app.router.routes)
        if "get_route_handler" in vars(context.original_route)
    }
    assert {"/declared", "/outer/inner/taken"} <= lean
    assert not any(path.startswith(("/own", "/auth")) for path in lean)
    security = app.openapi()["paths"]["/outer/inner/declared"]["get"]["security"]
    assert security == [{"Watchword": ["items:read", "me"]}]


async def test_a_route_added_while_running_is_guarded_in_full(app, auth, serve, log_in):
    client = await serve(app, auth)

    @app.get("/late")
    async def late(who: CurrentPrincipal) -> str:
        return RAN

    assert (await client.get("/late")).status_code == 401
    assert (await client.get("/late", headers=await log_in(client, auth))).json() == RAN


async def test_without_fastapis_record_of_inclusion_every_route_is_guarded_in_full(
    app, auth, serve, log_in, monkeypatch
):
    monkeypatch.setattr(lean_routes, "_included", None)
    client = await serve(app, auth)
    for path, answer in ANSWERS.items():
        assert (await client.get(path)).status_code == 401
        headers = await log_in(client, auth, scope="items:read")
        assert (await client.get(path, headers=headers)).json() == answer


async def test_overrides_come_and_go_while_the_application_runs(app, auth, serve):
    client = await serve(app, auth)
    assert (await client.get("/declared")).status_code == 401
    app.dependency_overrides[requires(scopes="items:read").dependency] = lambda: Principal(subject="anyone")
    assert (await client.get("/declared")).json() == RAN
    app.dependency_overrides.clear()
    assert (await client.get("/declared")).status_code == 401
    app.dependency_overrides[current_principal] = lambda: None
    assert (await client.get("/declared")).status_code == 401


async def test_a_route_for_anyone_stays_one(app, auth, serve, log_in):
    @app.get("/anyone")
    async def anyone(who: MaybePrincipal) -> bool:
        return who is None

    client = await serve(app, auth)
    assert (await client.get("/anyone")).json() is True
    assert (await client.get("/anyone", headers=await log_in(client, auth))).json() is False
    assert (await client.get("/anyone", headers={"Authorization": "Bearer x.y.z"})).status_code == 401


async def test_dependencies_of_the_whole_application_reach_our_routes_behind_the_guard(auth, serve, log_in):
    seen = []

    async def note(request: Request) -> None:
        seen.append(request.url.path)

    app = FastAPI(dependencies=[Depends(note)])
    auth.install(app)
    client = await serve(app, auth)
    assert (await client.get("/auth/jwks")).status_code == 200
    headers = await log_in(client, auth)
    seen.clear()
    assert (await client.get("/auth/me")).status_code == 401
    assert seen == []
    assert (await client.get("/auth/me", headers=headers)).status_code == 200
    assert seen == ["/auth/me"]


async def test_fixed_paths_of_ours_answer_below_a_mount_too(app, auth, serve):
    await serve(app, auth)
    outer = FastAPI()
    outer.mount("/below", app)
    client = await serve(outer, auth)
    assert (await client.get("/below/auth/jwks")).status_code == 200
    assert (await client.get("/below/auth/me")).status_code == 401
    assert (await client.delete("/below/auth/jwks")).status_code == 405
    assert (await client.get("/auth/jwks")).status_code == 404
