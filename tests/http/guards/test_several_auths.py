"""Several Auths: each application by its own, and none where two would be guessed between."""

import pytest
from fastapi import FastAPI

from watchword import Auth, ConfigError, CurrentUser, Principal, current_principal, public, requires
from watchword.fastapi.public import is_public
from watchword.fastapi.rules import Rule
from watchword.testing import TokenFactory


@pytest.fixture
def issuer() -> TokenFactory:
    return TokenFactory(issuer="https://issuer.example", audience="https://api.example")


@pytest.fixture
def remote(issuer, monkeypatch, tmp_path) -> Auth:
    monkeypatch.chdir(tmp_path)
    return Auth.remote(issuer=issuer.issuer, audience=issuer.audience, fetcher=issuer.fetcher)


@pytest.mark.parametrize("default", ["allow", "deny"])
async def test_a_principal_of_the_outer_application_is_none_of_the_inner(make_auth, serve, log_in, default):
    outer, inner = FastAPI(), FastAPI()
    outer_auth, inner_auth = make_auth(), make_auth()
    outer_auth.install(outer, default=default)
    inner_auth.install(inner)

    @inner.get("/secret", dependencies=[requires(role="editor")])
    async def secret() -> str:
        return "secret"

    outer.mount("/inner", inner)
    at_inner = await serve(inner, inner_auth)
    theirs = await log_in(at_inner, inner_auth, role="editor")
    client = await serve(outer, outer_auth)
    ours = await log_in(client, outer_auth, role="editor")
    assert (await client.get("/inner/secret", headers=ours)).status_code == 401
    assert (await client.get("/inner/auth/me", headers=ours)).status_code == 401
    assert (await at_inner.get("/secret", headers=theirs)).status_code == 200
    expected = 401 if default == "deny" else 200
    assert (await client.get("/inner/secret", headers=theirs)).status_code == expected


def test_an_application_takes_one_auth(app, make_auth, remote):
    for second in (make_auth(), remote):
        with pytest.raises(ConfigError, match="has an Auth already"):
            second.install(app)


def test_an_auth_is_installed_once(app, auth):
    with pytest.raises(ConfigError, match="installed already"):
        auth.install(FastAPI())


async def test_a_route_of_the_application_does_not_hide_ours(make_auth, serve):
    app, auth = FastAPI(), make_auth()

    @app.post("/auth/token")
    async def token() -> str:
        return "not a token"

    with pytest.raises(ConfigError, match="/auth/token"):
        auth.install(app)
    other = make_auth(prefix="/accounts")
    other.install(app)
    assert (await (await serve(app, other)).get("/accounts/jwks")).status_code == 200


async def test_an_account_is_refused_at_start_where_there_are_none(remote, issuer, serve):
    app = FastAPI()
    remote.install(app)

    @app.get("/who", dependencies=[requires()])
    async def who() -> str:
        return "someone"

    client = await serve(app, remote)
    assert (await client.get("/who", headers={"Authorization": f"Bearer {issuer.token('ada')}"})).status_code == 200

    @app.get("/me")
    async def me(user: CurrentUser) -> str:
        return user.username

    with pytest.raises(ConfigError, match="/me takes CurrentUser"):
        await remote.start()


@pytest.mark.parametrize(
    "empty", [{"role": ""}, {"role": " "}, {"scopes": []}, {"scopes": ""}, {"permission": ()}, {"role": [""]}]
)
def test_a_requirement_that_is_given_and_empty_is_a_type_error(empty):
    with pytest.raises(TypeError, match="not empty"):
        requires(**empty)
    assert requires(role="admin").dependency.rules == (Rule(roles=("admin",)),)


@pytest.mark.parametrize(("seconds", "status"), [(30, 200), (-50, 200), (-120, 401), (90, 401)])
async def test_a_login_in_the_future_is_not_recent(app, auth, serve, clock, seconds, status):
    @app.get("/recent", dependencies=[requires(fresh=60)])
    async def recent() -> str:
        return "recent"

    client = await serve(app, auth)
    at = clock.now()
    clock.tick(seconds)
    app.dependency_overrides[current_principal] = lambda: Principal(subject="ada", auth_time=at)
    assert (await client.get("/recent")).status_code == status


def test_a_class_does_not_inherit_the_mark_of_public():
    @public
    class Open:
        pass

    class Derived(Open):
        pass

    assert (is_public(Open), is_public(Derived)) == (True, False)
