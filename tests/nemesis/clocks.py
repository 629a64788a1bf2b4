"""Clocks of machines that disagree, and of a world in which time runs faster."""

import time
from dataclasses import dataclass
from datetime import UTC, datetime

from watchword.flows.clock import SystemClock


@dataclass
class SkewedClock:
    """A clock that is `shift` seconds ahead, and counts `rate` seconds for each that passes after `epoch`.

    Two processes with the same `epoch` and `rate` agree on the time.
    """

    shift: float = 0.0
    rate: float = 1.0
    epoch: float = 0.0

    def now(self) -> datetime:
        now = time.time()
        if self.rate != 1.0:
            now = self.epoch + (now - self.epoch) * self.rate
        return datetime.fromtimestamp(int((now + self.shift) * 1000) / 1000, UTC)


class SetClock(SystemClock):
    """The clock of the product on a machine whose clock is set while the process runs."""

    def __init__(self) -> None:
        self.moved = 0
        super().__init__(read=lambda: time.time_ns() + self.moved)

    def set_forward(self, seconds: float) -> None:
        self.moved += int(seconds * 1_000_000_000)


def clock_of(options: dict) -> SkewedClock | SystemClock:
    if options.get("set"):
        return SetClock()
    return SkewedClock(**options) if options else SystemClock()
