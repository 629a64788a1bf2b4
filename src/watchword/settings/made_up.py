"""Whether a secret looks made up by a person rather than by chance. It never says why in words that repeat it."""

from collections.abc import Callable
from itertools import pairwise

MIN_DISTINCT_CHARACTERS = 10
PLACEHOLDERS = ("changeme", "change-me", "change_me", "example", "insecure", "password", "placeholder", "your-secret")
_RUNS = 2 / 3
_DISTINCT_PIECES = 2 / 3
_PIECE = 3


def looks_made_up(secret: str) -> bool:
    """Whether any sign of a person is there. Random hex, base64 and long passphrases show none."""
    return any(sign(secret) for sign in SIGNS)


def _repeats_itself(secret: str) -> bool:
    return (secret + secret).find(secret, 1) < len(secret)


def _has_few_characters(secret: str) -> bool:
    return len(set(secret)) < MIN_DISTINCT_CHARACTERS


def _holds_a_placeholder(secret: str) -> bool:
    return any(word in secret.lower() for word in PLACEHOLDERS)


def _is_all_digits(secret: str) -> bool:
    return secret.isdecimal()


def _runs_through_the_alphabet(secret: str) -> bool:
    """`abcdefgh...`, `87654321...`: most characters stand beside the one before them."""
    runs = sum(abs(ord(one) - ord(next_one)) <= 1 for one, next_one in pairwise(secret))
    return runs > _RUNS * (len(secret) - 1)


def _repeats_words(secret: str) -> bool:
    """`tiger-tiger-tiger...`: most pieces of three characters have been there before."""
    pieces = [secret[start : start + _PIECE] for start in range(len(secret) - _PIECE + 1)]
    return len(set(pieces)) < _DISTINCT_PIECES * len(pieces)


SIGNS: tuple[Callable[[str], bool], ...] = (
    _repeats_itself,
    _has_few_characters,
    _holds_a_placeholder,
    _is_all_digits,
    _runs_through_the_alphabet,
    _repeats_words,
)
