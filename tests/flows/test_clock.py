"""The clock of this machine."""

from datetime import UTC, datetime

from watchword.flows.clock import SystemClock


def test_the_time_is_aware_utc_cut_to_milliseconds():
    before = datetime.now(UTC)
    now = SystemClock().now()
    assert now.tzinfo is UTC
    assert now.microsecond % 1000 == 0
    assert abs((now - before).total_seconds()) < 60
