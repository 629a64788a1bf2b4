from datetime import timedelta
from typing import Annotated

import pytest
from fastapi import APIRouter, Depends, FastAPI, Security

from watchword import CurrentPrincipal, CurrentUser, MaybePrincipal, Principal, current_principal, requires
from watchword.flows import admin


@pytest.fixture
def app(app) -> FastAPI:  # noqa: C901  a list of routes, not branches
    @app.get("/me")
    async def me(user: CurrentUser) -> dict[str, str]:
        return {"username": user.username}

    @app.get("/who")
    async def who(principal: CurrentPrincipal) -> dict[str, str]:
        return {"subject": principal.subject}

    @app.get("/maybe")
    async def maybe(principal: MaybePrincipal) -> dict[str, bool]:
        return {"anonymous": principal is None}

    @app.get("/items")
    async def items(principal: Annotated[Principal, requires(scopes="items:read")]) -> list[str]:
        return sorted(principal.scopes)

    @app.get("/both", dependencies=[requires(scopes=["items:read", "items:write"])])
    async def both() -> str:
        return "both"

    @app.get("/either", dependencies=[requires(scopes="items:write") | requires(role="editor")])
    async def either() -> str:
        return "either"

    @app.get("/stats", dependencies=[requires(role="editor")])
    async def stats() -> str:
        return "stats"

    @app.get("/act", dependencies=[requires(permission="editor:act")])
    async def act() -> str:
        return "act"

    @app.get("/fresh", dependencies=[requires(fresh=300)])
    async def fresh() -> str:
        return "fresh"

    @app.get("/mfa", dependencies=[requires(mfa=True)])
    async def mfa() -> str:
        return "mfa"

    async def is_ada(principal: Principal) -> bool:
        return bool(principal.subject)

    @app.get("/checked", dependencies=[requires(check=is_ada)])
    async def checked() -> str:
        return "checked"

    @app.get("/refusing", dependencies=[requires(check=lambda _: False)])
    async def refusing() -> str:
        return "never"

    return app


async def test_a_route_needs_a_credential_and_takes_a_good_one(app, auth, serve, log_in):
    client = await serve(app, auth)
    refused = await client.get("/me")
    assert (refused.status_code, parse_challenge(refused)) == (401, {"realm": "watchword"})
    accepted = await client.get("/me", headers=await log_in(client, auth))
    assert accepted.json() == {"username": "ada"}


async def test_current_principal_carries_the_subject(app, auth, serve, log_in):
    client = await serve(app, auth)
    headers = await log_in(client, auth)
    user = await admin.get_user(auth.context, "ada")
    assert {"subject": user.id} == (await client.get("/who", headers=headers)).json()


async def test_maybe_principal_is_none_only_without_a_credential(app, auth, serve, log_in):
    client = await serve(app, auth)
    assert (await client.get("/maybe")).json() == {"anonymous": True}
    assert (await client.get("/maybe", headers=await log_in(client, auth))).json() == {"anonymous": False}
    assert (await client.get("/maybe", headers={"Authorization": "Bearer not.a.token"})).status_code == 401


async def test_missing_scopes_are_named_in_the_challenge(app, auth, serve, log_in):
    client = await serve(app, auth)
    narrow = await log_in(client, auth, scope="items:read")
    refused = await client.get("/both", headers=narrow)
    assert refused.status_code == 403
    challenge = parse_challenge(refused)
    assert (challenge["error"], challenge["scope"]) == ("insufficient_scope", "items:read items:write")
    assert refused.json()["missing_scopes"] == ["items:write"]
    wide = await log_in(client, auth, scope="items:read items:write")
    assert (await client.get("/both", headers=wide)).json() == "both"
    assert (await client.get("/items", headers=narrow)).json() == ["items:read"]


@pytest.mark.parametrize("path", ["/stats", "/act", "/either"])
async def test_a_role_or_its_permission_opens_the_route(app, auth, serve, log_in, path):
    client = await serve(app, auth)
    assert (await client.get(path, headers=await log_in(client, auth, "ada"))).status_code == 403
    assert (await client.get(path, headers=await log_in(client, auth, "eve", role="editor"))).status_code == 200


async def test_or_takes_either_side(app, auth, serve, log_in):
    client = await serve(app, auth)
    assert (await client.get("/either", headers=await log_in(client, auth, scope="items:write"))).status_code == 200


