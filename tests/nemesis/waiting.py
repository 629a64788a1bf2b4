"""Waiting for what really happens outside, with a deadline."""

import threading
import time
from collections.abc import Callable

PATIENCE = 30.0
"""Seconds after which something that has not happened is taken for broken."""
_NEVER = threading.Event()


def pause(seconds: float = 0.02) -> None:
    """Let others work. It is never what a test relies on."""
    _NEVER.wait(seconds)


def until(condition: Callable[[], object], what: str, seconds: float = PATIENCE) -> float:
    """Ask until the condition holds, and return how many seconds that took."""
    begun = time.monotonic()
    while not condition():
        waited = time.monotonic() - begun
        assert waited < seconds, f"{what}: not within {seconds} s"
        pause()
    return time.monotonic() - begun
