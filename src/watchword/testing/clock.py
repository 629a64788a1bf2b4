"""A clock for tests: it stands still until it is told to move."""

from datetime import UTC, datetime, timedelta

DEFAULT_START = datetime(2030, 1, 1, 12, 0, 0, tzinfo=UTC)


class FakeClock:
    """The time, as a test wants it.

    Example:
        clock = FakeClock()
        clock.tick(seconds) or clock.tick(timedelta(days=1))

    Args:
        start: the first time, aware; milliseconds are kept, finer parts are cut off as the real clock does.
    """

    def __init__(self, start: datetime = DEFAULT_START) -> None:
        if start.tzinfo is None:
            raise TypeError("FakeClock needs an aware datetime")
        self._now = start.astimezone(UTC)

    def now(self) -> datetime:
        """Return the aware UTC time, cut to milliseconds."""
        return self._now.replace(microsecond=self._now.microsecond // 1000 * 1000)

    def tick(self, step: timedelta | float) -> datetime:
        """Move by a timedelta or by seconds, backwards too, and return the new time."""
        self._now += step if isinstance(step, timedelta) else timedelta(seconds=step)
        return self.now()
