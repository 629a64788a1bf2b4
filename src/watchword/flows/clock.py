"""The time of this machine."""

from datetime import UTC, datetime


class SystemClock:
    """Implements `ports.outside.Clock` with the clock of this machine."""

    def now(self) -> datetime:
        """Return the aware UTC time, cut to milliseconds."""
        now = datetime.now(UTC)
        return now.replace(microsecond=now.microsecond // 1000 * 1000)
