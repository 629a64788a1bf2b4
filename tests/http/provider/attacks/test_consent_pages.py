"""What a client can make the pages say (ATTACKS A31, S10, S20; RFC 7591 section 5)."""

import json

import pytest
from tests.http.provider.world import hidden, query

from watchword.core.models.client_metadata import ConsentPolicy

ASKING = {"consent": ConsentPolicy.ALWAYS}
HOSTILE = {
    "script": ('<script>alert("1")</script>', "&lt;script&gt;alert(&#34;1&#34;)&lt;/script&gt;"),
    "attribute": ('" onfocus="alert(1)', "&#34; onfocus=&#34;alert(1)"),
    "template": ("{{ 7 * 7 }} {% raw %}", "{{ 7 * 7 }} {% raw %}"),
    "format": ("{client.__class__} %s", "{client.__class__} %s"),
    "turned": ("\u202egnp.exe\u2066", "gnp.exe"),
    "invisible": ("Sh\u200bop\u00ad\ufeff", "Shop"),
    "lines": ("Shop\r\n\x00\u2028Bank", "Shop Bank"),
    "long": ("x" * 10_240, "x" * 79 + "…"),
}


@pytest.mark.parametrize(("name", "shown"), HOSTILE.values(), ids=HOSTILE.keys())
async def test_the_name_of_a_client_is_text_on_every_page(world, name, shown):
    client = await world.add_client(name, dynamic=True, metadata=ASKING)
    login = await world.authorize(client_id=client.id)
    consent = await world.log_in_here(client_id=client.id)
    for page in (login, consent):
        assert f"<bdi>{shown}</bdi>" in page.text
        assert not {*"\u202e\u2066\u200b\ufeff\x00"} & set(page.text)
        assert "<script" not in page.text


@pytest.mark.parametrize("name", ["login_hint", "ui_locales", "acr_values", "display", "state", "nonce"])
@pytest.mark.parametrize(
    "value", ['"><script>alert(1)</script>', "{{7*7}}{client}", "\u202egnp.exe", "' autofocus x='"]
)
async def test_no_parameter_becomes_markup(world, name, value):
    page = await world.authorize(**{name: value})
    assert page.status_code == 200
    assert "<script" not in page.text
    assert "49" not in page.text.split("</form>")[0].split('name="interaction"')[0]
    assert "\u202e" not in page.text
    assert hidden(page, "login")["interaction"]


@pytest.mark.parametrize("path", ["authorize", "continue", "device", "end_session", "logout", "register/x"])
async def test_no_error_page_repeats_what_was_sent(world, path):
    answer = await world.client.get(f"/auth/{path}", params={"x": "<script>evil", "ui_locales": "<script>evil"})
    assert "evil" not in answer.text


async def test_claims_that_are_never_given_away_put_no_words_on_the_page(world):
    asked = {
        "userinfo": {"email": None, "Your session is safe. Press Allow": None, "name#<b>": None, "nickname#de": None}
    }
    page = await world.log_in_here(scope="openid", claims=json.dumps(asked))
    for shown in ("Know this about you: email", "Know this about you: nickname#de"):
        assert shown in page.text
    assert "Press Allow" not in page.text
    assert "name#" not in page.text.replace("nickname#de", "")
    assert "code" in query(await world.send(page, "consent", decision="allow"))
    consents = await world.stores.consents.list(await ada(world))
    assert consents[0].claims == {"email", "nickname#de"}


async def ada(world):
    return (await world.stores.users.find_by_login("alice")).id


@pytest.mark.parametrize(
    ("dynamic", "site", "shown"),
    [(True, "https://bank.example", False), (True, "https://app.example", True), (False, "https://bank.example", True)],
)
async def test_a_client_that_nobody_verified_names_no_host_but_where_it_gets_its_answers(world, dynamic, site, shown):
    client = await world.add_client("Guest", dynamic=dynamic, metadata={**ASKING, "client_uri": site})
    page = await world.authorize(client_id=client.id)
    assert (f'<div class="host">{site.removeprefix("https://")}</div>' in page.text) is shown


async def test_consent_is_asked_again_for_more_and_not_for_less(world):
    await world.get_code(scope="openid profile")
    assert "code" in query(await world.authorize(scope="openid"))
    more = await world.authorize(scope="openid profile email")
    assert "<h1>Give access?</h1>" in more.text
    assert query(await world.authorize(scope="openid profile email", prompt="none"))["error"] == "consent_required"


async def test_a_decision_for_one_client_is_none_for_another(world):
    """The form of one consent page is sent with the transaction of another."""
    other = await world.add_client("Other", metadata=ASKING)
    first = hidden(await world.log_in_here(), "consent")
    second = hidden(await world.authorize(client_id=other.id), "consent")
    answer = await world.client.post(
        "/auth/consent", data={**first, "interaction": second["interaction"], "decision": "allow"}
    )
    code = query(answer)["code"]
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": "https://app.example/cb"}
    refused = await world.client.post("/auth/token", data=form, auth=(world.shop.id, world.secret))
    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_grant")
    assert "<h1>Give access?</h1>" in (await world.authorize()).text
