"""The moving windows of the local rate limiter, in bounded memory, as a storage of the `limits` library.

`limits` has storages in memory too, but their time cannot be moved, and under a flood of names the synchronous one
keeps every key for ever while the asynchronous one sends a thread through all keys again and again.
"""

import threading
from collections import OrderedDict, deque
from dataclasses import dataclass, field

from limits.storage import MovingWindowSupport, Storage

from watchword.ports.outside import Clock

MOST_KEYS = 100_000
"""Some 50 MB. A flood that reaches it within a window was let in by the limits per address."""
_SWEPT_PER_HIT = 2


@dataclass(slots=True)
class _Window:
    hits: deque[float] = field(default_factory=deque)
    ends_at: float = 0.0


class BoundedWindows(Storage, MovingWindowSupport):
    """Windows in the order of their last use: those over are swept from the front, and beyond `most_keys` the oldest.

    Times are seconds since the epoch. Each hit sweeps more windows than it can add, so that memory follows the traffic
    of the last window and no timer is needed.
    """

    STORAGE_SCHEME = None

    def __init__(self, clock: Clock, *, most_keys: int = MOST_KEYS) -> None:
        super().__init__()
        self._clock = clock
        self._most_keys = most_keys
        self._windows: OrderedDict[str, _Window] = OrderedDict()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._windows)

    def acquire_entry(self, key: str, limit: int, expiry: int, amount: int = 1) -> bool:
        """Count `amount` hits if they fit into the window of `expiry` seconds; returns whether they did."""
        with self._lock:
            now = self._clock.now().timestamp()
            self._sweep(now)
            window = self._windows.setdefault(key, _Window())
            self._windows.move_to_end(key)
            while window.hits and window.hits[0] <= now - expiry:
                window.hits.popleft()
            fits = len(window.hits) + amount <= limit
            if fits:
                window.hits.extend([now] * amount)
                window.ends_at = now + expiry
            return fits

    def get_moving_window(self, key: str, limit: int, expiry: int) -> tuple[float, int]:  # noqa: ARG002  as in `limits`
        """Return when the oldest hit inside the window was, and how many there are."""
        with self._lock:
            now = self._clock.now().timestamp()
            hits = [at for at in self._windows.get(key, _Window()).hits if at > now - expiry]
            return (hits[0], len(hits)) if hits else (now, 0)

    def clear(self, key: str) -> None:
        """Forget the hits under this key."""
        with self._lock:
            self._windows.pop(key, None)

    def reset(self) -> int:
        """Forget everything. Returns how many keys there were."""
        with self._lock:
            forgotten = len(self._windows)
            self._windows.clear()
            return forgotten

    def check(self) -> bool:
        """Whether the storage works: it is memory."""
        return True

    @property
    def base_exceptions(self) -> type[Exception]:
        """What storage errors derive from: there are none."""
        return OSError

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Refuse: fixed windows are not kept here."""
        raise NotImplementedError

    def get(self, key: str) -> int:
        """Refuse: fixed windows are not kept here."""
        raise NotImplementedError

    def get_expiry(self, key: str) -> float:
        """Refuse: fixed windows are not kept here."""
        raise NotImplementedError

    def _sweep(self, now: float) -> None:
        for _ in range(_SWEPT_PER_HIT):
            oldest = next(iter(self._windows), None)
            if oldest is None or (self._windows[oldest].ends_at > now and len(self._windows) < self._most_keys):
                return
            del self._windows[oldest]
