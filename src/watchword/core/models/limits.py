"""Rate limits as values."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `count` hits in any window of `seconds`."""

    count: int
    seconds: int
