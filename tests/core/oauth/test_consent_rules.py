"""Consent: asked once, asked again for more, always or never where the policy says so."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.core.accounts.any_text import UNHURRIED

from watchword.core.models.authorizations import Consent
from watchword.core.models.client_metadata import ConsentPolicy
from watchword.core.oauth.authorize_request import AuthorizeRequest
from watchword.core.oauth.claims_rules import parse_claims
from watchword.core.oauth.consent_rules import (
    MOST_CLAIMS,
    ConsentAsk,
    asked_for,
    merge_consent,
    needs_consent,
    what_is_new,
)

NOW = datetime(2030, 1, 1, tzinfo=UTC)
REQUEST = AuthorizeRequest(client_id="c1", redirect_uri="https://c.example/", resource=("urn:a",))
ASK = ConsentAsk(scopes=frozenset({"openid", "email"}), resources=frozenset({"urn:a"}), claims=frozenset({"name"}))
STORED = Consent(
    user_id="u1", client_id="c1", scopes=ASK.scopes, resources=ASK.resources, claims=ASK.claims, granted_at=NOW
)
REMEMBER, ALWAYS, NEVER = ConsentPolicy.REMEMBER, ConsentPolicy.ALWAYS, ConsentPolicy.NEVER


def test_a_request_asks_for_granted_scopes_resources_and_named_claims():
    claims = parse_claims('{"userinfo": {"name": null}, "id_token": {"email": {"essential": true}}}')
    ask = asked_for(replace(REQUEST, scopes=frozenset({"openid", "admin"}), claims=claims), frozenset({"openid"}))
    assert ask == ConsentAsk(
        scopes=frozenset({"openid"}), resources=frozenset({"urn:a"}), claims=frozenset({"name", "email"})
    )


def test_a_consent_is_remembered():
    assert needs_consent(REQUEST, ASK, None, policy=REMEMBER)
    assert not needs_consent(REQUEST, ASK, STORED, policy=REMEMBER)
    assert not needs_consent(REQUEST, ConsentAsk(scopes=frozenset({"openid"})), STORED, policy=REMEMBER)


@pytest.mark.parametrize("kind", ["scopes", "resources", "claims"])
def test_a29_more_is_asked_for_again(kind):
    more = replace(ASK, **{kind: getattr(ASK, kind) | {"more"}})
    assert needs_consent(REQUEST, more, STORED, policy=REMEMBER)
    assert what_is_new(more, STORED) == ConsentAsk(**{kind: frozenset({"more"})})


def test_a_first_consent_is_asked_for_even_without_a_scope():
    assert needs_consent(REQUEST, ConsentAsk(), None, policy=REMEMBER)
    assert what_is_new(ASK, None) == ASK


def test_a28_an_unverified_client_is_always_asked_about():
    assert needs_consent(REQUEST, ASK, STORED, policy=ALWAYS)
    assert needs_consent(REQUEST, ConsentAsk(), STORED, policy=ALWAYS)


def test_a_client_may_want_the_question():
    assert needs_consent(replace(REQUEST, prompt=frozenset({"consent"})), ASK, STORED, policy=REMEMBER)


@pytest.mark.parametrize("prompt", ["", "consent", "login"])
def test_a_first_party_client_is_never_asked_about(prompt):
    assert not needs_consent(replace(REQUEST, prompt=frozenset({prompt})), ASK, None, policy=NEVER)


def test_a_consent_grows():
    less = ConsentAsk(scopes=frozenset({"phone"}))
    merged = merge_consent(less, STORED, user_id="u1", client_id="c1", now=NOW)
    assert merged == replace(STORED, scopes=STORED.scopes | {"phone"})
    assert merge_consent(ASK, None, user_id="u1", client_id="c1", now=NOW) == STORED


SETS = st.frozensets(st.sampled_from("abc"))
ASKS = st.builds(ConsentAsk, scopes=SETS, resources=SETS, claims=SETS)


@given(ASKS, ASKS)
@UNHURRIED
def test_what_was_just_consented_to_is_not_asked_for_again(before, ask):
    stored = merge_consent(before, None, user_id="u1", client_id="c1", now=NOW)
    assert needs_consent(REQUEST, ask, stored, policy=REMEMBER) is not what_is_new(ask, stored).is_empty
    after = merge_consent(ask, stored, user_id="u1", client_id="c1", now=NOW)
    assert not needs_consent(REQUEST, ask, after, policy=REMEMBER)
    assert not needs_consent(REQUEST, before, after, policy=REMEMBER)


def test_a_consent_keeps_no_more_claims_than_there_is_room_for_the_newest_first():
    before = replace(STORED, claims=frozenset(f"name#{number:03}" for number in range(MOST_CLAIMS)))
    asked = frozenset({"name#zz", "email"})
    merged = merge_consent(ConsentAsk(claims=asked), before, user_id="u1", client_id="c1", now=NOW)
    assert len(merged.claims) == MOST_CLAIMS
    assert asked < merged.claims
    assert merged.claims - asked < before.claims
