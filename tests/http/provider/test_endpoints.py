"""Userinfo, devices, logout, discovery and other origins over HTTP."""

import pytest
from tests.http.provider.world import DEVICE, ORIGIN, PASSWORD, hidden, query, running_world

from watchword.config import PagesConfig, ProviderConfig


async def tokens_of(world, **more):
    return (await world.redeem(await world.get_code(**more))).json()


async def test_userinfo_takes_the_token_in_header_or_form(world):
    token = (await tokens_of(world))["access_token"]
    bearer = {"Authorization": f"Bearer {token}"}
    got = await world.client.get("/auth/userinfo", headers=bearer)
    assert (got.status_code, got.json()["preferred_username"]) == (200, "alice")
    assert got.headers["cache-control"] == "no-store"
    for answer in (
        await world.client.post("/auth/userinfo", headers=bearer),
        await world.client.post("/auth/userinfo", data={"access_token": token}),
    ):
        assert answer.json() == got.json()


async def test_userinfo_refuses_no_token_two_tokens_and_bad_ones(world):
    token = (await tokens_of(world))["access_token"]
    none = await world.client.get("/auth/userinfo")
    assert (none.status_code, none.headers["www-authenticate"]) == (401, 'Bearer realm="watchword"')
    bad = await world.client.get("/auth/userinfo", headers={"Authorization": "Bearer no"})
    assert (bad.status_code, 'error="invalid_token"' in bad.headers["www-authenticate"]) == (401, True)
    both = await world.client.post(
        "/auth/userinfo", data={"access_token": token}, headers={"Authorization": f"Bearer {token}"}
    )
    assert both.status_code == 400
    in_query = await world.client.get(f"/auth/userinfo?access_token={token}")
    assert in_query.status_code == 400


async def test_a_device_gets_its_tokens_after_approval_and_not_before(world):
    device = await world.add_client("Television")
    started = (await world.client.post("/auth/device_authorization", data={"client_id": device.id})).json()
    assert started["verification_uri"] == "http://testserver/auth/device"
    assert started["verification_uri_complete"].endswith(f"?user_code={started['user_code']}")
    poll = {"grant_type": DEVICE, "client_id": device.id, "device_code": started["device_code"]}
    assert (await world.client.post("/auth/token", data=poll)).json()["error"] == "authorization_pending"

    page = await world.client.get("/auth/device", params={"user_code": started["user_code"]})
    assert f'value="{started["user_code"]}"' in page.text
    login = await world.send(page, "device", user_code=started["user_code"].lower())
    approval = await world.send(login, "login", username="alice", password=PASSWORD)
    assert started["user_code"] in approval.text
    done = await world.send(approval, "consent", decision="allow")
    assert "Device connected" in done.text
    world.clock.tick(10)
    assert "access_token" in (await world.client.post("/auth/token", data=poll)).json()


async def test_a_device_that_is_denied_is_told(world):
    device = await world.add_client("Television")
    started = (await world.client.post("/auth/device_authorization", data={"client_id": device.id})).json()
    login = await world.send(await world.client.get("/auth/device"), "device", user_code=started["user_code"])
    approval = await world.send(login, "login", username="alice", password=PASSWORD)
    assert "Device not connected" in (await world.send(approval, "consent", decision="deny")).text
    world.clock.tick(10)
    poll = {"grant_type": DEVICE, "client_id": device.id, "device_code": started["device_code"]}
    assert (await world.client.post("/auth/token", data=poll)).json()["error"] == "access_denied"


async def test_a_wrong_code_is_said_to_be_wrong(world):
    page = await world.send(await world.client.get("/auth/device"), "device", user_code="BBBB-BBBB")
    assert (page.status_code, "This code is not valid" in page.text) == (400, True)


