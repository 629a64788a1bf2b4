"""What is checked of every answer, whatever a module is about."""

import re
import string
from unittest.mock import ANY

import pytest
from tests.conformance.world.browser import with_query

VISIBLE = "".join(sorted({*map(chr, range(0x20, 0x7F))}))
LONG_STATE = (string.ascii_letters + string.digits) * 2 + "-._~"
DESCRIPTION = re.compile(r"[\x20\x21\x23-\x5b\x5d-\x7e]*")
"""The characters of `error_description` (RFC 6749 sections 4.1.2.1 and 5.2)."""


@pytest.fixture
def client(static_client, site):
    return static_client(post_logout_redirect_uris=[f"{site.place()}/goodbye"])


def test_the_token_endpoint_answers_in_json_that_nobody_keeps(client, browser):
    code = client.authorize(browser).fields["code"]
    for response, status in ((client.redeem(code), 200), (client.redeem(code), 400)):
        assert response.status_code == status
        assert response.headers["content-type"] == "application/json"
        assert (response.headers["cache-control"], response.headers["pragma"]) == ("no-store", "no-cache")
    assert DESCRIPTION.fullmatch(response.json()["error_description"])


def test_tokens_are_of_the_characters_that_they_may_have(client, browser):
    answer = client.log_in(browser).answer
    assert answer["token_type"].lower() == "bearer"
    assert isinstance(answer["expires_in"], int)
    assert all(re.fullmatch(r"[A-Za-z0-9._~+/=-]+", answer[name]) for name in ("access_token", "refresh_token"))


@pytest.mark.parametrize("changes", [{"prompt": "none"}, {"response_type": None}, {"claims": "no JSON"}], ids=str)
@pytest.mark.parametrize("mode", [None, "form_post"])
def test_an_error_comes_back_with_state_and_issuer_and_nothing_strange(client, browser, changes, mode):
    client.mode = mode
    parameters = client.request(state=LONG_STATE, **changes)
    fields = client.check_landing(client.send(browser, parameters), parameters).fields
    assert {"error", "state", "iss"} <= fields.keys() <= {"error", "error_description", "state", "iss"}
    assert DESCRIPTION.fullmatch(fields.get("error_description", ""))


@pytest.mark.parametrize("state", [LONG_STATE, VISIBLE, VISIBLE * 20], ids=["long", "visible", "very long"])
def test_a_state_comes_back_as_it_was_from_login_and_logout(client, browser, state):
    tokens = client.log_in(browser, state=state)
    after = client.document["post_logout_redirect_uris"][0]
    parameters = {"id_token_hint": tokens.id_token, "post_logout_redirect_uri": after, "state": state}
    end = browser.visit(with_query(client.provider.metadata["end_session_endpoint"], parameters), until=after)
    assert end.fields == {"state": state}


def test_a_request_that_is_posted_by_who_says_nothing_of_itself_ends_at_an_address_that_can_be_opened(client, provider):
    """Browsers that are led by a script post first, and open then where that ended."""
    sent = provider.http.post(provider.metadata["authorization_endpoint"], data=client.request(), follow_redirects=True)
    opened = provider.http.get(str(sent.url))
    assert (opened.status_code, 'id="username"' in opened.text) == (200, True)


def test_forms_may_say_their_charset_as_java_does(client, browser, provider):
    headers = {"Content-Type": "application/x-www-form-urlencoded;charset=UTF-8", "Accept": "application/json"}
    code = client.authorize(browser).fields["code"]
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": client.redirect_uri}
    auth, endpoint = (client.client_id, client.secret), provider.metadata["token_endpoint"]
    answer = provider.http.post(endpoint, data=form, auth=auth, headers=headers)
    token = client.check_tokens(answer, nonce=ANY).access_token
    for sent in ({"data": {"access_token": token}}, {"content": b"", "token": token}):
        bearer = {"Authorization": f"bearer {sent.pop('token')}"} if "token" in sent else {}
        found = provider.http.post(provider.metadata["userinfo_endpoint"], headers={**headers, **bearer}, **sent)
        assert (found.status_code, found.headers["content-type"]) == (200, "application/json")


def test_a_birthdate_and_all_other_claims_have_the_form_of_section_5_1(client, browser):
    claims = client.claims(client.log_in(browser, scope="openid profile email address phone"))
    assert 1850 <= int(claims["birthdate"][:4]) <= 2026
    assert re.fullmatch(r"\d{4}-\d{2}-\d{2}", claims["birthdate"])
    assert 0 < claims["updated_at"] <= client.provider.server.now + 1
    assert all(isinstance(value, str) and value.strip() for value in claims["address"].values())


def test_the_login_page_takes_the_name_of_whom_it_asks_to_log_in_again(client, browser, ada):
    """Scripts type it anew, and give up at a field that takes no text."""
    client.log_in(browser)
    parameters = client.request(prompt="login")
    page = browser.open(with_query(client.provider.metadata["authorization_endpoint"], parameters))
    assert page.form.fields["username"] == ada.username
    assert "readonly" not in page.html
