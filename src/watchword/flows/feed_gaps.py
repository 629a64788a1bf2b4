"""Which entries of the feed may still appear below the newest that was read."""

from bisect import bisect_left
from typing import NamedTuple


class _Gap(NamedTuple):
    after: int
    before: int
    seen_at: float


class FeedGaps:
    """The newest sequence that was read, and the gaps below it that are young enough to be filled yet.

    Sequences are handed out in order. So whatever is missing between two entries was begun before the upper of them
    could be read, and is visible some time after that, or never: its writer failed, or it expired. Times are seconds
    of a clock that never steps.

    Attributes:
        newest: the greatest sequence that was read, 0 before the first.
    """

    def __init__(self) -> None:
        self.newest = 0
        self._gaps: list[_Gap] = []

    @property
    def cursor(self) -> int:
        """Read on after this sequence: all that is new comes behind it."""
        return self._gaps[0].after if self._gaps else self.newest

    def take(self, sequence: int, *, at: float) -> bool:
        """Note a sequence that was read. Returns whether it is new here; what lies in no open gap was known before."""
        if sequence > self.newest:
            if sequence > self.newest + 1:
                self._gaps.append(_Gap(self.newest, sequence, at))
            self.newest = sequence
            return True
        place = bisect_left(self._gaps, sequence, key=lambda gap: gap.after) - 1
        if place < 0 or sequence >= self._gaps[place].before:
            return False
        after, before, seen_at = self._gaps[place]
        halves = (_Gap(after, sequence, seen_at), _Gap(sequence, before, seen_at))
        self._gaps[place : place + 1] = [gap for gap in halves if gap.before - gap.after > 1]
        return True

    def close(self, *, until: float) -> None:
        """Give up the gaps that were seen until then."""
        if self._gaps:
            self._gaps = [gap for gap in self._gaps if gap.seen_at > until]

    def forget_below(self, sequence: int) -> None:
        """Give up the gaps that end at or below a sequence."""
        self._gaps = [gap for gap in self._gaps if gap.before > sequence]

    def __len__(self) -> int:
        return len(self._gaps)
