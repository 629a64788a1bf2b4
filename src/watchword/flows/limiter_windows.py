"""The moving windows of the local rate limiter, in bounded memory.

Counting needs no more than this; a library for it costs each process 2 MB, and its storages in memory keep every name
of a flood for ever, or send a thread through all of them again and again.
"""

import threading
from collections import OrderedDict, deque
from dataclasses import dataclass, field

from watchword.core.models.limits import Limit
from watchword.ports.outside import Clock

MOST_KEYS = 100_000
"""Some 50 MB. A flood that reaches it within a window was let in by the limits per address."""
_SWEPT_PER_HIT = 2
_INSTANT = 0.001


@dataclass(slots=True)
class _Window:
    hits: deque[float] = field(default_factory=deque)
    ends_at: float = 0.0


class BoundedWindows:
    """Windows in the order of their last use: those over are swept from the front, and beyond `most_keys` the oldest.

    Times are seconds since the epoch. Each hit sweeps more windows than it can add, so that memory follows the traffic
    of the last window and no timer is needed. Threads may share it.
    """

    def __init__(self, clock: Clock, *, most_keys: int = MOST_KEYS) -> None:
        self._clock = clock
        self._most_keys = most_keys
        self._windows: OrderedDict[str, _Window] = OrderedDict()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._windows)

    def hit(self, key: str, limit: Limit) -> float:
        """Count a hit if it fits into the window. Returns 0; or the seconds until one fits, and nothing was counted."""
        with self._lock:
            now = self._clock.now().timestamp()
            self._sweep(now)
            window = self._windows.setdefault(key, _Window())
            self._windows.move_to_end(key)
            while window.hits and window.hits[0] <= now - limit.seconds:
                window.hits.popleft()
            if len(window.hits) >= limit.count:
                return _seconds_left(window.hits, limit, now)
            window.hits.append(now)
            window.ends_at = now + limit.seconds
            return 0

    def wait(self, key: str, limit: Limit) -> float:
        """Return what `hit` would, but count nothing."""
        with self._lock:
            now = self._clock.now().timestamp()
            window = self._windows.get(key)
            hits = deque(at for at in window.hits if at > now - limit.seconds) if window else deque[float]()
            return _seconds_left(hits, limit, now) if len(hits) >= limit.count else 0

    def clear(self, key: str) -> None:
        """Forget the hits under this key."""
        with self._lock:
            self._windows.pop(key, None)

    def _sweep(self, now: float) -> None:
        for _ in range(_SWEPT_PER_HIT):
            oldest = next(iter(self._windows), None)
            if oldest is None or (self._windows[oldest].ends_at > now and len(self._windows) < self._most_keys):
                return
            del self._windows[oldest]


def _seconds_left(hits: deque[float], limit: Limit, now: float) -> float:
    """Return how long the oldest hit stays in the window, never 0; all of it for a limit that allows none."""
    return max((hits[0] if hits else now) + limit.seconds - now, _INSTANT)
