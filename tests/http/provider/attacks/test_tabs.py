"""Several interactions in one browser, which must neither disturb nor help each other (ATTACKS A33, A34, S01)."""

from tests.http.provider.world import PASSWORD, hidden, query

from watchword.core.models.client_metadata import ConsentPolicy


async def send_login(world, page, password=PASSWORD):
    fields = {**hidden(page, "login"), "username": "alice", "password": password}
    return (await world.client.post("/auth/login", data=fields)).headers["location"]


async def test_two_tabs_log_in_at_two_applications_and_both_arrive(world):
    other = await world.add_client("Other", metadata={"consent": ConsentPolicy.REMEMBER})
    first, second = await world.authorize(), await world.authorize(client_id=other.id)
    at_second = await world.client.get(await send_login(world, second))
    at_first = await world.client.get(await send_login(world, first))
    for page in (at_second, at_first):
        assert "code" in query(await world.send(page, "consent", decision="allow"))


async def test_a_login_in_one_tab_is_no_proof_in_another_that_wants_its_own(world):
    await world.get_code()
    strict = await world.authorize(prompt="login")
    going_on = await send_login(world, await world.authorize(prompt="login"))
    assert "code" in query(await world.client.get(going_on))
    wrong = await world.client.get(await send_login(world, strict, "not the right one"))
    assert "<h1>Sign in</h1>" in wrong.text
    assert "code" in query(await world.client.get(await send_login(world, wrong)))


async def test_a_page_from_before_a_logout_gives_nothing_after_it(world):
    """Also not by its address in the history: the interaction is good, but the login that it names has ended."""
    going_on = await send_login(world, await world.authorize())
    consent = await world.client.get(going_on)
    await world.send(await world.client.get("/auth/logout"), "sign-out", decision="yes")
    assert "<h1>Sign in</h1>" in (await world.client.get(going_on)).text
    assert "<h1>Sign in</h1>" in (await world.send(consent, "consent", decision="allow")).text


async def test_what_one_person_allowed_is_not_decided_by_the_page_for_the_next(world):
    await world.sign_up("bob")
    consent = await world.client.get(await send_login(world, await world.authorize()))
    await world.log_in_here("bob", prompt="login")
    shown = await world.send(consent, "consent", decision="allow")
    assert (shown.status_code, "<bdi>bob</bdi>" in shown.text) == (200, True)


async def test_a_cookie_from_before_a_login_is_worth_nothing_after_it(world):
    await world.get_code()
    before = world.client.cookies["watchword-session"]
    await world.client.get(await send_login(world, await world.authorize(prompt="login")))
    assert "code" in query(await world.authorize())
    world.client.cookies.delete("watchword-session")
    world.client.cookies.set("watchword-session", before, domain="testserver.local")
    assert "<h1>Sign in</h1>" in (await world.authorize()).text
