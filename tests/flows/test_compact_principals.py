"""A compacted principal says what the first one said, in less memory."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import MappingProxyType

import pytest

from watchword.core.models.identity import Principal
from watchword.flows.compact_principals import MOST_SHARED, Shared

NOW = datetime(2030, 1, 1, tzinfo=UTC)


def principal(n, *, at=NOW, **claims):
    own = {"sub": f"user{n}", "jti": f"jti{n}", "sid": f"sid{n}"}
    return Principal(
        subject=own["sub"],
        token_id=own["jti"],
        session_id=own["sid"],
        issuer="https://id.example",
        scopes=frozenset({"read"}),
        issued_at=at,
        expires_at=at + timedelta(minutes=10),
        amr=("pwd",),
        claims=MappingProxyType({"iss": "https://id.example", **own, "iat": at.timestamp(), "amr": ["pwd"], **claims}),
    )


def test_nothing_that_a_principal_says_changes():
    shared = Shared()
    for given in (
        principal(1),
        principal(2),
        principal(2, nested={"list": [1, True, None, 1.5]}),
        principal(3, sid=""),
    ):
        kept = shared.compact(given, frozenset({"items:read"}))
        assert kept == replace(given, permissions=frozenset({"items:read"}), claims=kept.claims)
        assert dict(kept.claims) == dict(given.claims)
        assert list(kept.claims) == list(given.claims)
        assert (len(kept.claims), kept.claims["sub"]) == (len(given.claims), given.subject)
        assert repr(given.token_id) in repr(kept.claims)


def test_a_claim_that_is_missing_stays_missing():
    given = replace(principal(1), session_id=None, claims={"sub": "user1", "jti": "jti1"})
    kept = Shared().compact(given, frozenset())
    assert dict(kept.claims) == {"sub": "user1", "jti": "jti1"}
    with pytest.raises(KeyError):
        kept.claims["sid"]


def test_equal_parts_are_kept_once():
    shared = Shared()
    one, two = (shared.compact(principal(n, at=NOW + timedelta(0)), frozenset()) for n in (1, 2))
    assert one.subject != two.subject
    for name in ("issuer", "scopes", "issued_at", "expires_at", "amr"):
        assert getattr(one, name) is getattr(two, name)


@pytest.mark.parametrize("values", [(1, True), (1, 1.0), (0, False), ("1", 1), ([], {})])
def test_values_of_different_kinds_are_not_mixed_up(values):
    shared = Shared()
    kept = [shared.compact(principal(1, claim=value), frozenset()).claims["claim"] for value in values]
    assert [(type(value), value) for value in kept] == [(type(value), value) for value in values]


def test_changing_what_claims_answer_changes_no_claims():
    shared = Shared()
    one, two = (shared.compact(principal(n), frozenset()) for n in (1, 2))
    one.claims["amr"].append("mfa")
    assert one.claims["amr"] == two.claims["amr"] == ["pwd"]


@pytest.mark.parametrize("change", [{"scopes": frozenset({"admin"})}, {"roles": frozenset({"admin"})}, {"acr": "2"}])
def test_nobody_gets_another_principals_rights_whatever_the_claims_say(change):
    shared = Shared()
    plain = principal(1)
    for given in (plain, replace(plain, **change), plain):
        kept = shared.compact(given, frozenset())
        assert replace(kept, claims=given.claims) == given


def test_the_number_of_patterns_is_bounded():
    shared = Shared()
    for n in range(MOST_SHARED + 10):
        shared.compact(principal(1, pattern=n), frozenset())
    assert len(shared._patterns) <= MOST_SHARED
