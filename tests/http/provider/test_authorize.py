"""The authorization endpoint over HTTP: what is shown, where it leads, and what is refused without leading anywhere."""

from urllib.parse import urlencode

import pytest
from tests.http.provider.world import PASSWORD, REDIRECT, VERIFIER, hidden, query, running_world

from watchword.core.models.client_metadata import ConsentPolicy


async def test_login_and_consent_give_a_code_that_gives_tokens(world):
    code = await world.get_code(nonce="a-nonce")
    tokens = (await world.redeem(code)).json()
    claims = await world.client.get("/auth/userinfo", headers={"Authorization": f"Bearer {tokens['access_token']}"})
    assert claims.json()["preferred_username"] == "alice"
    assert tokens["id_token"].count(".") == 2
    assert tokens["refresh_token"].startswith("wwrt_")


async def test_the_answer_carries_state_and_issuer(world):
    answer = await world.send(await world.log_in_here(), "consent", decision="allow")
    assert set(query(answer)) == {"code", "state", "iss", "session_state"}
    assert (query(answer)["state"], query(answer)["iss"]) == ("a-state", "http://testserver")


async def test_denial_goes_back_with_access_denied(world):
    answer = await world.send(await world.log_in_here(), "consent", decision="deny")
    assert query(answer)["error"] == "access_denied"
    assert query(answer)["state"] == "a-state"


async def test_a_login_can_be_cancelled(world):
    answer = await world.send(await world.authorize(), "consent", decision="cancel")
    assert query(answer)["error"] == "access_denied"
    assert "watchword-session" not in world.client.cookies


async def test_a_wrong_password_shows_the_page_again_and_a_right_one_goes_on(world):
    page = await world.send(await world.authorize(), "login", username="alice", password="wrong")
    assert page.status_code == 200
    assert "Wrong username or password." in page.text
    assert 'value="alice"' in page.text
    answer = await world.send(page, "login", username="alice", password=PASSWORD)
    assert "Give access?" in answer.text


async def test_unknown_and_wrong_look_the_same(world):
    wrong = await world.send(await world.authorize(), "login", username="alice", password="wrong")
    unknown = await world.send(await world.authorize(), "login", username="nobody", password="wrong")
    without = [
        page.text.replace("nobody", "alice").replace(hidden(page, "login")["interaction"], "")
        for page in (wrong, unknown)
    ]
    assert without[0].count("<form") == without[1].count("<form")
    assert (wrong.status_code, len(without[0])) == (unknown.status_code, len(without[1]))


async def test_the_second_visit_needs_neither_login_nor_consent(world):
    await world.get_code()
    assert "code" in query(await world.authorize())


async def test_the_login_page_names_the_client_with_logo_and_links(world):
    page = (await world.authorize()).text
    for part in ("Shop", "https://app.example/logo.png", "https://app.example/privacy", "https://app.example/terms"):
        assert part in page


async def test_a_login_hint_fills_in_the_name(world):
    assert 'value="bob@shop.example"' in (await world.authorize(login_hint="bob@shop.example")).text


@pytest.mark.parametrize(
    "change",
    [
        {"redirect_uri": "https://evil.example/cb"},
        {"redirect_uri": f"{REDIRECT}/"},
        {"redirect_uri": f"{REDIRECT}?x=1"},
        {"redirect_uri": f"{REDIRECT}#f"},
        {"redirect_uri": "https://app.example@evil.example/cb"},
        {"redirect_uri": "javascript:alert(1)"},
        {"client_id": "nobody"},
        {"client_id": None},
        {"client_id": "nobody", "response_type": "foo", "redirect_uri": "https://evil.example/cb"},
    ],
)
async def test_nobody_is_sent_to_an_address_that_was_not_registered(world, change):
    answer = await world.authorize(**change)
    assert answer.status_code == 400
    assert "location" not in answer.headers
    assert "evil.example" not in answer.text
    assert answer.headers["content-type"] == "text/html; charset=utf-8"


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"response_type": "foo"}, "unsupported_response_type"),
        ({"response_type": None}, "invalid_request"),
        ({"code_challenge": None, "code_challenge_method": None}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"prompt": "none"}, "login_required"),
        ({"prompt": "none login"}, "invalid_request"),
    ],
)
async def test_other_errors_go_to_the_registered_address_with_state_and_issuer(world, change, error):
    answered = query(await world.authorize(**change))
    assert (answered["error"], answered["state"], answered["iss"]) == (error, "a-state", "http://testserver")


@pytest.mark.parametrize("name", ["client_id", "redirect_uri", "state", "scope", "unknown"])
async def test_a_repeated_parameter_is_refused_with_a_page(world, name):
    pairs = [*world.parameters(unknown="x").items(), (name, "again")]
    answer = await world.client.get(f"/auth/authorize?{urlencode(pairs)}")
    assert (answer.status_code, "location" in answer.headers) == (400, False)


@pytest.mark.parametrize("bad", ["state=%00", "state=%ff", "state=%zz", "state=" + "x" * 20_000, "=x"])
async def test_a_malformed_parameter_is_refused_with_a_page(world, bad):
    parameters = urlencode(world.parameters(state=None))
    answer = await world.client.get(f"/auth/authorize?{parameters}&{bad}")
    assert (answer.status_code, "location" in answer.headers) == (400, False)
    assert (await world.client.get(f"/auth/authorize?{parameters}&state=fine")).status_code == 200


