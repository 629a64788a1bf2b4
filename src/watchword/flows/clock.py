"""The time of this machine, which does not go back while a process lives (decision 0022)."""

import logging
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

_MILLISECOND = 1_000_000
_SECOND = 1_000 * _MILLISECOND
"""In nanoseconds, as the clocks of the machine count. Steps of a second or more are told."""
HELD = timedelta(hours=1)
"""The farthest that a process stays ahead of the machine, and the time in which a step forward counts as a slip."""
_HELD = int(HELD.total_seconds()) * _SECOND

HELD_BACK = (
    "the clock went back by %.1f s; time goes on at half its speed for the next %.0f s. If the clock is right now, "
    "restart this process"
)

_log = logging.getLogger("watchword.clock")


class SystemClock:
    """Implements `ports.outside.Clock` with the clock of this machine, and a second clock that nobody sets.

    When the clock of the machine is set back, time goes on at half its speed until that clock has caught up. So nothing
    that had expired is good again. Two steps back are followed at once, for the clock may have been wrong before: one
    that undoes a step forward of the last hour, and one that would leave this process more than an hour ahead.

    Args:
        read: the clock of the day, in nanoseconds since 1970.
        elapsed: a clock that never steps, in nanoseconds since whenever.
    """

    __slots__ = ("_ahead", "_elapsed", "_elapsed_at", "_millisecond", "_now", "_read", "_slip", "_slipped_at", "_wall")

    def __init__(self, read: Callable[[], int] = time.time_ns, elapsed: Callable[[], int] = time.monotonic_ns) -> None:
        self._read, self._elapsed = read, elapsed
        self._wall, self._elapsed_at = read(), elapsed()
        self._ahead = self._slip = 0
        self._slipped_at = self._elapsed_at
        self._millisecond, self._now = -1, datetime.fromtimestamp(0, UTC)

    def now(self) -> datetime:
        """Return the aware UTC time, cut to milliseconds."""
        # Asked several times on every request, so most of those who ask find the answer made in the same millisecond.
        wall = self._read()
        if wall // _MILLISECOND != self._millisecond:
            self._move_to(wall)
        return self._now

    @property
    def ahead(self) -> timedelta:
        """How far this clock is ahead of the machine's, which was set back."""
        return timedelta(microseconds=self._ahead // 1000)

    def _move_to(self, wall: int) -> None:
        elapsed_at = self._elapsed()
        passed = elapsed_at - self._elapsed_at
        step = wall - self._wall - passed
        if self._ahead or wall < self._wall or not -_SECOND < step < _SECOND:
            self._correct(step, passed, elapsed_at)
        self._wall, self._elapsed_at = wall, elapsed_at
        # The float is exact to the microsecond until the year 2255, so that no millisecond is rounded to another.
        self._now = datetime.fromtimestamp((wall + self._ahead) // _MILLISECOND / 1000, UTC)
        self._millisecond = wall // _MILLISECOND

    def _correct(self, step: int, passed: int, elapsed_at: int) -> None:
        forward = step - self._ahead
        self._ahead = max(0, -forward)
        if forward >= _SECOND:
            self._note_slip(forward, elapsed_at)
        elif step <= -_SECOND or self._ahead > _HELD:
            self._take_back(-step / _SECOND, elapsed_at)
        self._ahead = max(0, self._ahead - passed // 2)

    def _note_slip(self, forward: int, elapsed_at: int) -> None:
        self._forget_old_slip(elapsed_at)
        self._slip, self._slipped_at = self._slip + forward, elapsed_at
        _log.warning("the clock went forward by %.1f s, or the machine slept", forward / _SECOND)

    def _take_back(self, seconds: float, elapsed_at: int) -> None:
        """Decide about a step back, by which this process is ahead now."""
        self._forget_old_slip(elapsed_at)
        undone = min(self._slip, self._ahead)
        self._slip, self._ahead = self._slip - undone, self._ahead - undone
        if self._ahead > _HELD:
            self._ahead = 0
            _log.error("the clock went back by %.1f s, which is followed: what had expired may be good again", seconds)
        elif self._ahead >= _SECOND:
            _log.error(HELD_BACK, seconds, 2 * self._ahead / _SECOND)
        else:
            _log.warning("the clock went back by %.1f s, as far as it had gone forward", seconds)

    def _forget_old_slip(self, elapsed_at: int) -> None:
        if elapsed_at - self._slipped_at > _HELD:
            self._slip = 0
