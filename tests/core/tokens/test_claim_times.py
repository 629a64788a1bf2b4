"""The times of a token under a good signature: exp, iat, nbf, auth_time (RFC 7519 section 4.1)."""

from datetime import timedelta

import pytest
from tests.core.tokens.forging import NOW, SECOND, claims, forge, raw, verify

from watchword.core.errors import InvalidToken

LEEWAY = 10
BIG = 10**18


TIMES_REFUSED = {
    "J23-exp-text": claims(exp="9999999999"),
    "J23-exp-text-of-our-time": claims(exp=str(SECOND + 300)),
    "J24-exp-nan": raw("exp", "NaN"),
    "J24-exp-infinity": raw("exp", "Infinity"),
    "J24-exp-minus-infinity": raw("exp", "-Infinity"),
    "J24-exp-1e400": raw("exp", "1e400"),
    "J24-exp-float": claims(exp=SECOND + 300.0),
    "J24-exp-exponent": raw("exp", "1.9e9"),
    "J25-exp-true": claims(exp=True),
    "J25-exp-null": claims(exp=None),
    "J25-exp-list": claims(exp=[SECOND + 300]),
    "J25-exp-object": claims(exp={}),
    "J26-exp-4000-digits": raw("exp", "9" * 4000),
    "J26-exp-year-9999": claims(exp=253402300799),
    "J26-exp-year-10000": claims(exp=253402300800),
    "J26-exp-19-digits": claims(exp=9 * 10**18),
    "J26-exp-a-second-over-the-lifetime": claims(exp=SECOND + 601),
    "J27-exp-5000-digits": raw("exp", "1" + "0" * 5000),
    "J29-exp-is-now": claims(iat=SECOND - 300, exp=SECOND),
    "J29-exp-is-past": claims(iat=SECOND - 300, exp=SECOND - 1),
    "J29-exp-within-the-leeway": claims(iat=SECOND - 300, exp=SECOND - LEEWAY + 1),
    "J29-exp-negative": claims(exp=-1),
    "J29-exp-missing": claims(exp=...),
    "J30-nbf-future": claims(nbf=SECOND + LEEWAY + 1),
    "J30-nbf-far-future": claims(nbf=SECOND + LEEWAY + 60),
    "J30-nbf-text": claims(nbf=str(SECOND)),
    "J30-nbf-null": claims(nbf=None),
    "J30-nbf-float": claims(nbf=SECOND - 0.5),
    "J31-iat-future": claims(iat=SECOND + LEEWAY + 1),
    "J31-iat-an-hour-ahead": claims(iat=SECOND + 3600, exp=SECOND + 3900),
    "J31-iat-negative": claims(iat=-5),
    "J31-iat-text": claims(iat="x"),
    "J31-iat-true": claims(iat=True),
    "J31-iat-null": claims(iat=None),
    "J31-iat-float": claims(iat=SECOND + 0.5),
    "J31-iat-huge": claims(iat=BIG),
    "J31-iat-missing": claims(iat=...),
    "J31-auth-time-text": claims(auth_time="x"),
    "J31-auth-time-huge": claims(auth_time=BIG),
    "J31-auth-time-negative": claims(auth_time=-1),
}


@pytest.mark.parametrize("payload", [pytest.param(payload, id=name) for name, payload in TIMES_REFUSED.items()])
def test_a_time_that_is_not_right_is_refused(payload):
    with pytest.raises(InvalidToken):
        verify(forge(payload))


TIMES_ACCEPTED = {
    "J29-exp-a-second-ahead": claims(iat=SECOND - 300, exp=SECOND + 1),
    "J26-exp-of-exactly-the-lifetime": claims(exp=SECOND + 600),
    "J30-nbf-at-the-leeway": claims(nbf=SECOND + LEEWAY),
    "J30-nbf-now": claims(nbf=SECOND),
    "J30-nbf-zero": claims(nbf=0),
    "J31-iat-at-the-leeway": claims(iat=SECOND + LEEWAY),
    "J31-iat-a-second-ahead": claims(iat=SECOND + 1),
    "J31-auth-time-earlier": claims(auth_time=SECOND - 10**6),
}


@pytest.mark.parametrize("payload", [pytest.param(payload, id=name) for name, payload in TIMES_ACCEPTED.items()])
def test_a_time_within_the_bounds_is_accepted(payload):
    assert verify(forge(payload)).subject == claims()["sub"]


def test_j29_a_token_lives_until_its_very_exp_and_not_a_millisecond_longer():
    token, millisecond = forge(), timedelta(milliseconds=1)
    end = NOW + timedelta(seconds=300)

    assert verify(token, now=end - millisecond).expires_at == end
    for now in (end, end + millisecond):
        with pytest.raises(InvalidToken):
            verify(token, now=now)


def test_j26_without_a_bound_a_long_life_is_accepted_up_to_the_year_9999():
    assert verify(forge(claims(exp=253402300799)), max_lifetime=None).expires_at.year == 9999
    with pytest.raises(InvalidToken):
        verify(forge(claims(exp=253402300800)), max_lifetime=None)
