"""UUIDv7 text (RFC 9562 section 5.7)."""

import uuid
from datetime import UTC, datetime, timedelta

import pytest

from watchword.core.ids import find_id_time, new_id

NOW = datetime(2030, 1, 2, 3, 4, 5, 678000, tzinfo=UTC)


def test_an_id_is_uuid_version_7_with_the_milliseconds_of_now():
    value = uuid.UUID(new_id(NOW))

    assert (value.version, value.variant) == (7, uuid.RFC_4122)
    assert int(NOW.timestamp() * 1000) == value.int >> 80


def test_an_id_is_canonical_text():
    text = new_id(NOW)

    assert str(uuid.UUID(text)) == text


def test_ids_of_one_moment_differ():
    assert len({new_id(NOW) for _ in range(10_000)}) == 10_000


def test_ids_sort_by_time_as_text():
    ids = [new_id(NOW + timedelta(milliseconds=step)) for step in range(100)]

    assert sorted(ids) == ids


def test_every_random_bit_is_used():
    ones = zeros = 0
    for _ in range(200):
        value = uuid.UUID(new_id(NOW)).int
        ones, zeros = ones | value, zeros | ~value
    random = (1 << 76) - (1 << 64) | (1 << 62) - 1

    assert random == ones & zeros & ((1 << 80) - 1)


def test_the_first_millisecond_is_that_of_1970():
    assert uuid.UUID(new_id(datetime(1970, 1, 1, tzinfo=UTC))).int >> 80 == 0


def test_a_time_before_1970_is_refused():
    with pytest.raises(ValueError, match="1970"):
        new_id(datetime(1969, 12, 31, tzinfo=UTC))


@pytest.mark.parametrize("at", [datetime(1970, 1, 1, tzinfo=UTC), NOW, datetime(2500, 12, 31, 23, tzinfo=UTC)])
def test_the_time_of_an_id_can_be_read_again(at):
    assert find_id_time(new_id(at)) == at


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        "no id",
        str(uuid.UUID(int=7)),
        str(uuid.UUID(int=int("ffffffffffff70008000000000000000", 16))),
        new_id(NOW).replace("-", ""),
        new_id(NOW).upper(),
        new_id(NOW) + "\n",
        "+" + new_id(NOW)[1:],
    ],
    ids=range(9),
)
def test_what_is_no_id_of_ours_has_no_time(text):
    assert find_id_time(text) is None