async def test_unknown_parameters_are_ignored(world):
    assert (await world.authorize(extra="whatever")).status_code == 200


async def test_a_post_of_our_own_site_works_like_a_get(world):
    headers = {"Sec-Fetch-Site": "same-origin"}
    answer = await world.client.post("/auth/authorize", data=world.parameters(), headers=headers)
    assert "to continue to Shop" in answer.text


@pytest.mark.parametrize("headers", [{"Sec-Fetch-Site": "cross-site", "Origin": "https://app.example"}, {}], ids=str)
async def test_a_post_that_may_be_another_sites_comes_back_as_a_get_that_brings_the_login_along(world, headers):
    answer = await world.client.post("/auth/authorize", data=world.parameters(state="a b&c"), headers=headers)
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/auth/authorize?client_id=")
    page = await world.client.get(answer.headers["location"])
    answered = await world.send(
        await world.send(page, "login", username="alice", password=PASSWORD), "consent", decision="allow"
    )
    assert query(answered)["state"] == "a b&c"


async def test_parameters_in_query_and_body_are_refused(world):
    answer = await world.client.post("/auth/authorize?state=x", data=world.parameters(state=None))
    assert (answer.status_code, "location" in answer.headers) == (400, False)


@pytest.mark.parametrize("state", ["%41+ü", "<script>alert(1)</script>", "a\"b'c", "x" * 4000])
async def test_the_state_comes_back_as_it_was(world, state):
    page = await world.log_in_here(state=state)
    assert "<script>" not in page.text
    assert query(await world.send(page, "consent", decision="allow"))["state"] == state


async def test_the_answer_can_be_posted_to_the_client(world):
    page = await world.send(await world.log_in_here(response_mode="form_post"), "consent", decision="allow")
    assert page.status_code == 200
    assert f'action="{REDIRECT}"' in page.text
    assert 'name="code"' in page.text
    policy = page.headers["content-security-policy"]
    assert "form-action 'self' https://app.example" in policy
    assert "script-src 'self'" in policy


async def test_names_of_clients_are_shown_as_text(world):
    name = "<script>alert(1)</script> \u202egnp.exe"
    client = await world.add_client(name, metadata={"consent": ConsentPolicy.ALWAYS, "logo_uri": "javascript:alert(1)"})
    page = (await world.authorize(client_id=client.id)).text
    assert "&lt;script&gt;alert(1)&lt;/script&gt; gnp.exe" in page
    assert "<script>" not in page
    assert "\u202e" not in page
    assert "javascript:" not in page


async def test_a_client_that_registered_itself_is_called_unverified(world):
    client = await world.add_client("Stranger", dynamic=True, metadata={"consent": ConsentPolicy.ALWAYS})
    page = await world.log_in_here(client_id=client.id)
    assert "registered itself" in page.text
    assert "registered itself" not in (await world.authorize(prompt="consent")).text


@pytest.mark.parametrize(
    ("header", "wanted", "language", "word"),
    [
        ("de-DE,de;q=0.9,en;q=0.5", None, "de", "Anmelden"),
        ("fr;q=0.2, es;q=0.9", None, "es", "Iniciar sesión"),
        ("de", "fr-CA en", "fr", "Se connecter"),
        ("xx", None, "en", "Sign in"),
        ("de;q=0, en", None, "en", "Sign in"),
    ],
)
async def test_the_page_speaks_the_language_that_was_asked_for(world, header, wanted, language, word):
    page = await world.client.get(
        "/auth/authorize", params=world.parameters(ui_locales=wanted), headers={"Accept-Language": header}
    )
    assert f'<html lang="{language}">' in page.text
    assert f"<h1>{word}</h1>" in page.text


async def test_sign_up_goes_on_to_consent_and_shows_what_is_wrong(world):
    page = await world.send(await world.authorize(), "create-account")
    assert "<h1>Create an account</h1>" in page.text
    taken = await world.send(page, "create-account", step="create", username="alice", password=PASSWORD)
    assert (taken.status_code, "This username is taken." in taken.text) == (409, True)
    weak = await world.send(page, "create-account", step="create", username="carol", password="short")
    assert weak.status_code == 422
    done = await world.send(page, "create-account", step="create", username="carol", password=PASSWORD)
    assert "Give access?" in done.text
    assert "code" in query(await world.send(done, "consent", decision="allow"))


@pytest.mark.parametrize(("signup", "offered"), [("open", True), ("invite", True), ("closed", False)])
async def test_sign_up_is_offered_where_it_is_open(signup, offered):
    async with running_world() as world:
        object.__setattr__(world.auth.context.config, "signup", signup)
        assert ("Create an account" in (await world.authorize()).text) is offered


async def test_the_code_is_redeemed_with_the_verifier_alone(world):
    form = {"grant_type": "authorization_code", "code": await world.get_code(), "redirect_uri": REDIRECT}
    bad = await world.client.post(
        "/auth/token", data={**form, "code_verifier": VERIFIER[::-1]}, auth=(world.shop.id, world.secret)
    )
    assert (bad.status_code, bad.json()["error"]) == (400, "invalid_grant")
