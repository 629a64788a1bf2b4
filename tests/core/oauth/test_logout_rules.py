"""After a logout: a redirection only where a verified hint and a registered URI come together."""

from hashlib import sha256

import pytest

from watchword.core.errors import InvalidRequest
from watchword.core.models.client_metadata import ClientMetadata
from watchword.core.oauth.logout_rules import check_logout_client, find_logout_redirect, front_channel_url
from watchword.core.oauth.session_state import new_salt, session_state_of
from watchword.core.tokens.id_token import IdTokenHint

BYE = "https://client.example/bye"
HINT = IdTokenHint(subject="u1", client_id="c1", session_id="s1")
METADATA = ClientMetadata(post_logout_redirect_uris=(BYE, BYE + "?a=1"))


def test_the_hint_says_who_asks_and_must_agree_with_what_is_named():
    assert check_logout_client(None, HINT) == "c1"
    assert check_logout_client("c1", HINT) == "c1"
    assert check_logout_client("c2", None) == "c2"
    assert check_logout_client(None, None) is None
    with pytest.raises(InvalidRequest):
        check_logout_client("c2", HINT)


@pytest.mark.parametrize(
    ("uri", "state", "expected"),
    [
        (BYE, None, BYE),
        (BYE, "a b", BYE + "?state=a%20b"),
        (BYE + "?a=1", "x", BYE + "?a=1&state=x"),
    ],
)
def test_a_registered_uri_with_a_verified_hint_is_gone_to(uri, state, expected):
    assert find_logout_redirect(uri, state=state, hint=HINT, metadata=METADATA) == expected


@pytest.mark.parametrize(
    ("uri", "hint", "metadata"),
    [
        (None, HINT, METADATA),
        (BYE, None, METADATA),
        (BYE, HINT, None),
        (BYE, HINT, ClientMetadata(redirect_uris=(BYE,))),
        (BYE + "?foo=bar", HINT, METADATA),
        (BYE + "/", HINT, METADATA),
        ("https://evil.example/bye", HINT, METADATA),
        ("", HINT, METADATA),
    ],
)
def test_anything_else_ends_on_a_page_of_our_own(uri, hint, metadata):
    assert find_logout_redirect(uri, state="x", hint=hint, metadata=metadata) is None


def test_a_front_channel_frame_names_issuer_and_session_whether_the_client_insists_or_not():
    uri = "https://client.example/front?x=1"
    known = {"issuer": "https://login.example", "session_id": "s1"}
    assert front_channel_url(ClientMetadata(), **known) is None
    for insists in (True, False):
        client = ClientMetadata(frontchannel_logout_uri=uri, frontchannel_logout_session_required=insists)
        assert front_channel_url(client, **known) == uri + "&iss=https%3A%2F%2Flogin.example&sid=s1"


def test_session_state_is_the_salted_hash_that_the_frame_computes_too():
    state = session_state_of(client_id="c1", origin="https://client.example", browser_state="b", salt="salt")
    assert state == sha256(b"c1 https://client.example b salt").hexdigest() + ".salt"
    assert len({new_salt() for _ in range(100)}) == 100
    assert "." not in new_salt()
