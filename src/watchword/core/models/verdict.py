"""What a check of a password found, as a value."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a check of a password found. `upgraded_hash` is a new hash where the old one is outdated.

    `hint` says, for the log alone, why a stored hash could not be checked at all.
    """

    matches: bool
    upgraded_hash: str | None = field(default=None, repr=False)
    hint: str = ""
