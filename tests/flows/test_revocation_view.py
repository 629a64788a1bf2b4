"""The view of revocations in memory (ATTACKS I10)."""

import uuid
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchword.core.ids import new_id
from watchword.core.models.identity import Principal
from watchword.core.models.sessions import Revocation, RevocationKind
from watchword.flows.revocation_view import RevocationView

NOW = datetime(2030, 1, 1, 12, 0, 0, 700_000, tzinfo=UTC)
SECOND = timedelta(seconds=1)
MILLISECOND = timedelta(milliseconds=1)
SUBJECTS = {
    RevocationKind.TOKEN: "jti",
    RevocationKind.SESSION: "sid",
    RevocationKind.USER: "user",
    RevocationKind.CLIENT: "client",
    RevocationKind.EVERYTHING: "",
}
REFUSING = tuple(SUBJECTS)


def principal(issued_at=NOW, **changes):
    fields = {"subject": "user", "client_id": "client", "session_id": "sid", "token_id": "jti", **changes}
    return Principal(issued_at=issued_at.replace(microsecond=0), **fields)


def entry(kind, subject=None, at=NOW, ttl=timedelta(minutes=10)):
    return Revocation(kind=kind, subject=SUBJECTS[kind] if subject is None else subject, at=at, expires_at=at + ttl)


def view_of(*entries):
    view = RevocationView()
    for each in entries:
        view.add(each)
    return view


def test_an_empty_view_refuses_nothing():
    assert RevocationView().refuses(principal()) is None


@pytest.mark.parametrize("kind", REFUSING)
def test_each_kind_refuses_what_it_speaks_of(kind):
    assert view_of(entry(kind)).refuses(principal()) is kind


@pytest.mark.parametrize("kind", [kind for kind in REFUSING if kind is not RevocationKind.EVERYTHING])
def test_no_kind_refuses_anything_else(kind):
    assert view_of(entry(kind, "another")).refuses(principal()) is None


@pytest.mark.parametrize("subject", ["user", "client", "sid", "jti", ""])
def test_a_changed_account_refuses_nothing_and_takes_no_memory(subject):
    view = view_of(entry(RevocationKind.CHANGED, subject))
    assert view.refuses(principal()) is None
    assert (len(view), view._expiries) == (0, [])


@pytest.mark.parametrize("kind", [RevocationKind.TOKEN, RevocationKind.SESSION])
def test_a_principal_without_ids_is_not_refused_by_id(kind):
    assert view_of(entry(kind)).refuses(principal(token_id=None, session_id=None)) is None


@pytest.mark.parametrize("kind", [RevocationKind.USER, RevocationKind.CLIENT, RevocationKind.EVERYTHING])
def test_a_cut_off_refuses_its_own_second_and_before_and_nothing_after(kind):
    view = view_of(entry(kind))
    assert view.refuses(principal(NOW - timedelta(days=1))) is kind
    assert view.refuses(principal(NOW)) is kind
    assert view.refuses(principal(NOW + SECOND)) is None


@pytest.mark.parametrize("first", ["user", "client"])
def test_all_cut_offs_hold_and_of_one_subject_the_latest(first):
    earlier, later = entry(RevocationKind.USER, at=NOW - SECOND), entry(RevocationKind.CLIENT, at=NOW + SECOND)
    view = view_of(*((earlier, later) if first == "user" else (later, earlier)))
    assert view.refuses(principal(NOW + SECOND)) is RevocationKind.CLIENT
    assert view.refuses(principal(NOW + SECOND, client_id="other")) is None
    view.add(entry(RevocationKind.USER, at=NOW + 5 * SECOND))
    view.add(entry(RevocationKind.USER, at=NOW - 5 * SECOND))
    assert view.refuses(principal(NOW + 5 * SECOND)) is RevocationKind.USER


