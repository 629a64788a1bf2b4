"""Authorization requests: where the answer goes, and every rule with a request that breaks it and one that does not."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.core.accounts.any_text import ANY_TEXT, UNHURRIED

from watchword.core.authorize_errors import (
    InvalidRedirectUri,
    InvalidTarget,
    RegistrationNotSupported,
    UnsupportedResponseType,
)
from watchword.core.errors import InvalidRequest, InvalidScope, OAuthError, UnauthorizedClient
from watchword.core.models.client_metadata import ClientMetadata
from watchword.core.oauth.authorize_request import find_redirect
from watchword.core.oauth.authorize_rules import check_request
from watchword.core.oauth.parameters import parse_parameters

CB = "https://client.example/cb"
CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
API = "https://api.example"
PUBLIC = ClientMetadata(redirect_uris=(CB,))
CONFIDENTIAL = ClientMetadata(redirect_uris=(CB,), auth_method="client_secret_basic")
LAX = replace(CONFIDENTIAL, require_pkce=False)
EVERY_TYPE = replace(
    LAX, response_types=("code", "id_token", "id_token token", "code id_token", "code token", "code id_token token")
)
GOOD = {
    "client_id": "c1",
    "redirect_uri": CB,
    "response_type": "code",
    "scope": "openid items:read",
    "state": "af0ifjsldkj",
    "nonce": "n-0S6_WzA2Mj",
    "code_challenge": CHALLENGE,
    "code_challenge_method": "S256",
}


def parameters(**changes):
    """Good parameters, changed; None takes one away."""
    merged = {**GOOD, **changes}
    return parse_parameters([(name, value) for name, value in merged.items() if value is not None])


def check(metadata=PUBLIC, resource=(), default_scopes=frozenset(), **changes):
    asked = replace(parameters(**changes), resources=tuple(resource))
    redirect = find_redirect(asked, metadata)
    return check_request(
        asked, redirect_uri=redirect, metadata=metadata, resources={API}, default_scopes=default_scopes
    )


def test_a_good_request_is_understood():
    request = check()
    assert (request.client_id, request.redirect_uri, request.redirect_uri_given) == ("c1", CB, True)
    assert (request.response_type, request.response_mode) == ("code", "query")
    assert request.scopes == {"openid", "items:read"}
    assert (request.state, request.nonce, request.code_challenge) == ("af0ifjsldkj", "n-0S6_WzA2Mj", CHALLENGE)
    assert (request.prompt, request.max_age, request.display, request.claims) == (frozenset(), None, "page", {})
    assert (request.is_openid, request.wants_code, request.wants_token, request.wants_id_token) == (
        *(True, True),
        *(False, False),
    )


def test_a_hint_does_not_stand_in_the_repr():
    assert "secret-hint" not in repr(check(id_token_hint="secret-hint"))


# where the answer goes


def test_the_redirect_uri_may_be_left_out_by_an_oauth_client_that_has_one():
    request = check(redirect_uri=None, scope="items:read")
    assert (request.redirect_uri, request.redirect_uri_given) == (CB, False)


@pytest.mark.parametrize(
    ("metadata", "scope"),
    [
        (PUBLIC, "openid"),
        (ClientMetadata(redirect_uris=(CB, CB + "2")), "items:read"),
        (ClientMetadata(), "items:read"),
    ],
)
def test_the_redirect_uri_must_be_there_for_openid_or_where_there_is_a_choice(metadata, scope):
    with pytest.raises(InvalidRequest):
        find_redirect(parameters(redirect_uri=None, scope=scope), metadata)


@pytest.mark.parametrize("uri", ["https://evil.example/cb", CB + "/", CB + "?x=1", CB + "#x", "javascript:alert(1)"])
def test_a13_an_unregistered_redirect_uri_is_refused_before_anything_else(uri):
    bad = {"response_type": "foo", "code_challenge": None, "prompt": "none login"}
    assert find_redirect(parameters(**bad), PUBLIC) == CB
    with pytest.raises(InvalidRedirectUri):
        find_redirect(parameters(redirect_uri=uri, **bad), PUBLIC)


def test_a_native_client_chooses_its_port():
    native = ClientMetadata(redirect_uris=("http://127.0.0.1/cb",), application_type="native")
    assert check(native, redirect_uri="http://127.0.0.1:50123/cb").redirect_uri == "http://127.0.0.1:50123/cb"
    with pytest.raises(InvalidRedirectUri):
        check(replace(native, application_type="web"), redirect_uri="http://127.0.0.1:50123/cb")


# response types and modes


def test_a_missing_response_type_is_an_invalid_request():
    with pytest.raises(InvalidRequest):
        check(response_type=None)


@pytest.mark.parametrize("response_type", ["token", "foo", "code code", "none", "id_token", "code id_token", "CODE"])
def test_a_response_type_that_is_unknown_or_off_is_unsupported(response_type):
    with pytest.raises(UnsupportedResponseType):
        check(response_type=response_type)


def test_a_client_without_codes_gets_none():
    with pytest.raises(UnauthorizedClient):
        check(replace(PUBLIC, response_types=()))


@pytest.mark.parametrize("response_type", ["id_token token", "token id_token", "code id_token", "token code"])
def test_the_other_types_work_where_they_are_registered(response_type):
    request = check(EVERY_TYPE, response_type=response_type)
    words = response_type.split()
    assert request.response_mode == "fragment"
    assert (request.wants_code, request.wants_token, request.wants_id_token) == (
        *("code" in words, "token" in words),
        "id_token" in words,
    )


@pytest.mark.parametrize(
    ("response_type", "mode"), [("code", "query"), ("code", "form_post"), ("code id_token", "fragment")]
)
def test_a_response_mode_of_the_type_is_accepted(response_type, mode):
    assert check(EVERY_TYPE, response_type=response_type, response_mode=mode).response_mode == mode


@pytest.mark.parametrize(
    ("response_type", "mode"),
    [("code", "fragment"), ("code", "jwt"), ("code", "web_message"), ("code id_token", "query"), ("code", "QUERY")],
)
def test_a17_any_other_response_mode_is_refused(response_type, mode):
    with pytest.raises(InvalidRequest):
        check(EVERY_TYPE, response_type=response_type, response_mode=mode)


# PKCE


@pytest.mark.parametrize("metadata", [PUBLIC, CONFIDENTIAL, replace(PUBLIC, require_pkce=False)])
def test_c13_a_challenge_is_required_of_public_clients_and_by_default(metadata):
    assert check(metadata).code_challenge == CHALLENGE
    with pytest.raises(InvalidRequest):
        check(metadata, code_challenge=None, code_challenge_method=None)


def test_a_confidential_client_that_is_registered_so_may_go_without():
    assert check(LAX, code_challenge=None, code_challenge_method=None).code_challenge is None
    assert check(LAX).code_challenge == CHALLENGE


@pytest.mark.parametrize("metadata", [PUBLIC, LAX])
@pytest.mark.parametrize(
    "changes",
    [
        {"code_challenge_method": "plain"},
        {"code_challenge_method": None},
        {"code_challenge_method": "s256"},
        {"code_challenge": None},
        {"code_challenge": "short"},
    ],
)
def test_c15_half_a_challenge_or_a_plain_one_is_refused(metadata, changes):
    with pytest.raises(InvalidRequest):
        check(metadata, **changes)


# OpenID Connect


def test_a_nonce_is_needed_only_where_the_id_token_comes_through_the_browser():
    assert check(nonce=None).nonce is None
    assert check(EVERY_TYPE, response_type="code token", nonce=None).nonce is None
    assert check(nonce="n" * 512).nonce == "n" * 512
    for response_type in ("id_token", "id_token token", "code id_token", "code id_token token"):
        with pytest.raises(InvalidRequest):
            check(EVERY_TYPE, response_type=response_type, nonce=None)
    with pytest.raises(InvalidRequest):
        check(nonce="n" * 513)


def test_an_id_token_needs_the_scope_openid():
    with pytest.raises(InvalidScope):
        check(EVERY_TYPE, response_type="code id_token", scope="items:read")


@pytest.mark.parametrize("prompt", ["none", "login", "consent", "select_account", "login consent"])
def test_a_known_prompt_is_understood(prompt):
    assert check(prompt=prompt).prompt == set(prompt.split())


def test_an_unknown_prompt_is_ignored():
    assert check(prompt="create login").prompt == {"login"}
    assert check(prompt="create").prompt == frozenset()


@pytest.mark.parametrize("prompt", ["none login", "login none", "none consent", "none create"])
def test_prompt_none_stands_alone(prompt):
    with pytest.raises(InvalidRequest):
        check(prompt=prompt)


@pytest.mark.parametrize(("text", "seconds"), [("0", 0), ("1", 1), ("10000", 10000), ("999999999", 999999999)])
def test_max_age_is_in_seconds(text, seconds):
    assert check(max_age=text).max_age == seconds


@pytest.mark.parametrize("text", ["-1", "1.5", "x", "1e3", " 1", "+1", "9" * 10, "9" * 4000, "\u0661"])
def test_a_max_age_that_is_no_number_of_seconds_is_refused(text):
    with pytest.raises(InvalidRequest):
        check(max_age=text)


def test_the_defaults_of_a_registration_hold_where_the_request_says_nothing():
    metadata = replace(PUBLIC, default_max_age=60, default_acr_values=("gold",))
    assert (check(metadata).max_age, check(metadata).acr_values) == (60, ("gold",))
    request = check(metadata, max_age="0", acr_values="silver bronze silver")
    assert (request.max_age, request.acr_values) == (0, ("silver", "bronze"))


def test_what_a_client_may_wish_is_passed_on():
    request = check(ui_locales="fr-CA fr en", login_hint="jane", id_token_hint="a.b.c", display="popup", foo="bar")
    assert (request.ui_locales, request.login_hint, request.id_token_hint) == (("fr-CA", "fr", "en"), "jane", "a.b.c")
    assert request.display == "popup"
    assert check(display="hologram", claims_locales="fr").display == "page"


def test_claims_are_parsed_for_openid_requests_alone():
    assert check(claims='{"userinfo": {"name": null}}').claims == {"userinfo": {"name": {}}}
    assert check(claims="[]", scope="items:read").claims == {}
    with pytest.raises(InvalidRequest):
        check(claims="[]")


def test_a_registration_parameter_is_not_supported():
    with pytest.raises(RegistrationNotSupported):
        check(registration="{}")


# scopes, resources, keys


def test_a_request_without_a_scope_asks_for_the_default():
    assert check(scope=None, default_scopes=frozenset({"me"})).scopes == {"me"}
    assert check(scope=None).scopes == frozenset()


@pytest.mark.parametrize("scope", ['a"b', "a\\b", "é"])
def test_a_malformed_scope_is_refused(scope):
    with pytest.raises(InvalidScope):
        check(scope=scope)


def test_a_known_resource_that_the_client_may_have_is_bound():
    assert check(resource=[API]).resource == (API,)
    for metadata, uri in ((PUBLIC, "https://other.example"), (replace(PUBLIC, resources=()), API), (PUBLIC, API + "#")):
        with pytest.raises(InvalidTarget):
            check(metadata, resource=[uri])


def test_the_thumbprint_of_a_dpop_key_is_bound():
    assert check(dpop_jkt=CHALLENGE).dpop_jkt == CHALLENGE
    for text in ("x", CHALLENGE + "=", CHALLENGE[:-2], "é"):
        with pytest.raises(InvalidRequest):
            check(dpop_jkt=text)


FIELDS = st.sampled_from([*GOOD, "prompt", "max_age", "claims", "display", "response_mode", "dpop_jkt", "resource"])


@given(st.dictionaries(FIELDS, ANY_TEXT), st.sampled_from([PUBLIC, LAX, EVERY_TYPE]))
@UNHURRIED
def test_whatever_is_asked_there_is_a_request_or_an_error_of_the_protocol(changes, metadata):
    try:
        request = check(metadata, **changes)
    except OAuthError:
        return
    assert request.redirect_uri == CB
