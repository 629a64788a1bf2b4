"""Usernames and the keys of identifiers."""

import unicodedata

import pytest
from hypothesis import given
from tests.core.accounts.any_text import ANY_TEXT, UNHURRIED

from watchword.core.account_errors import InvalidUsername
from watchword.core.accounts.identifiers import check_username, identifier_key

HALF_MIB = 512 * 1024


@UNHURRIED
@given(ANY_TEXT)
def test_identifier_key_is_stable_for_any_text(text):
    key = identifier_key(text)
    assert identifier_key(key) == key


@pytest.mark.parametrize("text", ["\ud800", "a\x00b", "", "\U000e0001", "a" * HALF_MIB, "\ud800" * HALF_MIB])
def test_identifier_key_takes_what_no_account_is_called(text):
    assert identifier_key(identifier_key(text)) == identifier_key(text)


def test_identifier_key_of_a_huge_text_is_short():
    assert len(identifier_key("a" * HALF_MIB)) == 69
    assert identifier_key("a" * HALF_MIB) != identifier_key("b" * HALF_MIB)


@pytest.mark.parametrize(
    "text",
    ["ADMIN", "admin", "Admin", "\uff41dmin", "aDMIN", "\uff21\uff44\uff4d\uff49\uff4e"],
)
def test_spellings_of_one_name_share_a_key(text):
    assert identifier_key("admin") == identifier_key(check_username(text))


@pytest.mark.parametrize(
    "name",
    [
        "a",
        "alice",
        "Alice.B-c_d",
        "Zoë",
        "straße",
        "Łukasz",
        "Søren",
        "Ольга",
        "Ґалаґан",
        "Νίκος",
        "李雷",
        "さくら子",
        "田中タロー",
        "김철수",
        "שרה",
        "محمد",
        "नरेश",
        "สมชาย",
        "Գոռ",
        "ნინო",
        "x1",
        "2fast",
        "Đặng",
        "佐々木",
        "R2.D2",
        "Việt",
    ],
)
def test_ordinary_names_of_any_script_are_accepted(name):
    assert unicodedata.normalize("NFKC", name) == check_username(name)


@pytest.mark.parametrize("name", ["José", "Nguyễn"])
def test_composed_and_decomposed_names_are_one(name):
    assert name == check_username(unicodedata.normalize("NFD", name))


@pytest.mark.parametrize("name", ["a" * 64, "é" * 64, "e\u0301" * 64])
def test_a_name_of_64_characters_is_accepted(name):
    assert len(check_username(name)) == 64


@pytest.mark.parametrize("name", ["", "a" * 65, "\ufdfa" * 60, "a" * HALF_MIB, "a\u0301\u0323" * HALF_MIB])
def test_a_name_of_no_or_more_than_64_characters_is_refused(name):
    with pytest.raises(InvalidUsername):
        check_username(name)


LOOK_ALIKES = {
    "dotless i": "adm\u0131n",
    "capital dotted I": "ADM\u0130N",
    "i with one more dot": "admi\u0307n",
    "Latin alpha": "\u0251dmin",
    "script g": "\u0261race",
    "small capital": "\u1d00dmin",
    "mathematical dotless i": "adm\U0001d6a4n",
    "click letter for l": "a\u01c0ice",
    "Cyrillic a": "\u0430dmin",
    "Greek omicron": "r\u03bfot",
    "Lisu capitals": "\ua4ee\ua4d3\ua4df\ua4f2\ua4e0",
    "Cherokee": "\u13aa\u13a0\u13b7",
    "Arabic-Indic digits": "user\u0661",
    "trailing dot": "admin.",
    "trailing space": "admin ",
    "leading space": " admin",
    "no-break space": "ad\u00a0min",
    "ideographic space": "\u3000admin",
    "newline": "admin\n",
    "zero-width space": "ad\u200bmin",
    "zero-width joiner": "ad\u200dmin",
    "word joiner": "ad\u2060min",
    "byte order mark": "\ufeffadmin",
    "soft hyphen": "ad\u00admin",
    "right-to-left override": "\u202enimda",
    "variation selector": "admin\ufe0f",
    "grapheme joiner": "ad\u034fmin",
    "Hangul filler": "admin\u3164",
    "tag character": "admin\U000e0061",
    "stroke over a letter": "admi\u0335n",
    "dot beside a letter": "admin\u0358",
    "mark of another script": "a\u093edmin",
}


@pytest.mark.parametrize("name", LOOK_ALIKES.values(), ids=LOOK_ALIKES)
def test_a_name_that_looks_like_another_is_refused(name):
    with pytest.raises(InvalidUsername):
        check_username(name)


@pytest.mark.parametrize(
    "name",
    [
        ".a",
        "a.",
        "-a",
        "a-",
        "_a",
        "a__b",
        "a.-b",
        "a@b",
        "a b",
        "a/b",
        "a\\b",
        "a'b",
        'a"b',
        "a<b",
        "a,b",
        "a;b",
        "a:b",
        "a%b",
        "a\x00b",
        "\x00",
        "a\x1b[31m",
        "a\r\nb",
        "\ud800",
        "a\udfffb",
        "\u0301a",
        "a\u0301\u0302\u0303\u0304\u0305",
        "a\u0378",
        "😀",
        "½",
    ],
)
def test_a_name_with_other_characters_is_refused(name):
    with pytest.raises(InvalidUsername):
        check_username(name)


@UNHURRIED
@given(ANY_TEXT)
def test_check_username_only_returns_or_refuses(text):
    try:
        name = check_username(text)
    except InvalidUsername:
        return
    assert name == check_username(name)
    assert "@" not in name
