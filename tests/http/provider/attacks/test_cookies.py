"""Cookies that other hosts of the domain plant, to put a victim into the attacker's login (ATTACKS S01, S08, A33)."""

import pytest
from tests.http.provider.world import PASSWORD, hidden, query, running_world

NAME = b"__Host-watchword-session"
PLANTED = {
    "no-break space": b"\xa0" + NAME,
    "next line": b"\x85" + NAME,
    "vertical tab": b"\x0b" + NAME,
    "behind": NAME + b"\xa0",
    "lower case": NAME.lower(),
    "without the prefix": b"watchword-session",
}
"""Names that a browser lets any host of the domain set, for they do not begin with the prefix."""


@pytest.fixture
async def secure():
    async with running_world(issuer="https://auth.example") as world:
        yield world


async def login_of_the_attacker(world):
    """Return the login cookie of an attacker, in a browser that forgets it."""
    await world.get_code()
    cookie = world.client.cookies[NAME.decode()].encode()
    world.client.cookies.clear()
    return cookie


async def arrive(world, cookies):
    world.client.cookies.clear()
    return await world.client.get("/auth/authorize", params=world.parameters(), headers=[(b"Cookie", cookies)])


async def test_a_cookie_of_the_exact_name_is_read(secure):
    cookie = await login_of_the_attacker(secure)
    assert "code" in query(await arrive(secure, NAME + b"=" + cookie))
    assert "code" in query(await arrive(secure, b"other=1;\t " + NAME + b"=" + cookie + b" ; more=2"))


@pytest.mark.parametrize("name", PLANTED.values(), ids=PLANTED.keys())
async def test_a_name_that_only_looks_like_ours_logs_nobody_in(secure, name):
    page = await arrive(secure, name + b"=" + await login_of_the_attacker(secure))
    assert (page.status_code, "<h1>Sign in</h1>" in page.text) == (200, True)


async def test_two_of_one_name_are_none(secure):
    cookie = await login_of_the_attacker(secure)
    page = await arrive(secure, NAME + b"=" + cookie + b"; " + NAME + b"=" + cookie)
    assert (page.status_code, "<h1>Sign in</h1>" in page.text) == (200, True)


async def test_a_planted_browser_cookie_lets_no_form_of_the_attacker_through(secure):
    page = await secure.authorize()
    nonce = secure.client.cookies["__Host-watchword-browser"].encode()
    form = {**hidden(page, "login"), "username": "alice", "password": PASSWORD}
    for name, status in ((b"\xa0__Host-watchword-browser", 403), (b"__Host-watchword-browser", 303)):
        secure.client.cookies.clear()
        answer = await secure.client.post("/auth/login", data=form, headers=[(b"Cookie", name + b"=" + nonce)])
        assert answer.status_code == status
