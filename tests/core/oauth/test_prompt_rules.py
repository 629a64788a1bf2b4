"""What to do next: every prompt, `max_age`, hints and essential `acr`, before and after the person has done it."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.core.accounts.any_text import UNHURRIED

from watchword.core.authorize_errors import (
    AccountSelectionRequired,
    ConsentRequired,
    LoginRequired,
    UnmetAuthenticationRequirements,
)
from watchword.core.oauth.authorize_request import AuthorizeRequest
from watchword.core.oauth.claims_rules import parse_claims
from watchword.core.oauth.prompt_rules import Login, Progress, Step, next_step

NOW = datetime(2030, 1, 1, tzinfo=UTC)
REQUEST = AuthorizeRequest(client_id="c1", redirect_uri="https://c.example/", scopes=frozenset({"openid"}))
LOGIN = Login(subject="u1", auth_time=NOW - timedelta(seconds=5), acr="silver")
DONE = Progress(authenticated=True)


def asked(prompt="", **changes):
    return replace(REQUEST, prompt=frozenset(prompt.split()), **changes)


def acr(**ask):
    return parse_claims(json.dumps({"id_token": {"acr": ask}}))


def step(request=REQUEST, login=LOGIN, needs_consent=False, **options):
    return next_step(request, login, needs_consent=needs_consent, now=NOW, **options)


def test_nobody_logs_in_first():
    assert step(login=None) is Step.LOGIN
    assert step(login=None, needs_consent=True) is Step.LOGIN


def test_who_is_logged_in_and_has_consented_gets_the_answer():
    assert step() is Step.ISSUE
    assert step(asked("none")) is Step.ISSUE


def test_consent_is_asked_for_once():
    assert step(needs_consent=True) is Step.CONSENT
    assert step(needs_consent=True, progress=Progress(consented=True)) is Step.ISSUE


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"login": None}, LoginRequired),
        ({"login": None, "needs_consent": True}, LoginRequired),
        ({"needs_consent": True}, ConsentRequired),
        ({"hinted_subject": "u2"}, LoginRequired),
    ],
)
def test_prompt_none_says_what_would_be_needed(options, error):
    with pytest.raises(error):
        step(asked("none"), **options)


def test_prompt_none_never_reauthenticates():
    for changes in ({"max_age": 4}, {"max_age": 0}, {"claims": acr(essential=True, value="gold")}):
        with pytest.raises(LoginRequired):
            step(asked("none", **changes))
    assert step(asked("none", max_age=5)) is Step.ISSUE


def test_prompt_none_never_selects_an_account():
    with pytest.raises(AccountSelectionRequired):
        next_step(asked("none select_account"), LOGIN, needs_consent=False, now=NOW)


def test_a34_prompt_login_asks_until_it_is_done():
    assert step(asked("login")) is Step.REAUTHENTICATE
    assert step(asked("login"), progress=Progress(consented=True, selected=True)) is Step.REAUTHENTICATE
    assert step(asked("login"), progress=DONE) is Step.ISSUE
    assert step(asked("login"), login=None, progress=DONE) is Step.LOGIN


@pytest.mark.parametrize(
    ("max_age", "expected"),
    [(None, Step.ISSUE), (10000, Step.ISSUE), (5, Step.ISSUE), (4, Step.REAUTHENTICATE), (0, Step.REAUTHENTICATE)],
)
def test_max_age_asks_when_it_was_longer_ago(max_age, expected):
    assert step(asked(max_age=max_age)) is expected
    assert step(asked(max_age=max_age), progress=DONE) is Step.ISSUE


def test_max_age_zero_asks_even_in_the_same_moment():
    assert step(asked(max_age=0), login=replace(LOGIN, auth_time=NOW)) is Step.REAUTHENTICATE
    assert step(asked(max_age=1), login=replace(LOGIN, auth_time=NOW)) is Step.ISSUE


def test_an_account_is_selected_once():
    assert step(asked("select_account")) is Step.SELECT_ACCOUNT
    assert step(asked("select_account"), progress=Progress(selected=True)) is Step.ISSUE
    assert step(asked("select_account"), progress=DONE) is Step.ISSUE
    assert step(asked("select_account"), login=None) is Step.LOGIN


def test_a_hint_of_the_same_person_changes_nothing():
    assert step(hinted_subject="u1") is Step.ISSUE
    assert step(asked("none"), hinted_subject="u1") is Step.ISSUE


def test_a_hint_of_someone_else_asks_them_to_log_in():
    assert step(hinted_subject="u2") is Step.LOGIN
    with pytest.raises(LoginRequired):
        step(hinted_subject="u2", progress=DONE)


def test_a_required_subject_is_a_hint_that_binds():
    for subject, expected in (("u1", Step.ISSUE), ("u2", Step.LOGIN)):
        request = asked(claims=parse_claims(json.dumps({"id_token": {"sub": {"value": subject}}})))
        assert step(request) is expected
    with pytest.raises(LoginRequired):
        step(request, progress=DONE)


def test_a36_an_essential_acr_is_met_or_the_request_fails():
    request = asked(claims=acr(essential=True, values=["gold", "platinum"]))
    assert step(request, login=replace(LOGIN, acr="gold")) is Step.ISSUE
    assert step(request) is Step.REAUTHENTICATE
    with pytest.raises(UnmetAuthenticationRequirements):
        step(request, progress=DONE)


def test_a_wished_acr_never_stops_anything():
    assert step(asked(acr_values=("gold",), claims=acr(values=["gold"]))) is Step.ISSUE


PROMPTS = st.frozensets(st.sampled_from(["login", "consent", "select_account"]))
ALL_DONE = Progress(authenticated=True, selected=True, consented=True)


@given(PROMPTS, st.none() | st.integers(0, 20), st.booleans())
@UNHURRIED
def test_who_has_done_everything_is_never_asked_again(prompt, max_age, needs_consent):
    request = replace(REQUEST, prompt=prompt, max_age=max_age)
    assert step(request, needs_consent=needs_consent, progress=ALL_DONE) is Step.ISSUE


@given(PROMPTS, st.none() | st.integers(0, 20), st.booleans())
@UNHURRIED
def test_the_steps_come_to_an_end(prompt, max_age, needs_consent):
    request = replace(REQUEST, prompt=prompt, max_age=max_age)
    progress, steps = Progress(), []
    done = {
        Step.REAUTHENTICATE: {"authenticated": True},
        Step.SELECT_ACCOUNT: {"selected": True},
        Step.CONSENT: {"consented": True},
    }
    while (following := step(request, needs_consent=needs_consent, progress=progress)) is not Step.ISSUE:
        assert following not in steps
        steps.append(following)
        progress = replace(progress, **done[following])
    assert len(steps) <= 3