def test_tokens_made_now_pass_every_known_cut_off():
    view = view_of(entry(RevocationKind.USER), entry(RevocationKind.CLIENT, at=NOW + SECOND))
    issued_at = view.earliest_issue("user", "client", now=NOW)
    assert issued_at == NOW + SECOND + MILLISECOND
    assert view.refuses(principal(token_id=new_id(issued_at))) is None
    assert view.earliest_issue("other", "other", now=NOW + timedelta(microseconds=999)) == NOW
    assert view.cut_offs_beyond(NOW + MILLISECOND) == [(RevocationKind.CLIENT, "client", issued_at)]
    assert view.cut_offs_beyond(issued_at) == []


@pytest.mark.parametrize("kind", [RevocationKind.USER, RevocationKind.CLIENT, RevocationKind.EVERYTHING])
def test_a_cut_off_refuses_its_own_millisecond_by_the_time_in_the_jti(kind):
    view = view_of(entry(kind))
    assert view.refuses(principal(token_id=new_id(NOW - MILLISECOND))) is kind
    assert view.refuses(principal(token_id=new_id(NOW))) is kind
    assert view.refuses(principal(token_id=new_id(NOW + MILLISECOND))) is None
    assert view.refuses(principal(NOW + SECOND, token_id=new_id(NOW))) is kind


@pytest.mark.parametrize(
    "token_id", [None, "", "jti", str(uuid.UUID(int=1)), new_id(NOW + SECOND).upper()], ids=range(5)
)
def test_a_token_whose_jti_has_no_time_counts_as_issued_at_its_iat(token_id):
    view = view_of(entry(RevocationKind.USER))
    assert view.refuses(principal(NOW, token_id=token_id)) is RevocationKind.USER
    assert view.refuses(principal(NOW + SECOND, token_id=token_id)) is None


@pytest.mark.parametrize("kind", REFUSING)
def test_an_entry_is_forgotten_when_it_has_expired_and_not_before(kind):
    view = view_of(entry(kind))
    view.prune(NOW + timedelta(minutes=10) - timedelta(milliseconds=1))
    assert (view.refuses(principal()), len(view)) == (kind, 1)
    view.prune(NOW + timedelta(minutes=10))
    assert (view.refuses(principal()), len(view)) == (None, 0)


@pytest.mark.parametrize("kind", REFUSING)
def test_a_later_expiry_wins_whatever_the_order(kind):
    short, long = entry(kind), entry(kind, ttl=timedelta(minutes=20))
    for view in (view_of(short, long), view_of(long, short)):
        view.prune(NOW + timedelta(minutes=10))
        assert view.refuses(principal()) is kind
        view.prune(NOW + timedelta(minutes=20))
        assert len(view) == 0


@pytest.mark.parametrize("kind", REFUSING)
def test_reading_the_same_entry_again_takes_no_memory(kind):
    view = view_of(*[entry(kind)] * 1000)
    assert (len(view), len(view._expiries)) == (1, 1)


ENTRIES = st.builds(
    lambda kind, subject, at, ttl: entry(kind, subject, NOW + at * SECOND, ttl * SECOND),
    st.sampled_from(RevocationKind),
    st.sampled_from(["user", "client", "sid", "jti", ""]),
    st.integers(-5, 5),
    st.integers(1, 5),
)


@given(st.lists(ENTRIES, max_size=12), st.randoms(), st.integers(-6, 6), st.integers(-6, 12))
def test_order_and_repetition_change_no_answer(entries, random, issued, pruned):
    again = [*entries, *entries[:4]]
    random.shuffle(again)
    first, second = view_of(*entries), view_of(*again)
    who = principal(NOW + issued * SECOND)
    for view in (first, second):
        view.prune(NOW + pruned * SECOND)
    assert first.refuses(who) is second.refuses(who)
    assert len(first) == len(second)


def test_staleness_counts_from_the_last_complete_read():
    view = RevocationView()
    assert view.staleness(NOW) == timedelta.max
    view.mark_fresh(NOW)
    assert view.staleness(NOW + 3 * SECOND) == 3 * SECOND
    assert view.staleness(NOW - SECOND) == timedelta(0)
