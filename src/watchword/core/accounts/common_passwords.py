"""What attackers try first: common passwords, rows of keys, and words of the context (ASVS 6.2.4 and 6.2.11)."""

import re
from collections.abc import Iterable, Iterator
from functools import cache
from importlib.resources import files

_LINES = (
    "abcdefghijklmnopqrstuvwxyz",
    "012345678901234567890",
    *("`1234567890-=", "qwertyuiop[]", "asdfghjkl;'", "zxcvbnm,./", "!@#$%^&*()_+"),
    *("qwertzuiopü", "asdfghjklöä", "yxcvbnm", "azertyuiop", "qsdfghjklm", "wxcvbn"),
    *("1qaz", "2wsx", "3edc", "4rfv", "5tgb", "6yhn", "7ujm", "8ik,", "9ol.", "0p;/"),
    *("1q2w3e4r5t6y7u8i9o0p", "q1w2e3r4t5y6u7i8o9p0", "qawsedrftgyhujikolp", "147258369", "741852963"),
)
_WALKS = tuple(walk for line in _LINES for walk in (line, line[::-1]))
_SHORTEST_RUN = 3
_LONGEST_PATTERN = 4
_FEWEST_CHARACTERS = 3
_DECORATION = 8
_SHORTEST_WORD = 3
_SUBSTITUTES = (str.maketrans("013456789@$!|+€", "oieasbtbgasilte"), str.maketrans("013457@$!", "oleastasl"))
"""Digits and signs for the letters they are drawn as; `1` and `!` may be an i or an l."""


def is_predictable(password: str) -> bool:
    """Whether it is a repeated pattern, or nothing but runs along the alphabet, the digits or the keys."""
    folded = password.casefold()
    if len(set(folded)) < _FEWEST_CHARACTERS or len(_pattern_of(folded)) <= min(_LONGEST_PATTERN, len(folded) - 1):
        return True
    return any(_is_all_runs(core) for core in _cores(folded))


def is_common(password: str) -> bool:
    """Whether it is a common password, or a common word dressed up with digits, signs and look-alike characters."""
    return any(form in _common_words() for form in _plain_forms(password.casefold()))


def is_wordplay(password: str, words: Iterable[str]) -> bool:
    """Whether nothing but digits and signs is left of it once these words, or parts of them, are taken out."""
    parts = {part for word in words for part in _parts_of(word.casefold())}
    folded = password.casefold()
    return any(_is_made_of(form, parts) for core in _cores(folded) for form in _spellings_of(core))


@cache
def _common_words() -> frozenset[str]:
    """Read the list that comes with the package, once, when the first password is checked."""
    text = files("watchword.core.accounts").joinpath("common_passwords.txt").read_text(encoding="utf-8")
    return frozenset(line for line in text.splitlines() if line and not line.startswith("#"))


def _plain_forms(folded: str) -> Iterator[str]:
    for core in _cores(folded):
        for form in _spellings_of(core):
            yield form
            yield _letters_and_digits(form)
            yield _pattern_of(_letters_and_digits(form))


def _cores(folded: str) -> Iterator[str]:
    """Yield the text, and what is left of it without the digits and signs on either side or both, where they are few.

    One side may be left alone because a sign there can stand for a letter, as in `$uperman12`.
    """
    yield folded
    end = re.sub(r"[\W\d_]+$", "", folded)
    for core in (end, *(re.sub(r"^[\W\d_]+", "", text) for text in (folded, end))):
        if len(core) >= _SHORTEST_WORD and len(folded) - len(core) <= _DECORATION:
            yield core


def _spellings_of(text: str) -> Iterator[str]:
    """Yield the text, and the words that its digits and signs may be drawing."""
    yield text
    for table in _SUBSTITUTES:
        yield text.translate(table)


def _pattern_of(text: str) -> str:
    """Return the shortest text whose repetition this is: itself, where it is none."""
    period = (text + text).find(text, 1)
    return text[:period] if period > 0 else text


def _is_all_runs(text: str) -> bool:
    """Whether the text falls into runs of three characters and more, without a rest."""
    while text:
        run = max(_run_along(line, text) for line in (text[0] * len(text), *_WALKS))
        if run < _SHORTEST_RUN:
            return False
        text = text[run:]
    return True


def _run_along(line: str, text: str) -> int:
    """Return how many characters at the start of the text stand side by side in the line."""
    length = 0
    while length < len(text) and text[: length + 1] in line:
        length += 1
    return length


def _parts_of(word: str) -> Iterator[str]:
    """Yield the words in a name or an address, without signs, where they are long enough to tell anything."""
    for part in (word, *re.split(r"[\W_]+", word), re.sub(r"[\W\d_]+", "", word)):
        plain = _letters_and_digits(part)
        if len(plain) >= _SHORTEST_WORD:
            yield plain


def _is_made_of(folded: str, parts: set[str]) -> bool:
    """Whether the words make up all letters of the text, or most of it where it has no letters."""
    rest = plain = _letters_and_digits(folded)
    for part in sorted(parts, key=len, reverse=True):
        rest = rest.replace(part, " ")
    taken = len(plain) - len(rest.replace(" ", ""))
    if any(char.isalpha() for char in plain):
        return taken > 0 and not any(char.isalpha() for char in rest)
    return taken * 2 > len(plain)


def _letters_and_digits(text: str) -> str:
    return "".join(char for char in text if char.isalnum())
