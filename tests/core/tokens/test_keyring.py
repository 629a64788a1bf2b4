"""The key ring at each boundary of time: which key signs, verifies, is published, may go."""

import json
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from watchword.config import TokenConfig
from watchword.core.errors import InvalidToken
from watchword.core.models.grants import SigningKey
from watchword.core.tokens import signing_keys
from watchword.core.tokens.access_token import AccessClaims, TokenRules, sign_access_token, verify_access_token
from watchword.core.tokens.jwk import load_jwks
from watchword.core.tokens.keyring import KeyRing, new_signing_key
from watchword.core.tokens.secrets import Secrets

NOW = datetime(2030, 1, 1, tzinfo=UTC)
TICK = timedelta(milliseconds=1)
DAY = timedelta(days=1)
CONFIG = TokenConfig(access_ttl=timedelta(minutes=10), clock_skew=timedelta(minutes=1))
KEPT = CONFIG.access_ttl + CONFIG.clock_skew
SECRETS = Secrets([b"obviously-fake-secret-for-the-tests"])
ALGORITHMS = ["HS256", "RS256", "PS256", "ES256", "EdDSA"]


def row(generation: int, signs_from: datetime, algorithm: str = "ES256") -> SigningKey:
    return new_signing_key(algorithm, generation=generation, now=signs_from, signs_from=signs_from, secrets=SECRETS)


FIRST, SECOND, THIRD = (row(generation, NOW + (generation - 1) * DAY) for generation in (1, 2, 3))
ROWS = (FIRST, SECOND, THIRD)
NAMES = {FIRST.kid: "first", SECOND.kid: "second", THIRD.kid: "third"}


def ring(*rows: SigningKey, now: datetime | None = None) -> KeyRing:
    return KeyRing.from_rows(rows, SECRETS, CONFIG, now=now)


def names(kids: Iterable[str]) -> list[str]:
    return [NAMES[kid] for kid in kids]


def published(keys: KeyRing, now: datetime) -> list[str]:
    return names(key["kid"] for key in keys.jwks(now)["keys"])


def verifying(keys: KeyRing, now: datetime) -> list[str]:
    return names(kid for kid in NAMES if keys.verification(kid, now))


def signer(keys: KeyRing, now: datetime) -> str:
    return NAMES[keys.signing(now).kid]


def test_an_empty_ring_has_nothing():
    keys = ring()

    assert (keys.newest, keys.current(NOW), keys.jwks(NOW), keys.droppable(NOW)) == (None, None, {"keys": []}, ())
    assert keys.verification("any", NOW) is None
    with pytest.raises(LookupError):
        keys.signing(NOW)


def test_a_key_signs_from_the_very_instant_it_is_due():
    keys = ring(FIRST)

    assert keys.current(NOW - TICK) is None
    with pytest.raises(LookupError):
        keys.signing(NOW - TICK)
    assert keys.current(NOW) == FIRST
    assert keys.signing(NOW).kid == FIRST.kid


def test_the_next_key_takes_over_at_its_very_instant():
    keys = ring(FIRST, SECOND)

    assert (signer(keys, NOW + DAY - TICK), signer(keys, NOW + DAY)) == ("first", "second")


def test_a_waiting_key_is_published_and_verifies_before_it_signs():
    keys = ring(FIRST, SECOND)

    assert (published(keys, NOW), verifying(keys, NOW)) == (["first", "second"], ["first", "second"])


def test_next_current_and_retired_are_published_together():
    soon = replace(THIRD, signs_from=NOW + DAY + timedelta(minutes=5))

    assert published(ring(FIRST, SECOND, soon), NOW + DAY + timedelta(minutes=1)) == ["first", "second", "third"]


def test_a_retired_key_verifies_until_the_last_token_it_signed_has_expired_and_not_a_millisecond_longer():
    keys, end = ring(*ROWS), NOW + DAY + KEPT

    assert verifying(keys, end - TICK) == ["first", "second", "third"]
    assert verifying(keys, end) == ["second", "third"]
    assert (published(keys, end - TICK), published(keys, end)) == (["first", "second", "third"], ["second", "third"])
    assert (names(keys.droppable(end - TICK)), names(keys.droppable(end))) == ([], ["first"])