async def test_logout_with_a_hint_goes_back_at_once_and_ends_the_tokens(world):
    tokens = await tokens_of(world)
    asked = {
        "id_token_hint": tokens["id_token"],
        "post_logout_redirect_uri": "https://app.example/bye",
        "state": "x y",
    }
    answer = await world.client.get("/auth/end_session", params=asked)
    assert (answer.status_code, answer.headers["location"]) == (303, "https://app.example/bye?state=x%20y")
    assert "watchword-session" not in world.client.cookies
    bearer = {"Authorization": f"Bearer {tokens['access_token']}"}
    assert (await world.client.get("/auth/userinfo", headers=bearer)).status_code == 401
    assert "<h1>Sign in</h1>" in (await world.authorize()).text


@pytest.mark.parametrize("uri", ["https://evil.example/", "https://app.example/bye?x=1", None])
async def test_logout_leads_nowhere_that_was_not_registered(world, uri):
    tokens = await tokens_of(world)
    asked = {"id_token_hint": tokens["id_token"], "post_logout_redirect_uri": uri, "state": "x"}
    sent = {name: value for name, value in asked.items() if value}
    answer = await world.client.post("/auth/end_session", data=sent)
    assert "location" not in answer.headers
    assert "evil.example" not in answer.text


async def test_logout_without_a_hint_asks_first(world):
    await world.get_code()
    page = await world.client.get("/auth/end_session")
    assert "<h1>Sign out?</h1>" in page.text
    kept = await world.send(page, "sign-out", decision="no")
    assert "You are still signed in" in kept.text
    assert "code" in query(await world.authorize())
    done = await world.send(await world.client.get("/auth/logout"), "sign-out", decision="yes")
    assert "You are signed out" in done.text
    assert "<h1>Sign in</h1>" in (await world.authorize()).text


async def test_who_is_not_logged_in_is_told_so(world):
    assert "You are signed out" in (await world.client.get("/auth/logout")).text


async def test_discovery_lists_what_is_served(world):
    document = (await world.client.get("/.well-known/openid-configuration")).json()
    served = {
        "authorization_endpoint": "GET",
        "userinfo_endpoint": "GET",
        "end_session_endpoint": "GET",
        "check_session_iframe": "GET",
        "device_authorization_endpoint": "POST",
        "jwks_uri": "GET",
    }
    for name, method in served.items():
        assert document[name].startswith("http://testserver/auth/"), name
        assert (await world.client.request(method, document[name])).status_code not in (404, 405), name
    assert document["response_types_supported"] == ["code"]
    assert document["code_challenge_methods_supported"] == ["S256"]
    assert document["ui_locales_supported"] == ["de", "en", "es", "fr"]
    assert document["authorization_response_iss_parameter_supported"] is True
    assert "registration_endpoint" not in document


@pytest.mark.parametrize("path", ["/auth/token", "/auth/revoke", "/auth/userinfo"])
@pytest.mark.parametrize(("origin", "allowed"), [(ORIGIN, True), ("https://evil.example", False), ("null", False)])
async def test_a_browser_that_asks_first_hears_of_registered_origins_alone(world, path, origin, allowed):
    headers = {"Origin": origin, "Access-Control-Request-Method": "POST"}
    answer = await world.client.options(path, headers=headers)
    assert answer.status_code == 204
    assert answer.headers.get("access-control-allow-origin") == (origin if allowed else None)
    assert "access-control-allow-credentials" not in answer.headers


@pytest.mark.parametrize(("origin", "allowed"), [(ORIGIN, True), ("https://evil.example", False)])
async def test_answers_can_be_read_by_pages_of_the_clients_own_origin(world, origin, allowed):
    answer = await world.redeem(await world.get_code(), Origin=origin)
    assert answer.headers.get("access-control-allow-origin") == (origin if allowed else None)
    refused = await world.redeem("wwac_no", Origin=origin)
    assert refused.headers.get("access-control-allow-origin") == (origin if allowed else None)
    bearer = {"Authorization": f"Bearer {answer.json()['access_token']}", "Origin": origin}
    claims = await world.client.get("/auth/userinfo", headers=bearer)
    assert claims.headers.get("access-control-allow-origin") == (origin if allowed else None)


