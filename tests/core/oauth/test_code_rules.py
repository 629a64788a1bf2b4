"""The authorization_code grant: what a code is bound to, each binding once held and once broken."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from watchword.core.errors import InvalidGrant
from watchword.core.models.authorizations import AuthorizationCode
from watchword.core.oauth.code_rules import check_code

NOW = datetime(2030, 1, 1, tzinfo=UTC)
CB = "https://client.example/cb"
VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
CODE = AuthorizationCode(
    code_hash=b"h",
    client_id="c1",
    user_id="u1",
    session_id="s1",
    redirect_uri=CB,
    scopes=frozenset(),
    auth_time=NOW,
    created_at=NOW,
    expires_at=NOW + timedelta(seconds=60),
    code_challenge="E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
)


def check(code=CODE, **changes):
    asked = {"client_id": "c1", "redirect_uri": CB, "verifier": VERIFIER, "now": NOW, **changes}
    return check_code(code, **asked)


def test_a_code_is_redeemed_with_all_that_it_is_bound_to():
    assert check() is CODE


def test_c04_a_code_lives_to_its_last_moment_and_no_longer():
    assert check(now=CODE.expires_at - timedelta(milliseconds=1)) is CODE
    with pytest.raises(InvalidGrant):
        check(now=CODE.expires_at)


@pytest.mark.parametrize(
    "changes",
    [
        {"code": None},
        {"client_id": "c2"},
        {"redirect_uri": None},
        {"redirect_uri": CB + "/"},
        {"redirect_uri": "https://evil.example/cb"},
        {"verifier": None},
        {"verifier": ""},
        {"verifier": VERIFIER[:-1] + "x"},
        {"code": replace(CODE, code_challenge=None)},
        {"code": replace(CODE, cnf="thumbprint")},
        {"code": replace(CODE, cnf="thumbprint"), "cnf": "other"},
    ],
    ids="-".join,
)
def test_c05_c06_c13_a_broken_binding_is_refused(changes):
    with pytest.raises(InvalidGrant):
        check(**changes)


def test_a_redirect_uri_that_was_not_sent_before_need_not_be_sent_now():
    bare = replace(CODE, redirect_uri_given=False)
    assert check(bare, redirect_uri=None) is bare
    assert check(bare) is bare
    with pytest.raises(InvalidGrant):
        check(bare, redirect_uri="https://evil.example/cb")


def test_a_code_without_a_challenge_needs_no_verifier_and_takes_none():
    bare = replace(CODE, code_challenge=None)
    assert check(bare, verifier=None) is bare


def test_a_bound_key_that_is_proved_is_accepted():
    bound = replace(CODE, cnf="thumbprint")
    assert check(bound, cnf="thumbprint") is bound


def test_c01_a_spent_code_passes_even_when_it_has_expired_since_so_that_its_reuse_is_noticed():
    spent = replace(CODE, redeemed_at=NOW)
    assert check(spent, now=NOW + timedelta(days=1)) is spent
