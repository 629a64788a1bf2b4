"""POST /auth/introspect (RFC 7662; I01, I02, I04, I08)."""

import pytest
from tests.http.site import bearer
from tests.http.test_client_credentials import basic, new_machine

INACTIVE = b'{"active":false}'


@pytest.fixture
async def machine(site):
    return await new_machine(site)


async def introspect(site, token: str, headers: dict[str, str], **form: str):
    return await site.client.post("/auth/introspect", data={"token": token, **form}, headers=headers)


@pytest.mark.parametrize("hint", [{}, {"token_type_hint": "access_token"}, {"token_type_hint": "refresh_token"}])
async def test_a_machine_learns_about_its_own_token(site, machine, hint):
    token = (await machine.token()).json()["access_token"]
    answer = await introspect(site, token, machine.headers, **hint)
    members = answer.json()
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
    assert answer.headers["content-type"] == "application/json"
    assert members["exp"] - members["iat"] == 600
    assert (members["iss"], members["aud"], members["token_type"]) == (
        "http://testserver",
        "http://testserver",
        "Bearer",
    )
    assert (members["active"], members["scope"]) == (True, "items:read")
    assert members["sub"] == members["client_id"] == machine.id


@pytest.mark.parametrize("told", [{"may_introspect": True}, {"serves": ["http://testserver"]}], ids=str)
async def test_a_resource_server_learns_about_access_tokens_and_another_machine_about_none(site, machine, told):
    watcher = await new_machine(site, grants=[], **told)
    other = await new_machine(site, serves=["https://elsewhere.example"])
    await site.sign_up()
    login = await site.log_in()
    for token in ((await machine.token()).json()["access_token"], login["access_token"]):
        assert (await introspect(site, token, watcher.headers)).json()["active"] is True
        refused = await introspect(site, token, other.headers)
        assert (refused.status_code, refused.content) == (200, INACTIVE)


async def test_a_refresh_token_is_active_for_no_resource_server(site):
    """It could be taken for an access token: RFC 7662 has no member that tells them apart."""
    watcher = await new_machine(site, may_introspect=True, serves=["http://testserver"])
    await site.sign_up()
    login = await site.log_in()
    assert (await introspect(site, login["access_token"], watcher.headers)).json()["active"] is True
    assert (await introspect(site, login["refresh_token"], watcher.headers)).content == INACTIVE


@pytest.mark.parametrize("token", ["nonsense", "wwrt_nonsense", "a.b.c", "é"])
async def test_an_unknown_token_is_not_active(site, machine, token):
    answer = await introspect(site, token, machine.headers)
    assert (answer.status_code, answer.content, answer.headers["cache-control"]) == (200, INACTIVE, "no-store")


@pytest.mark.parametrize(
    ("headers", "form"),
    [
        ({}, {}),
        ({}, {"client_id": "first-party"}),
        ({}, {"client_id": "other", "client_secret": "x"}),
        (basic("other", "x"), {}),
        ({"Authorization": "Bearer x"}, {}),
    ],
)
async def test_who_proves_nothing_gets_401(site, machine, headers, form):
    token = (await machine.token()).json()["access_token"]
    answer = await introspect(site, token, headers, **form)
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
    assert (await introspect(site, token, {}, **machine.fields)).json()["active"] is True


async def test_the_bearer_of_a_token_cannot_introspect_with_it(site, machine):
    tokens = (await machine.token()).json()
    answer = await introspect(site, tokens["access_token"], bearer(tokens))
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


async def test_a_revoked_token_is_not_active_at_once(site, machine):
    token = (await machine.token()).json()["access_token"]
    assert (await introspect(site, token, machine.headers)).json()["active"] is True
    assert (await site.client.post("/auth/revoke", data={"token": token}, headers=machine.headers)).status_code == 200
    assert (await introspect(site, token, machine.headers)).content == INACTIVE


async def test_logging_out_makes_a_persons_tokens_inactive_at_once(site):
    watcher = await new_machine(site, may_introspect=True)
    await site.sign_up()
    login = await site.log_in()
    assert (await introspect(site, login["access_token"], watcher.headers)).json()["active"] is True
    await site.client.post("/auth/logout", headers=bearer(login))
    for token in (login["access_token"], login["refresh_token"]):
        assert (await introspect(site, token, watcher.headers)).content == INACTIVE


async def test_a_missing_token_and_a_get_are_refused(site, machine):
    answer = await introspect(site, "", machine.headers)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")
    assert (await site.client.get("/auth/introspect", headers=machine.headers)).status_code == 405


async def test_the_metadata_says_what_works(site, machine):
    metadata = (await site.client.get("/.well-known/oauth-authorization-server")).json()
    methods = ["client_secret_basic", "client_secret_post"]
    assert metadata["introspection_endpoint"] == "http://testserver/auth/introspect"
    assert metadata["introspection_endpoint_auth_methods_supported"] == methods
    assert metadata["token_endpoint_auth_methods_supported"] == [*methods, "none"]
    token = (await machine.token()).json()["access_token"]
    for headers, form in ((machine.headers, {}), ({}, machine.fields)):
        data = {"token": token, **form}
        answer = await site.client.post(metadata["introspection_endpoint"], data=data, headers=headers)
        assert answer.json()["active"] is True


async def test_an_answer_is_a_jwt_for_who_accepts_that_by_name(site, machine):
    token = (await machine.token()).json()["access_token"]
    for accept in (
        "application/token-introspection+jwt",
        "application/json, application/token-introspection+jwt;q=0.9",
    ):
        answer = await introspect(site, token, {**machine.headers, "Accept": accept})
        assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
        assert answer.headers["content-type"] == "application/token-introspection+jwt"
        assert len(answer.text.split(".")) == 3
    for accept in ("*/*", "application/json", "application/*", "application/jwt"):
        answer = await introspect(site, token, {**machine.headers, "Accept": accept})
        assert answer.headers["content-type"] == "application/json"