def test_the_last_token_of_a_key_verifies_until_it_expires():
    keys = ring(FIRST, SECOND)
    issued = NOW + DAY - TICK
    token = issue(keys, issued)

    assert accept(keys, token, issued.replace(microsecond=0) + CONFIG.access_ttl - TICK) == "someone"


def test_the_newest_key_is_current_for_ever_if_no_other_comes():
    keys = ring(*ROWS)

    assert signer(keys, NOW + 10_000 * DAY) == "third"
    assert names(keys.droppable(NOW + 10_000 * DAY)) == ["first", "second"]


def test_a_key_that_takes_over_at_once_leaves_the_old_one_verifying():
    at_once = NOW + timedelta(hours=1)
    before, after = ring(FIRST), ring(FIRST, replace(SECOND, signs_from=at_once))
    token = issue(before, at_once - TICK)

    assert signer(after, at_once) == "second"
    assert accept(after, token, at_once) == "someone"


def test_a_key_that_takes_over_at_once_also_overtakes_one_that_waits():
    at_once = NOW + timedelta(hours=1)
    keys = ring(FIRST, SECOND, replace(THIRD, signs_from=at_once))

    assert [signer(keys, now) for now in (at_once - TICK, at_once, NOW + DAY)] == ["first", "third", "third"]
    assert verifying(keys, at_once + KEPT - TICK) == ["first", "second", "third"]
    assert verifying(keys, at_once + KEPT) == ["third"]


@pytest.mark.parametrize("now", [NOW, NOW + timedelta(hours=1), NOW + DAY, NOW + DAY + KEPT])
def test_a_revoked_key_neither_signs_nor_verifies_nor_is_published(now):
    revoked = replace(FIRST, revoked_at=NOW + timedelta(hours=2))
    keys = ring(revoked, SECOND)
    assert ring(FIRST).verification(FIRST.kid, now)

    assert (verifying(keys, now), published(keys, now)) == (["second"], ["second"])
    assert keys.current(now) in (None, SECOND)


def test_after_a_revocation_the_generation_before_signs_again():
    revoked = replace(SECOND, revoked_at=NOW + DAY + timedelta(hours=1))
    keys = ring(FIRST, revoked)

    assert signer(keys, NOW + 2 * DAY) == "first"
    assert keys.newest == revoked


def test_a_ring_of_revoked_keys_signs_nothing():
    keys = ring(replace(FIRST, revoked_at=NOW))

    assert (keys.current(NOW), keys.jwks(NOW)) == (None, {"keys": []})
    with pytest.raises(LookupError):
        keys.signing(NOW)


def test_the_row_of_a_revoked_key_may_go_when_its_tokens_are_dead():
    revoked = replace(FIRST, revoked_at=NOW + timedelta(hours=2))
    keys, end = ring(revoked, SECOND), NOW + timedelta(hours=2) + KEPT

    assert (names(keys.droppable(end - TICK)), names(keys.droppable(end))) == ([], ["first"])


def test_the_row_of_the_newest_generation_never_goes_so_that_generations_go_on():
    keys = ring(FIRST, replace(SECOND, revoked_at=NOW))

    assert names(keys.droppable(NOW + 1000 * DAY)) == []
    assert keys.newest is not None
    assert keys.newest.generation == 2


def test_the_order_of_the_rows_does_not_matter():
    one, other = ring(*ROWS), ring(*reversed(ROWS))

    for now in (NOW, NOW + DAY, NOW + 2 * DAY, NOW + 3 * DAY):
        assert (signer(one, now), published(one, now)) == (signer(other, now), published(other, now))


def test_an_unknown_kid_has_no_key():
    keys = ring(*ROWS)

    assert keys.verification(FIRST.kid, NOW) is not None
    assert keys.verification("", NOW) is None
    assert keys.verification(FIRST.kid + "=", NOW) is None


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_a_new_key_signs_and_verifies(algorithm):
    keys = ring(row(1, NOW, algorithm))

    assert accept(keys, issue(keys, NOW), NOW) == "someone"


