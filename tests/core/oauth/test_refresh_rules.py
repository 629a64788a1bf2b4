from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from watchword.core.errors import InvalidGrant, InvalidScope, ReplayedToken
from watchword.core.models.grants import FamilyStatus, RefreshFamily
from watchword.core.oauth.refresh_rules import RefreshAction, RefreshDecision, check_refresh
from watchword.core.tokens.refresh_token import RefreshToken

NOW = datetime(2030, 1, 1, tzinfo=UTC)
GRACE = timedelta(seconds=10)
FULL = frozenset({"read", "write"})
FAMILY = RefreshFamily(
    user_id="u",
    id="f",
    session_id="s",
    client_id="app",
    scopes=FULL,
    created_at=NOW - timedelta(days=1),
    idle_expires_at=NOW + timedelta(days=1),
    expires_at=NOW + timedelta(days=9),
    generation=5,
    rotated_at=NOW - timedelta(seconds=3),
    rotated_scopes=FULL,
)


def check(generation, family=FAMILY, **changes):
    arguments = {"client_id": "app", "requested": None, "grace": GRACE, "now": NOW, **changes}
    return check_refresh(family, RefreshToken("u", "f", generation), **arguments)


def test_the_newest_token_rotates_with_all_scopes():
    assert check(5) == RefreshDecision(RefreshAction.ROTATE, 6, FULL)


def test_a_first_token_rotates():
    fresh = replace(FAMILY, generation=1, rotated_at=None, rotated_scopes=None)
    assert check(1, fresh) == RefreshDecision(RefreshAction.ROTATE, 2, FULL)


def test_scopes_may_be_narrowed():
    assert check(5, requested=frozenset({"read"})).scopes == {"read"}


def test_more_than_was_granted_is_refused_without_punishment():
    with pytest.raises(InvalidScope):
        check(5, requested=FULL | {"admin"})


def test_the_predecessor_within_the_grace_repeats():
    assert check(4) == RefreshDecision(RefreshAction.REPEAT, 5, FULL)


@pytest.mark.parametrize("family", [None, replace(FAMILY, status=FamilyStatus.REVOKED)])
@pytest.mark.parametrize("generation", [1, 4, 5, 6])
def test_unknown_and_revoked_families_are_refused_without_punishment(family, generation):
    with pytest.raises(InvalidGrant) as refused:
        check(generation, family)
    assert not isinstance(refused.value, ReplayedToken)


@pytest.mark.parametrize("generation", [1, 4, 5])
def test_another_clients_token_is_refused_without_punishment(generation):
    with pytest.raises(InvalidGrant) as refused:
        check(generation, client_id="other")
    assert not isinstance(refused.value, ReplayedToken)


def test_a_generation_that_never_was_is_refused_without_punishment():
    with pytest.raises(InvalidGrant) as refused:
        check(6)
    assert not isinstance(refused.value, ReplayedToken)


@pytest.mark.parametrize(
    ("generation", "changes"),
    [
        (3, {}),
        (1, {}),
        (4, {"grace": timedelta(0)}),
        (4, {"grace": timedelta(seconds=3)}),
        (4, {"requested": frozenset({"read"})}),
        (4, {"requested": FULL | {"admin"}}),
        (4, {"resource": ("https://other.example",)}),
        (4, {"cnf": "a thumbprint"}),
        (4, {"now": NOW + timedelta(seconds=7)}),
        (4, {"now": NOW + timedelta(days=3650)}),
        (1, {"now": NOW + timedelta(days=3650)}),
        (4, {"now": NOW - timedelta(hours=1)}),
    ],
)
def test_anything_else_of_the_past_is_a_replay(generation, changes):
    with pytest.raises(ReplayedToken) as replay:
        check(generation, **changes)
    assert (replay.value.user_id, replay.value.family_id, replay.value.session_id) == ("u", "f", "s")


def test_a_grace_of_zero_admits_not_even_the_same_instant():
    family = replace(FAMILY, rotated_at=NOW)
    assert check(4, family, grace=timedelta(milliseconds=1)).action is RefreshAction.REPEAT
    with pytest.raises(ReplayedToken):
        check(4, family, grace=timedelta(0))


def test_the_grace_ends_exactly_after_its_length():
    rotated_at = FAMILY.rotated_at
    assert check(4, now=rotated_at + GRACE - timedelta(milliseconds=1)).action is RefreshAction.REPEAT
    with pytest.raises(ReplayedToken):
        check(4, now=rotated_at + GRACE)


def test_a_clock_a_little_behind_is_within_the_grace_and_one_set_back_is_not():
    assert check(4, now=FAMILY.rotated_at - timedelta(seconds=9)).action is RefreshAction.REPEAT
    with pytest.raises(ReplayedToken):
        check(4, now=FAMILY.rotated_at - timedelta(seconds=10))


@pytest.mark.parametrize("field", ["idle_expires_at", "expires_at"])
@pytest.mark.parametrize("generation", [4, 5])
def test_a_family_ends_at_the_earlier_of_its_expiries(field, generation):
    ending = replace(FAMILY, **{field: NOW})
    last = NOW - timedelta(milliseconds=1)
    assert check(generation, ending, now=last).scopes == FULL
    with pytest.raises(InvalidGrant) as refused:
        check(generation, ending)
    assert not isinstance(refused.value, ReplayedToken)


@pytest.mark.parametrize("bound", [{"resource": ("https://api.example",)}, {"cnf": "a thumbprint"}])
def test_a_bound_family_asks_for_the_same_binding(bound):
    family = replace(FAMILY, **bound)
    assert check(5, family, **bound).action is RefreshAction.ROTATE
    with pytest.raises(InvalidGrant):
        check(5, family)


def test_narrowing_once_binds_nothing_later():
    narrowed = replace(FAMILY, rotated_scopes=frozenset({"read"}))
    assert check(5, narrowed).scopes == FULL
    assert check(4, narrowed, requested=frozenset({"read"})).scopes == {"read"}
