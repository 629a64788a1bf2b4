"""Redirect URIs that only look like the registered one, over HTTP (ATTACKS A02 to A06, A09, A10, A13, A17, A20)."""

from urllib.parse import quote, urlencode

import pytest
from tests.http.provider.world import REDIRECT, VERIFIER, query

from watchword.core.oauth.pkce import challenge_of

LOOKALIKES = [
    *(
        "https://app.example.evil/cb",
        "https://app.example@evil.example/cb",
        "https://evil.example/?x=https://app.example/cb",
    ),
    *("https://sub.app.example/cb", "https://app.example./cb", "https://appxexample/cb", "https://APP.example/cb"),
    *("https://app.example/cb/", "https://app.example/cb/../evil", "https://app.example/cb%2f..%2fevil"),
    *("https://app.example/cb%252f..", "https://app.example/cb/..;/evil", "https://app.example/cb\\..\\evil"),
    *("https://app.example//cb", "https://app.example/CB", "https://app.example/%63b", "https://app.example/cb?"),
    *("https://app.example/cb?x=1", "https://app.example/cb#", "https://app.example/cb#f", "http://app.example/cb"),
    *(
        "HTTPS://app.example/cb",
        "https://app.example:443/cb",
        "https://app.example:444/cb",
        "https://\u0430pp.example/cb",
    ),
    *("https://[::1]/cb", "//app.example/cb", "/cb", "cb", "javascript:alert(1)", "data:text/html,x"),
    *(
        " https://app.example/cb",
        "https://app.example/cb ",
        "https://app.example/cb\u200b",
        "https://app.example\u3002/cb",
    ),
]
ENCODED = ["%0d%0aSet-Cookie:%20a=b", "%09", "%0a", "%00", "%c0%ae", "%ff", "%e2%80%8b"]
"""What comes behind the registered URI, as it is sent."""


def sent(world, **more):
    return urlencode(world.parameters(**more))


@pytest.mark.parametrize(
    "change", [{}, {"prompt": "none"}, {"response_type": "foo"}, {"response_mode": "form_post"}], ids=str
)
async def test_nobody_is_sent_to_what_only_looks_registered(world, change):
    for uri in LOOKALIKES:
        answer = await world.authorize(redirect_uri=uri, **change)
        assert (answer.status_code, "location" in answer.headers) == (400, False), uri
        assert "<form" not in answer.text


@pytest.mark.parametrize("tail", ENCODED)
async def test_what_is_no_text_is_no_redirect_uri_either(world, tail):
    answer = await world.client.get(
        f"/auth/authorize?{sent(world, redirect_uri=None)}&redirect_uri={quote(REDIRECT)}{tail}"
    )
    assert (answer.status_code, "location" in answer.headers) == (400, False)


async def test_the_registered_one_is_gone_to(world):
    assert query(await world.authorize(prompt="none"))["error"] == "login_required"


@pytest.mark.parametrize("order", [(REDIRECT, "https://evil.example/cb"), ("https://evil.example/cb", REDIRECT)])
@pytest.mark.parametrize("name", ["redirect_uri", "REDIRECT_URI", "redirect_uri[]"])
async def test_of_two_redirect_uris_neither_is_gone_to(world, order, name):
    pairs = [("redirect_uri", order[0]), (name, order[1])]
    answer = await world.client.get(
        f"/auth/authorize?{sent(world, redirect_uri=None, prompt='none')}&{urlencode(pairs)}"
    )
    if name == "redirect_uri" or order[0] != REDIRECT:
        assert (answer.status_code, "location" in answer.headers) == (400, False)
    else:
        assert query(answer)["error"] == "login_required"


@pytest.mark.parametrize("mode", ["fragment", "jwt", "query.jwt", "web_message", "FORM_POST", "query "])
async def test_a_response_mode_that_is_not_offered_is_told_in_the_query(world, mode):
    assert query(await world.authorize(response_mode=mode))["error"] == "invalid_request"


@pytest.mark.parametrize("state", ["a\r\nSet-Cookie: x=y", "a\nb", "\x00", "\x7f"])
async def test_a_state_that_would_split_a_header_is_refused_here(world, state):
    answer = await world.authorize(state=state)
    assert (answer.status_code, "location" in answer.headers, "x=y" in str(answer.headers)) == (400, False, False)


async def test_only_the_port_of_a_native_clients_loopback_may_vary(world):
    form = {"response_type": "code", "code_challenge": challenge_of(VERIFIER), "code_challenge_method": "S256"}
    native = await world.add_client("Command", metadata={"application_type": "native"})
    web = await world.add_client("Web")
    for client, registered in ((native, "http://127.0.0.1/cb"), (web, "http://127.0.0.1/cb")):
        await register_redirect(world, client, registered)
    good = "http://127.0.0.1:49152/cb"
    for client, uri, gone_to in [
        (native, good, True),
        (web, good, False),
        (native, "http://localhost:49152/cb", False),
        (native, "http://localhost.evil:1/cb", False),
        (native, "http://127.0.0.1@evil.example/cb", False),
        (native, "http://127.0.0.1:1@evil.example/cb", False),
        (native, "http://127.0.0.1:49152/cb/x", False),
        (native, "https://127.0.0.1:49152/cb", False),
        (native, "http://127.0.0.1:99999/cb", False),
        (native, "http://127.1:49152/cb", False),
    ]:
        parameters = {**form, "client_id": client.id, "redirect_uri": uri, "prompt": "none", "scope": "openid"}
        answer = await world.client.get("/auth/authorize", params=parameters)
        assert answer.headers.get("location", "").startswith(f"{good}?error=login_required") is gone_to, uri


async def register_redirect(world, client, uri):
    from dataclasses import replace

    known = (await world.stores.clients.find([client.id]))[0]
    changed = replace(known, metadata=replace(known.metadata, redirect_uris=(uri,)))
    await world.stores.clients.replace(changed, expected_version=known.version)


@pytest.mark.parametrize("host", ["evil.example", "evil.example:80@testserver", "testserver.evil.example", ""])
async def test_the_host_header_names_nothing(world, host):
    for path in ("/.well-known/openid-configuration", "/.well-known/oauth-authorization-server"):
        answer = await world.client.get(path, headers={"Host": host, "X-Forwarded-Host": "evil.example"})
        assert "evil" not in answer.text
        assert answer.json()["issuer"] == "http://testserver"
    page = await world.client.get("/auth/authorize", params=world.parameters(), headers={"Host": host})
    assert "evil" not in page.text + str(page.headers)
    posted = await world.client.post("/auth/authorize", data=world.parameters(), headers={"Host": host})
    assert posted.headers["location"].startswith("/auth/authorize?")
