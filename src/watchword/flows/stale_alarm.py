"""The alarm that revocations are not read any more: when that begins, each minute while it lasts, and when it ends."""

import logging
import math
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Final

AGAIN: Final = timedelta(minutes=1)

_log = logging.getLogger("watchword.follower")


class StaleAlarm:
    """Says it in the log, not with every pass that fails: there are two in a second, and a night is long."""

    def __init__(self, after: timedelta, elapsed: Callable[[], float] = time.monotonic) -> None:
        self._after = after
        self._elapsed = elapsed
        self._said_at = -math.inf

    def missed(self, staleness: timedelta) -> None:
        """Take note of a pass that failed, when the feed was last read so long ago."""
        now = self._elapsed()
        if staleness > self._after and now >= self._said_at + AGAIN.total_seconds():
            self._said_at = now
            _log.error("revocations were last read %.0f s ago: the store does not answer", staleness.total_seconds())

    def made(self) -> None:
        """Take note of a pass that read the feed to its end."""
        if self._said_at > -math.inf:
            self._said_at = -math.inf
            _log.warning("revocations are read again")