async def test_fresh_asks_for_a_new_login_when_the_last_is_too_old(app, auth, serve, log_in, clock):
    client = await serve(app, auth)
    headers = await log_in(client, auth)
    clock.tick(timedelta(seconds=299))
    assert (await client.get("/fresh", headers=headers)).status_code == 200
    clock.tick(timedelta(seconds=2))
    refused = await client.get("/fresh", headers=headers)
    challenge = parse_challenge(refused)
    assert (
        refused.status_code,
        challenge["error"],
        challenge["max_age"],
    ) == (401, "insufficient_user_authentication", "300")


async def test_a_second_factor_is_asked_for(app, auth, serve, log_in):
    client = await serve(app, auth)
    refused = await client.get("/mfa", headers=await log_in(client, auth))
    assert (refused.status_code, parse_challenge(refused)["error"]) == (401, "insufficient_user_authentication")


async def test_a_check_of_the_application_decides(app, auth, serve, log_in):
    client = await serve(app, auth)
    headers = await log_in(client, auth)
    assert (await client.get("/checked", headers=headers)).status_code == 200
    assert (await client.get("/refusing", headers=headers)).status_code == 403


async def test_a_router_guards_all_of_its_routes(app, auth, serve, log_in):
    router = APIRouter(prefix="/shop", dependencies=[requires(scopes="items:read")])

    @router.get("/a")
    async def a() -> str:
        return "a"

    inner = APIRouter(prefix="/inner")

    @inner.get("/b")
    async def b() -> str:
        return "b"

    router.include_router(inner)
    app.include_router(router)
    client = await serve(app, auth)
    headers = await log_in(client, auth, scope="items:read")
    for path in ("/shop/a", "/shop/inner/b"):
        assert (await client.get(path)).status_code == 401
        assert (await client.get(path, headers=await log_in(client, auth))).status_code == 403
        assert (await client.get(path, headers=headers)).status_code == 200


async def test_scopes_declared_above_a_dependency_are_enforced(app, auth, serve, log_in):
    async def get_name(user: CurrentUser) -> str:
        return user.username

    @app.get("/tutorial")
    async def tutorial(name: Annotated[str, Security(get_name, scopes=["me"])]) -> str:
        return name

    @app.get("/direct")
    async def direct(principal: Annotated[Principal, Security(current_principal, scopes=["me"])]) -> str:
        return principal.subject

    client = await serve(app, auth)
    for path in ("/tutorial", "/direct"):
        refused = await client.get(path, headers=await log_in(client, auth))
        assert (refused.status_code, parse_challenge(refused)["scope"]) == (403, "me")
        assert (await client.get(path, headers=await log_in(client, auth, scope="me"))).status_code == 200


async def test_an_override_of_the_principal_reaches_every_guard(app, auth, serve):
    client = await serve(app, auth)
    app.dependency_overrides[current_principal] = lambda: Principal(subject="someone", scopes=frozenset({"items:read"}))
    assert (await client.get("/who")).json() == {"subject": "someone"}
    assert (await client.get("/items")).json() == ["items:read"]
    assert (await client.get("/stats")).status_code == 403


async def test_an_equal_requirement_finds_the_guard_to_override(app, auth, serve):
    client = await serve(app, auth)
    guard = requires(role="editor").dependency
    app.dependency_overrides[guard] = lambda: Principal(subject="anyone")
    assert (await client.get("/stats")).status_code == 200
    assert (await client.get("/act")).status_code == 401


async def test_the_principal_is_found_once_per_request(app, auth, serve, log_in, monkeypatch):
    calls = []

    @app.get("/twice", dependencies=[requires(scopes="items:read"), Depends(current_principal)])
    async def twice(user: CurrentUser) -> str:
        return user.username

    client = await serve(app, auth)
    headers = await log_in(client, auth, scope="items:read")
    authenticate = auth.authenticate
    monkeypatch.setattr(auth.installation, "recall", lambda token: None)

    async def counted(token: str) -> Principal:
        calls.append(token)
        return await authenticate(token)

    monkeypatch.setattr(auth.installation, "authenticate", counted)
    assert (await client.get("/twice", headers=headers)).status_code == 200
    assert len(calls) == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [({"role": 3}, "iterable"), ({"scopes": [1]}, "scopes must be"), ({"fresh": 0}, "positive")],
)
def test_a_programmer_mistake_is_a_type_error(arguments, message):
    with pytest.raises(TypeError, match=message):
        requires(**arguments)


def test_or_with_something_else_is_a_type_error():
    with pytest.raises(TypeError):
        requires(role="admin") | Depends(current_principal)


def parse_challenge(response) -> dict[str, str]:
    scheme, _, rest = response.headers["www-authenticate"].partition(" ")
    assert scheme == "Bearer"
    pairs = (part.partition("=") for part in rest.split(", "))
    return {name.strip(): value.strip('"') for name, _, value in pairs}