@pytest.mark.parametrize("algorithm", ["RS256", "PS256", "ES256", "EdDSA"])
def test_a_published_key_is_a_good_jwk_with_algorithm_use_and_thumbprint_and_nothing_private(algorithm):
    made = row(1, NOW, algorithm)
    document = ring(made).jwks(NOW)
    (key,) = load_jwks(document)

    assert (made.kid, algorithm, "sig") == (key.kid, key.algorithm, document["keys"][0]["use"])
    assert key.key.thumbprint() == made.kid
    assert not {"d", "p", "q", "dp", "dq", "qi", "k"} & document["keys"][0].keys()
    assert json.loads(json.dumps(document)) == document


def test_a_symmetric_key_is_never_published():
    made = row(1, NOW, "HS256")
    keys = ring(made)

    assert (dict(made.public_jwk), keys.jwks(NOW)) == ({}, {"keys": []})
    assert keys.verification(made.kid, NOW) is not None


def test_private_keys_are_parsed_when_the_ring_is_made_and_never_again(monkeypatch):
    parsed = []
    original = signing_keys.import_key
    monkeypatch.setattr(signing_keys, "import_key", lambda document: parsed.append(1) or original(document))
    keys = ring(*ROWS)
    assert len(parsed) == 3

    for _ in range(5):
        issue(keys, NOW)
    assert len(parsed) == 3
    assert keys.signing(NOW) is keys.signing(NOW)


def test_with_now_given_the_private_keys_of_the_past_stay_sealed(monkeypatch):
    parsed = []
    original = signing_keys.import_key
    monkeypatch.setattr(signing_keys, "import_key", lambda document: parsed.append(1) or original(document))
    later = NOW + DAY + CONFIG.clock_skew
    keys = ring(*ROWS, now=later)

    assert len(parsed) == 2
    assert (signer(keys, later), verifying(keys, later)) == ("second", ["first", "second", "third"])


def test_with_now_given_a_clock_that_goes_back_by_less_than_the_skew_still_finds_its_key():
    keys = ring(*ROWS, now=NOW + DAY + CONFIG.clock_skew - TICK)

    assert signer(keys, NOW + DAY - TICK) == "first"


def test_with_now_given_symmetric_keys_of_the_past_still_verify():
    old = row(1, NOW, "HS256")
    keys = ring(old, row(2, NOW + DAY, "HS256"), now=NOW + DAY + timedelta(minutes=5))

    assert keys.verification(old.kid, NOW + DAY + timedelta(minutes=5)) is not None


def test_rows_of_several_algorithms_live_in_one_ring():
    hmac, rsa = row(1, NOW, "HS256"), row(2, NOW + DAY, "RS256")
    keys = ring(hmac, rsa)
    token = issue(keys, NOW + DAY - TICK)

    assert accept(keys, token, NOW + DAY) == "someone"
    assert accept(keys, issue(keys, NOW + DAY), NOW + DAY) == "someone"
    assert [key["kid"] for key in keys.jwks(NOW + DAY)["keys"]] == [rsa.kid]


def test_a_token_of_a_dropped_key_is_refused():
    keys, end = ring(FIRST, SECOND), NOW + DAY + KEPT
    token = issue(keys, NOW + DAY - TICK, ttl=timedelta(days=2))
    assert accept(keys, token, end - TICK) == "someone"

    with pytest.raises(InvalidToken):
        accept(keys, token, end)


def issue(keys: KeyRing, now: datetime, ttl: timedelta = CONFIG.access_ttl) -> str:
    claims = AccessClaims(
        subject="someone",
        client_id="first-party",
        audience="https://api.example",
        scopes=frozenset(),
        issued_at=now,
        expires_at=now + ttl,
        token_id="token",
    )
    return sign_access_token(claims, issuer="https://login.example", key=keys.signing(now))


def accept(keys: KeyRing, token: str, now: datetime) -> str:
    rules = TokenRules(issuer="https://login.example", audience="https://api.example")
    return verify_access_token(
        token, rules=rules, find_key=lambda kid, _: keys.verification(kid or "", now), now=now
    ).subject
