"""Strict JSON objects (RFC 8259, RFC 7493)."""

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchword.core.tokens.strict_json import parse_object

ATOMS = st.none() | st.booleans() | st.integers(-(10**18), 10**18) | st.floats(allow_nan=False, allow_infinity=False)
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
VALUES = st.recursive(
    ATOMS | TEXT, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3), max_leaves=6
)


@given(st.dictionaries(TEXT, VALUES, max_size=5), st.booleans())
def test_every_ordinary_object_is_read_as_json_reads_it(value, ascii_only):
    data = json.dumps(value, ensure_ascii=ascii_only).encode()

    assert value == parse_object(data, max_depth=100)


@given(st.binary(max_size=64) | st.text(alphabet='{}[]":,\\u0dD8e1-. \n', max_size=64).map(str.encode))
def test_any_bytes_give_an_object_or_a_value_error(data):
    try:
        value = parse_object(data)
    except ValueError:
        return
    assert isinstance(value, dict)


ACCEPTED = [
    ("{}", {}),
    (' \t\r\n{"a":1} ', {"a": 1}),
    ('{"a":-9999999999999999999}', {"a": -9999999999999999999}),
    ('{"a":9999999999999999999}', {"a": 9999999999999999999}),
    ('{"a":1e2,"b":-0.5}', {"a": 100.0, "b": -0.5}),
    ('{"a":"\\ud83d\\ude00"}', {"a": "😀"}),
    ('{"a":"\\\\ud800"}', {"a": "\\ud800"}),
    ('{"a":{"b":1},"b":{"b":1}}', {"a": {"b": 1}, "b": {"b": 1}}),
    ('{"a":"[[[[[[[[[[{{{{{{{{{{"}', {"a": "[[[[[[[[[[{{{{{{{{{{"}),
    ('{"a":"\\"[[[[[[[[[[[["}', {"a": '"[[[[[[[[[[[['}),
    ('{"a":[[[[[[[1]]]]]]]}', {"a": [[[[[[[1]]]]]]]}),
    ('{"a":[[],[],[],[],[],[],[],[],[],[]]}', {"a": [[]] * 10}),
]


@pytest.mark.parametrize(("text", "expected"), ACCEPTED)
def test_an_object_within_the_bounds_is_read(text, expected):
    assert expected == parse_object(text.encode())


REFUSED = {
    "J21-member-repeated": '{"a":1,"a":1}',
    "J21-member-repeated-inside": '{"a":{"b":1,"b":2}}',
    "J21-member-repeated-by-escape": '{"a":1,"\\u0061":1}',
    "J24-nan": '{"a":NaN}',
    "J24-infinity": '{"a":Infinity}',
    "J24-minus-infinity": '{"a":-Infinity}',
    "J24-overflowing": '{"a":1e400}',
    "J24-overflowing-below": '{"a":-1e400}',
    "J24-long-fraction": '{"a":0.' + "1" * 50 + "}",
    "J26-20-digits": '{"a":10000000000000000000}',
    "J26-4000-digits": '{"a":1' + "0" * 4000 + "}",
    "J27-5000-digits": '{"a":1' + "0" * 5000 + "}",
    "J33-lone-surrogate": '{"a":"\\ud800"}',
    "J33-lone-low-surrogate": '{"a":["\\uDC00"]}',
    "J33-lone-surrogate-in-a-key": '{"\\uD800":1}',
    "J33-raw-nul": '{"a":"\x00"}',
    "J59-bom": '\ufeff{"a":1}',
    "J61-trailing-data": '{"a":1} x',
    "J61-second-object": '{"a":1}{"a":1}',
    "J61-trailing-nul": '{"a":1}\x00',
    "J61-comment": '{"a":1/*x*/}',
    "J61-single-quotes": "{'a':1}",
    "J61-trailing-comma": '{"a":1,}',
    "J61-not-ended": '{"a":1',
    "J61-empty": "",
    "J61-other-whitespace": '\xa0{"a":1}',
    "J62-array": "[1]",
    "J62-string": '"x"',
    "J62-number": "1",
    "J62-null": "null",
    "J61-leading-zero": '{"a":01}',
    "J61-plus": '{"a":+1}',
    "J68-too-many-members": json.dumps({str(n): n for n in range(257)}),
    "depth-9": '{"a":[[[[[[[[1]]]]]]]]}',
    "depth-of-objects": '{"a":' * 9 + "1" + "}" * 9,
    "depth-never-closed": "[" * 16_000,
    "depth-after-a-string-with-escapes": '{"\\\\":[[[[[[[[1]]]]]]]]}',
}


@pytest.mark.parametrize("text", [pytest.param(text, id=name) for name, text in REFUSED.items()])
def test_anything_else_is_refused(text):
    with pytest.raises(ValueError):  # noqa: PT011  UnicodeError and JSONDecodeError are ValueErrors too
        parse_object(text.encode())


@pytest.mark.parametrize(
    "encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be", "utf-8-sig"]
)
def test_j59_another_encoding_is_refused(encoding):
    with pytest.raises(ValueError):  # noqa: PT011
        parse_object('{"a":"é"}'.encode(encoding))

    assert parse_object('{"a":"é"}'.encode()) == {"a": "é"}


@pytest.mark.parametrize(
    "data", [b'{"a":"\xff"}', b'{"a":"\xc0\xaf"}', b'{"a":"\xed\xa0\x80"}', b'{"a":"\xf4\x90\x80\x80"}']
)
def test_j59_broken_utf8_is_refused(data):
    with pytest.raises(UnicodeDecodeError):
        parse_object(data)


HEAVY = {
    "J27-a-million-digits": (b'{"a":' + b"9" * 1_000_000 + b"}", 2_000_000),
    "J68-100k-members": (json.dumps({str(n): n for n in range(100_000)}).encode(), 16 * 1024),
    "J66-10-mib": (b" " * 10_000_000, 16 * 1024),
    "strings-never-ended": (b'{"a":["' + b'\\"' * 8_000 + b"[" * 20, 1_000_000),
    "deep": (b'{"a":' + b"[" * 900_000, 1_000_000),
}


@pytest.mark.parametrize(("data", "limit"), [pytest.param(*case, id=name) for name, case in HEAVY.items()])
def test_heavy_input_is_refused_within_100_ms_of_processor_time(data, limit):
    taken = []
    for _ in range(5):  # the least of five, and of the processor alone: the bound is the parser's, not the machine's
        began = time.process_time()
        with pytest.raises(ValueError):  # noqa: PT011
            parse_object(data, max_bytes=limit)
        taken.append(time.process_time() - began)

    assert min(taken) < 0.1


def test_exactly_256_members_and_19_digits_are_accepted():
    value = {str(n): 10**18 for n in range(256)}

    assert value == parse_object(json.dumps(value).encode())
