"""Headers, cookies and forged requests at the hosted pages."""

import pytest
from tests.http.provider.world import PASSWORD, hidden, running_world

from watchword.core.errors import ConfigError

FOREIGN = [
    {"Origin": "https://evil.example"},
    {"Origin": "http://testserver.evil.example"},
    {"Origin": "https://testserver"},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site", "Origin": "null"},
]
OWN = [
    {},
    {"Origin": "http://testserver"},
    {"Origin": "null", "Sec-Fetch-Site": "same-origin"},
    {"Origin": "http://testserver", "Sec-Fetch-Site": "same-origin"},
]


async def pages_of(world):
    login = await world.authorize()
    consent = await world.send(login, "login", username="alice", password=PASSWORD)
    await world.send(consent, "consent", decision="allow")
    return {
        "login": login,
        "consent": consent,
        "error": await world.authorize(client_id="nobody"),
        "device": await world.client.get("/auth/device"),
        "logout": await world.client.get("/auth/logout"),
    }


async def test_every_page_leaves_with_strict_headers(world):
    for name, page in (await pages_of(world)).items():
        policy = page.headers["content-security-policy"]
        assert "default-src 'none'" in policy, name
        assert "frame-ancestors 'none'" in policy, name
        assert "base-uri 'none'" in policy, name
        assert "unsafe" not in policy, name
        assert "script-src" not in policy, name
        assert page.headers["cache-control"] == "no-store", name
        assert page.headers["referrer-policy"] == "no-referrer", name
        assert page.headers["x-content-type-options"] == "nosniff", name
        assert page.headers["x-frame-options"] == "DENY", name
        assert "<script" not in page.text, name
        assert "style=" not in page.text, name


async def test_a_form_may_lead_to_the_client_and_nowhere_else(world):
    policy = (await world.authorize()).headers["content-security-policy"]
    assert "form-action 'self' https://app.example;" in policy


@pytest.mark.parametrize("headers", FOREIGN)
async def test_a_login_from_another_site_is_refused(world, headers):
    fields = {**hidden(await world.authorize(), "login"), "username": "alice", "password": PASSWORD}
    answer = await world.client.post("/auth/login", data=fields, headers=headers)
    assert (answer.status_code, "watchword-session" in world.client.cookies) == (403, False)


@pytest.mark.parametrize("headers", OWN)
async def test_a_login_from_our_own_page_is_taken(world, headers):
    fields = {**hidden(await world.authorize(), "login"), "username": "alice", "password": PASSWORD}
    answer = await world.client.post("/auth/login", data=fields, headers=headers)
    assert (answer.status_code, "watchword-session" in world.client.cookies) == (303, True)


@pytest.mark.parametrize("action", ["login", "create-account", "choose-account", "consent", "device", "sign-out"])
async def test_no_form_is_taken_without_its_token(world, action):
    answer = await world.client.post(f"/auth/{action}", data={"interaction": "x", "decision": "allow"})
    assert (answer.status_code, "location" in answer.headers) == (403, False)


async def test_the_token_of_one_form_fits_no_other(world):
    consent = await world.log_in_here()
    token = hidden(await world.authorize(prompt="login"), "login")["form_token"]
    fields = {**hidden(consent, "consent"), "decision": "allow"}
    assert (await world.client.post("/auth/consent", data={**fields, "form_token": token})).status_code == 403
    assert (await world.client.post("/auth/consent", data=fields)).status_code == 303


async def test_what_was_begun_in_one_browser_cannot_go_on_in_another(world):
    consent = await world.log_in_here()
    fields = {**hidden(consent, "consent"), "decision": "allow"}
    world.client.cookies.clear()
    other = await world.authorize()
    assert (await world.client.post("/auth/consent", data=fields)).status_code == 403
    mixed = {**fields, "form_token": hidden(other, "consent")["form_token"]}
    answer = await world.client.post("/auth/consent", data=mixed)
    assert (answer.status_code, "This page has expired" in answer.text) == (400, True)


async def test_a_page_that_was_open_for_too_long_has_expired(world):
    page = await world.authorize()
    world.clock.tick(600)
    answer = await world.send(page, "login", username="alice", password=PASSWORD)
    assert (answer.status_code, "This page has expired" in answer.text) == (400, True)


def cookies_of(answer):
    return {line.split("=", 1)[0]: line for line in answer.headers.get_list("set-cookie")}


async def test_over_https_cookies_are_bound_to_the_host():
    async with running_world(issuer="https://auth.example") as world:
        page = await world.authorize()
        fields = {**hidden(page, "login"), "username": "alice", "password": PASSWORD}
        answer = await world.client.post("/auth/login", data=fields)
        set_here = {**cookies_of(page), **cookies_of(answer)}
    state = set_here.pop("__Host-watchword-state")
    assert {part.strip().lower() for part in state.split(";")[1:]} == {"secure", "samesite=none", "path=/"}
    assert set(set_here) == {"__Host-watchword-browser", "__Host-watchword-session"}
    for line in set_here.values():
        attributes = {part.strip().lower() for part in line.split(";")[1:]}
        assert attributes == {"secure", "httponly", "samesite=lax", "path=/"}


async def test_on_localhost_in_development_they_do_without_https(world):
    line = cookies_of(await world.authorize())["watchword-browser"]
    assert {part.strip().lower() for part in line.split(";")[1:]} == {"httponly", "samesite=lax", "path=/"}


async def test_production_refuses_an_address_that_would_need_weaker_cookies():
    with pytest.raises(ConfigError, match="WATCHWORD_ISSUER, must begin with https://"):
        async with running_world(environment="production"):
            raise AssertionError


async def test_the_login_cookie_changes_with_each_login(world):
    await world.get_code()
    before = world.client.cookies["watchword-session"]
    await world.log_in_here(prompt="login")
    assert world.client.cookies["watchword-session"] != before


@pytest.mark.parametrize("bad", ["username=a&username=b", "username=%00", "username=%ff", "x" * 70 + "=1"])
async def test_a_malformed_form_is_a_page_of_400(world, bad):
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    answer = await world.client.post("/auth/login", content=bad, headers=headers)
    assert (answer.status_code, answer.headers["content-type"]) == (400, "text/html; charset=utf-8")


async def test_a_form_over_the_limit_is_refused(world):
    answer = await world.client.post("/auth/login", data={"username": "x" * 70_000})
    assert answer.status_code == 413


async def test_the_stylesheet_may_be_kept_for_ever(world):
    page = (await world.authorize()).text
    path = page.split('rel="stylesheet" href="')[1].split('"')[0]
    answer = await world.client.get(path)
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["content-type"] == "text/css; charset=utf-8"
    assert (await world.client.get("/auth/static/other.css")).status_code == 404


@pytest.mark.parametrize("path", ["/auth/authorize", "/auth/login", "/auth/device", "/auth/end_session"])
@pytest.mark.parametrize("method", ["HEAD", "OPTIONS", "PUT", "DELETE", "TRACE"])
async def test_other_methods_are_refused_without_harm(world, path, method):
    assert (await world.client.request(method, path)).status_code == 405
