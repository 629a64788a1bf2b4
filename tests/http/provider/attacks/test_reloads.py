"""Nothing that a browser does by itself sends a password again: a reload, the way back (ATTACKS S16; OWASP)."""

import pytest
from tests.http.provider.world import PASSWORD, REDIRECT, hidden, query, running_world

from watchword.config import LimitConfig
from watchword.core.models.client_metadata import ConsentPolicy
from watchword.core.models.limits import Limit

WRONG = "not the right one"


async def send_login(world, page, password=PASSWORD, **more):
    fields = {**hidden(page, "login"), "username": "alice", "password": password, **more}
    return await world.client.post("/auth/login", data=fields)


async def follow(world, answer):
    assert (answer.status_code, answer.content) == (303, b"")
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["location"].startswith("/auth/continue?interaction=")
    return await world.client.get(answer.headers["location"])


@pytest.mark.parametrize(("password", "heading"), [(PASSWORD, "Give access?"), (WRONG, "Sign in")])
async def test_after_a_password_comes_a_redirection_whose_page_can_be_loaded_again(world, password, heading):
    answer = await send_login(world, await world.authorize(), password)
    for _ in range(2):
        page = await follow(world, answer)
        assert (page.status_code, f"<h1>{heading}</h1>" in page.text) == (200, True)
        assert ("Wrong username or password." in page.text) is (password == WRONG)


async def test_a_reload_counts_no_attempt():
    limits = LimitConfig(login_per_account=Limit(2, 60))
    async with running_world(limits=limits) as world:
        answer = await send_login(world, await world.authorize(), WRONG)
        for _ in range(5):
            page = await follow(world, answer)
        assert "Give access?" in (await follow(world, await send_login(world, page))).text


async def test_neither_address_nor_redirection_holds_what_was_typed(world):
    for password in (PASSWORD, WRONG):
        answer = await send_login(world, await world.authorize(prompt="login"), password)
        page = await follow(world, answer)
        assert password not in page.text
        for text in ("alice", password.split()[0], "a-state"):
            assert text not in answer.headers["location"]


async def test_what_was_said_once_is_not_said_on_the_next_page(world):
    wrong = await follow(world, await send_login(world, await world.authorize(), WRONG))
    assert 'value="alice"' in wrong.text
    sign_up = await world.send(wrong, "create-account")
    back = await world.send(sign_up, "login")
    assert "<h1>Sign in</h1>" in back.text
    assert "Wrong username or password." not in back.text


async def test_the_page_that_goes_on_is_one_browsers(world):
    answer = await send_login(world, await world.authorize())
    world.client.cookies.clear()
    stolen = await world.client.get(answer.headers["location"])
    assert (stolen.status_code, "This page has expired" in stolen.text) == (400, True)
    assert "location" not in stolen.headers


async def test_it_ends_with_the_interaction(world):
    answer = await send_login(world, await world.authorize())
    world.clock.tick(600)
    assert "This page has expired" in (await world.client.get(answer.headers["location"])).text


@pytest.mark.parametrize("text", ["", "?interaction=", "?interaction=x", "?interaction=x&interaction=x", "?a=1"])
async def test_what_is_no_interaction_is_a_page_of_400(world, text):
    answer = await world.client.get(f"/auth/continue{text}")
    assert (answer.status_code, "location" in answer.headers) == (400, False)
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")


@pytest.mark.parametrize("page", ["login", "create-account", "choose-account", "consent"])
async def test_the_address_of_a_form_from_a_bookmark_says_where_to_begin(world, page):
    answer = await world.client.get(f"/auth/{page}")
    assert (answer.status_code, "sign in from there again" in answer.text) == (400, True)
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")


async def test_a_response_in_a_form_comes_of_a_get_too(world):
    client = await world.add_client("Own", first_party=True, metadata={"consent": ConsentPolicy.NEVER})
    page = await world.authorize(client_id=client.id, response_mode="form_post")
    posted = await follow(world, await send_login(world, page))
    assert f'action="{REDIRECT}"' in posted.text
    assert 'name="code"' in posted.text


async def test_a_sign_up_is_followed_by_a_redirection(world):
    page = await world.send(await world.authorize(), "create-account")
    fields = {**hidden(page, "create-account"), "step": "create", "username": "carol", "password": PASSWORD}
    answer = await world.client.post("/auth/create-account", data=fields)
    assert "Give access?" in (await follow(world, answer)).text


async def test_a_limit_asks_for_the_same_request_later():
    async with running_world(limits=LimitConfig(login_per_account=Limit(1, 60))) as world:
        page = await world.authorize()
        await send_login(world, page, WRONG)
        answer = await send_login(world, page)
        assert (answer.status_code, answer.headers["retry-after"]) == (429, "60")
        world.clock.tick(60)
        assert "Give access?" in (await follow(world, await send_login(world, page))).text


@pytest.mark.parametrize("password", [PASSWORD, WRONG])
async def test_an_interaction_that_is_too_long_for_an_address_is_shown_at_once(world, password):
    page = await world.authorize(state="x" * 4096, nonce="y" * 512)
    answer = await send_login(world, page, password)
    assert answer.status_code == 200
    assert ("Wrong username or password." in answer.text) is (password == WRONG)
    if password == WRONG:
        answer = await send_login(world, answer)
    assert query(await world.send(answer, "consent", decision="allow"))["state"] == "x" * 4096