async def test_an_origin_of_one_client_reads_no_answer_to_another(world):
    other = await world.add_client("Other")
    form = {"grant_type": "authorization_code", "code": "wwac_no", "client_id": other.id}
    answer = await world.client.post("/auth/token", data=form, headers={"Origin": ORIGIN})
    assert "access-control-allow-origin" not in answer.headers


async def test_pages_bear_the_name_and_colours_of_their_operator(tmp_path):

    (tmp_path / "messages").mkdir()
    (tmp_path / "messages" / "en.toml").write_text('[login]\ntitle = "Come in"\n')
    looks = PagesConfig(product="Acme <ID>", colour="#ffcc00", templates=str(tmp_path))
    async with running_world(pages=looks) as world:
        page = (await world.authorize()).text
        css = (await world.client.get(page.split('rel="stylesheet" href="')[1].split('"')[0])).text
    assert "Acme &lt;ID&gt;" in page
    assert "<h1>Come in</h1>" in page
    assert css.startswith(":root {\n  --brand: #ffcc00;\n  --brand-text: #000000;\n")


async def test_a_template_of_ones_own_stands_in(tmp_path):

    (tmp_path / "error.html").write_text("<p>Ours: {{ code }}</p>")
    async with running_world(pages=PagesConfig(templates=str(tmp_path))) as world:
        assert (await world.authorize(client_id="nobody")).text == "<p>Ours: invalid_request</p>"
        assert hidden(await world.authorize(), "login")["interaction"]


async def test_a_client_registers_itself_where_that_is_allowed_and_manages_its_registration():
    document = {"client_name": "Guest", "redirect_uris": ["https://guest.example/cb"]}
    async with running_world(provider=ProviderConfig(registration="open")) as world:
        found = (await world.client.get("/.well-known/openid-configuration")).json()
        answer = await world.client.post(found["registration_endpoint"], json=document)
        assert answer.status_code == 201, answer.text
        registered = answer.json()
        bearer = {"Authorization": f"Bearer {registered['registration_access_token']}"}
        place = registered["registration_client_uri"]
        assert (await world.client.get(place, headers=bearer)).json()["client_name"] == "Guest"
        assert (await world.client.get(place)).status_code == 401
        replaced = {**document, "client_id": registered["client_id"], "client_name": "Host"}
        changed = await world.client.put(place, json=replaced, headers=bearer)
        assert (changed.status_code, changed.json().get("client_name")) == (200, "Host")
        assert (await world.client.delete(place, headers=bearer)).status_code == 204
        assert (await world.client.get(place, headers=bearer)).status_code == 401


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (b"[]", "invalid_client_metadata"),
        (b"{", "invalid_client_metadata"),
        (b'{"redirect_uris": ["http://guest.example/cb"]}', "invalid_redirect_uri"),
        (b'{"redirect_uris": ["https://*.guest.example/cb"]}', "invalid_redirect_uri"),
        (b'{"redirect_uris": ["https://guest.example/cb"], "redirect_uris": []}', "invalid_client_metadata"),
    ],
)
async def test_a_registration_that_is_not_sound_is_refused(content, error):
    async with running_world(provider=ProviderConfig(registration="open")) as world:
        answer = await world.client.post(
            "/auth/register", content=content, headers={"Content-Type": "application/json"}
        )
    assert (answer.status_code, answer.json()["error"]) == (400, error)


async def test_nobody_registers_where_that_is_off(world):
    assert (await world.client.post("/auth/register", json={"redirect_uris": []})).status_code == 404


async def test_the_frame_of_session_management_may_be_framed_and_holds_a_script_of_ours_alone(world):
    frame = await world.client.get("/auth/check_session")
    policy = frame.headers["content-security-policy"]
    assert "frame-ancestors https: http:" in policy
    assert "default-src 'none'; script-src 'self'" in policy
    assert "x-frame-options" not in frame.headers
    assert 'data-cookie="watchword-state"' in frame.text
    await world.get_code()
    assert "watchword-state" in world.client.cookies
    await world.send(await world.client.get("/auth/logout"), "sign-out", decision="yes")
    assert "watchword-state" not in world.client.cookies
