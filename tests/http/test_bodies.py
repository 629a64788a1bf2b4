"""Strict JSON."""

import pytest

from watchword.core.account_errors import InvalidInput
from watchword.fastapi.bodies import MAX_DEPTH, has_forbidden, parse_json


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (b"{}", {}),
        (b'{"a": [1, -2.5e3, null, true]}', {"a": [1, -2500.0, None, True]}),
        ('{"a": "ü\\ud83d\\ude00"}'.encode(), {"a": "ü😀"}),
        (b"[" * MAX_DEPTH + b"]" * MAX_DEPTH, eval("[" * MAX_DEPTH + "]" * MAX_DEPTH)),
    ],
)
def test_good_json_is_read(text, value):
    assert parse_json(text) == value


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"{",
        b"{} x",
        b"{'a': 1}",
        b'{"a": 1, "a": 2}',
        b'{"b": {"a": 1, "\\u0061": 2}}',
        b"[" * (MAX_DEPTH + 1) + b"]" * (MAX_DEPTH + 1),
        b"[" * 60_000,
        b'{"a":' * 10_000 + b"1" + b"}" * 10_000,
        b"\xef\xbb\xbf{}",
        "{}".encode("utf-16"),
        b'"\xff"',
        b"NaN",
        b"-Infinity",
        b"1e999",
        b"9" * 5000,
        b'"\\ud800"',
        b'{"\\udfff": 1}',
        b'["a\\u0000b"]',
        b'{"a": {"b\\u0000": 1}}',
    ],
)
def test_other_json_is_invalid_input(text):
    with pytest.raises(InvalidInput) as refused:
        parse_json(text)
    assert refused.value.status == 422


def test_forbidden_characters_are_nul_and_surrogates():
    assert [has_forbidden(text) for text in ("a\x00", "\ud800", "\udfff", "a\ud7ff\ue000", "😀\x01")] == [
        True,
        True,
        True,
        False,
        False,
    ]
