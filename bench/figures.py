"""The arithmetic: ratios are taken pair by pair, and what is reported is their median with the whole spread."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True, slots=True)
class Pair:
    """Two readings of one round, taken one right after the other."""

    subject: float
    base: float

    @property
    def ratio(self) -> float:
        """How much of the base the subject reaches. Raises ZeroDivisionError where the base did nothing."""
        return self.subject / self.base


@dataclass(frozen=True, slots=True)
class Spread:
    """The median of several readings, and the least and the greatest of them."""

    middle: float
    least: float
    most: float
    count: int


def spread(values: Iterable[float]) -> Spread:
    """Return the spread of one or more readings. Raises ValueError for none."""
    ordered = sorted(values)
    if not ordered:
        raise ValueError("no reading, no spread")
    return Spread(median(ordered), ordered[0], ordered[-1], len(ordered))


def spread_of_ratios(pairs: Sequence[Pair]) -> Spread:
    """Return the spread of the ratios of pairs. It is not the ratio of the medians: a slow round slows both sides."""
    return spread(pair.ratio for pair in pairs)


def percentile(values: Iterable[float], percent: float) -> float:
    """Return the smallest reading that at least `percent` of 100 readings do not exceed (nearest rank)."""
    ordered = sorted(values)
    if not ordered:
        raise ValueError("no reading, no percentile")
    if not 0 < percent <= 100:
        raise ValueError("a percentile lies above 0 and up to 100")
    rank = -(-len(ordered) * percent // 100)
    return ordered[max(1, int(rank)) - 1]


def is_reached(value: float, target: float, *, lower_is_better: bool) -> bool:
    """Whether a figure reaches its target."""
    return value <= target if lower_is_better else value >= target
