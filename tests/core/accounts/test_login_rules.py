"""Logins by password: one refusal for every reason."""

from datetime import UTC, datetime

import pytest

from watchword.core.accounts.login_rules import check_login
from watchword.core.errors import InvalidGrant
from watchword.core.models.identity import User
from watchword.core.models.verdict import Verdict

NOW = datetime(2026, 1, 1, tzinfo=UTC)
RIGHT, WRONG = Verdict(True), Verdict(False)


def user(**changes):
    fields = {"id": "1", "username": "alice", "username_key": "alice", "created_at": NOW, "updated_at": NOW}
    return User(**fields | {"password_hash": "not a real hash"} | changes)


REFUSED = {
    "no such account": (None, WRONG),
    "the account has no password": (user(password_hash=None), WRONG),
    "wrong password": (user(), WRONG),
    "the account is disabled": (user(disabled_at=NOW), RIGHT),
    "needs an extra": (user(), Verdict(False, hint="needs an extra")),
}


def test_an_enabled_account_with_the_right_password_passes():
    alice = user()
    assert alice is check_login(alice, RIGHT)


@pytest.mark.parametrize(("hint", "login"), REFUSED.items(), ids=REFUSED)
def test_a_refusal_tells_its_reason_to_the_log_alone(hint, login):
    with pytest.raises(InvalidGrant) as refusal:
        check_login(*login)
    assert hint == refusal.value.hint
    assert (InvalidGrant.code, 400, InvalidGrant.description) == (
        refusal.value.code,
        refusal.value.status,
        refusal.value.description,
    )


@pytest.mark.parametrize("account", [None, user(password_hash=None)])
def test_no_account_or_no_password_is_refused_whatever_the_verdict(account):
    with pytest.raises(InvalidGrant):
        check_login(account, RIGHT)
