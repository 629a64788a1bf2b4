"""Names that look like other names: one script each, and no letters that only look like others (UTS 39 section 5)."""

import unicodedata

from watchword.core.account_errors import InvalidUsername

EAST_ASIAN = "East Asian"
INHERITED = ""

_SCRIPTS = {
    **{name: name for name in ("ARABIC", "ARMENIAN", "BENGALI", "CYRILLIC", "DEVANAGARI", "ETHIOPIC", "GEORGIAN")},
    **{name: name for name in ("GREEK", "GUJARATI", "GURMUKHI", "HEBREW", "KANNADA", "KHMER", "LAO", "LATIN")},
    **{name: name for name in ("MALAYALAM", "MYANMAR", "ORIYA", "SINHALA", "TAMIL", "TELUGU", "THAANA", "THAI")},
    "TIBETAN": "TIBETAN",
    **dict.fromkeys(("BOPOMOFO", "CJK", "HANGUL", "HIRAGANA", "IDEOGRAPHIC", "KATAKANA"), EAST_ASIAN),
    "KATAKANA-HIRAGANA": EAST_ASIAN,
    "COMBINING": INHERITED,
}
"""The first word of a character's Unicode name to its script: the recommended scripts of UAX 31, table 5."""

_LATIN_LETTERS = frozenset("abcdefghijklmnopqrstuvwxyzßæœøđðþłħŋŧəɛɔɓɗƙƴ")
"""What Latin letters may decompose to. Others (dotless i, Latin alpha, small capitals) pass for one of these."""
_DOTTED = frozenset("ij\u0456\u0458")
"""The soft-dotted i and j of Latin and Cyrillic: one more dot above changes nothing that is seen."""
_ACCENTS = frozenset(
    chr(code)
    for codes in (range(0x0300, 0x0315), range(0x0323, 0x0329), range(0x032D, 0x0332))
    for code in (*codes, 0x031B, 0x0342, 0x3099, 0x309A)
)
"""The combining marks that letters of living languages decompose to; the rest are strokes, enclosures and specks."""
_DOT_ABOVE = "\u0307"
_STACKED_MARKS = 4
_INVISIBLE = frozenset(
    [0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x3164, 0xFFA0, *range(0x180B, 0x1810), *range(0xFE00, 0xFE10)]
) | frozenset(range(0xE0100, 0xE01F0))
"""Letters and marks that are drawn as nothing (Default_Ignorable_Code_Point)."""


def check_one_script(name: str) -> None:
    """Check that all letters of an NFKC name come of one script (the East Asian ones count as one) and are themselves.

    Raises:
        InvalidUsername: if the name mixes scripts, or holds a letter or mark made to look like another or like nothing.
    """
    scripts = {_script_of(char) for char in name if char.isalpha() or unicodedata.category(char)[0] == "M"}
    if len(scripts - {INHERITED}) > 1:
        raise InvalidUsername("Write a username in the letters of one script.")
    if any(ord(char) in _INVISIBLE for char in name):
        raise InvalidUsername("Leave out characters that cannot be seen.")
    _check_marks(unicodedata.normalize("NFD", name.casefold()))


def _script_of(char: str) -> str:
    script = _SCRIPTS.get(unicodedata.name(char, "").partition(" ")[0])
    if script is None:
        raise InvalidUsername("A letter of this username cannot be used.")
    return script


def _check_marks(decomposed: str) -> None:
    """Check the letters and the marks on each, in a name that is casefolded and decomposed."""
    base, marks = "", 0
    for char in decomposed:
        if unicodedata.category(char)[0] != "M":
            base, marks = char, 0
            if unicodedata.name(char, "").startswith("LATIN") and char not in _LATIN_LETTERS:
                raise InvalidUsername("A letter of this username looks like another one.")
            continue
        marks += 1
        strange = unicodedata.name(char, "").startswith("COMBINING") and char not in _ACCENTS
        if strange or not base.isalpha() or marks > _STACKED_MARKS or (char == _DOT_ABOVE and base in _DOTTED):
            raise InvalidUsername("An accent of this username cannot be used.")
