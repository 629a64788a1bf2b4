"""The strict reader of urlencoded forms, and HTTP Basic (T04, T17, T18)."""

import base64

import pytest

from watchword.core.errors import InvalidClient, InvalidRequest, PayloadTooLarge
from watchword.fastapi.bodies import read_body
from watchword.fastapi.forms import basic_credentials, check_form_type, parse_form, read_form

FORM = b"application/x-www-form-urlencoded"


def basic(pair: str) -> str:
    return "Basic " + base64.b64encode(pair.encode()).decode()


def request_of(body: bytes, *, headers: list[tuple[bytes, bytes]] | None = None, query: bytes = b"", chunk: int = 1000):
    from starlette.requests import Request

    parts = [body[at : at + chunk] for at in range(0, len(body), chunk)] or [b""]
    messages = [{"type": "http.request", "body": part, "more_body": True} for part in parts]
    messages[-1]["more_body"] = False

    async def receive():
        return messages.pop(0) if messages else {"type": "http.disconnect"}

    scope = {"type": "http", "method": "POST", "headers": headers or [(b"content-type", FORM)], "query_string": query}
    return Request(scope, receive), messages


def test_parse_form_decodes_plus_percent_and_raw_utf8():
    form = parse_form("username=j%C3%BCrgen+k&password=ä%26%3D%2B&scope=a+b".encode())
    assert form == {"username": "jürgen k", "password": "ä&=+", "scope": "a b"}


def test_parse_form_leaves_out_parameters_without_a_value():
    assert parse_form(b"grant_type=&client_id=&username=a&&x") == {"username": "a"}


@pytest.mark.parametrize(
    "body",
    [
        b"username=a&username=b",
        b"username=&username=b",
        b"=a",
        b"username=%00",
        b"username=a\x00b",
        b"username=%ff",
        b"username=\xff",
        b"username=%ed%a0%80",
        b"username=%c0%af",
        b"username=%4",
        b"username=%zz",
        b"password=" + b"a" * (16 * 1024 + 1),
        b"a" * 65 + b"=1",
        b"&".join(b"p%d=1" % number for number in range(33)),
    ],
)
def test_parse_form_refuses_what_is_ambiguous(body):
    with pytest.raises(InvalidRequest):
        parse_form(body)


def test_parse_form_accepts_as_many_parameters_as_the_limit():
    assert len(parse_form(b"&".join(b"p%d=1" % number for number in range(32)))) == 32


@pytest.mark.parametrize(
    "value",
    [
        "application/x-www-form-urlencoded",
        "Application/X-WWW-Form-Urlencoded",
        "application/x-www-form-urlencoded; charset=utf-8",
        'application/x-www-form-urlencoded;charset="UTF-8"',
        "application/x-www-form-urlencoded;",
    ],
)
def test_content_type_of_a_form_is_accepted(value):
    assert check_form_type([value]) is None


@pytest.mark.parametrize(
    "values",
    [
        [],
        [""],
        ["application/json"],
        ["multipart/form-data; boundary=x"],
        ["text/plain"],
        ["application/x-www-form-urlencoded; charset=iso-8859-1"],
        ["application/x-www-form-urlencoded; charset=utf-16"],
        ["application/x-www-form-urlencodedx"],
        ["application/x-www-form-urlencoded", "application/x-www-form-urlencoded"],
    ],
)
def test_other_content_types_are_refused(values):
    with pytest.raises(InvalidRequest):
        check_form_type(values)


async def test_read_form_reads_a_body_in_chunks():
    request, _ = request_of(b"username=alice&password=x", chunk=4)
    assert await read_form(request, limit=100) == {"username": "alice", "password": "x"}


async def test_read_form_refuses_parameters_in_the_query():
    request, _ = request_of(b"username=a", query=b"password=b")
    with pytest.raises(InvalidRequest):
        await read_form(request, limit=100)


async def test_a_declared_length_over_the_limit_is_refused_before_reading():
    request, messages = request_of(b"a" * 50, headers=[(b"content-length", b"1000000")])
    with pytest.raises(PayloadTooLarge):
        await read_body(request, limit=100)
    assert len(messages) == 1


async def test_a_streamed_body_over_the_limit_is_refused_as_soon_as_it_is():
    request, messages = request_of(b"a" * 10_000, headers=[(b"transfer-encoding", b"chunked")], chunk=10)
    with pytest.raises(PayloadTooLarge):
        await read_body(request, limit=100)
    assert len(messages) == 1000 - 11


async def test_a_body_of_exactly_the_limit_is_read():
    request, _ = request_of(b"a" * 100, chunk=7)
    assert await read_body(request, limit=100) == b"a" * 100


@pytest.mark.parametrize("length", [b"-1", b"abc", b"1e3", b"+5", b"9" * 5000, "٣".encode()])
async def test_a_strange_length_is_a_client_error(length):
    request, _ = request_of(b"a", headers=[(b"content-length", length)])
    with pytest.raises(InvalidRequest):
        await read_body(request, limit=100)


async def test_a_client_that_goes_away_is_a_client_error():
    request, messages = request_of(b"ab", chunk=1)
    messages.pop()
    with pytest.raises(InvalidRequest):
        await read_body(request, limit=100)


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (None, None),
        ("", None),
        ("Basic Og==", None),
        ("Bearer abc", None),
        (basic("app:secret"), ("app", "secret")),
        (basic("app:"), ("app", "")),
        (basic("app:a:b"), ("app", "a:b")),
        (basic("a%3Ab:50%25+off"), ("a:b", "50% off")),
        (basic("j%C3%BCrgen:x"), ("jürgen", "x")),
        (basic("app:secret").replace("Basic", "bAsIc"), ("app", "secret")),
    ],
)
def test_basic_credentials_are_form_urlencoded_inside(header, expected):
    assert basic_credentials(header) == expected


@pytest.mark.parametrize(
    "header",
    [
        "Basic",
        "Basic !!!!",
        "Basic YWJj",
        "Basic YTpi=",
        "Basic " + base64.b64encode(b"\xff:\xff").decode(),
        basic("app:50%"),
        basic("app:%00"),
        basic(":secret"),
        "Basic ä",
        "Basic " + "A" * 5000,
    ],
)
def test_malformed_basic_credentials_are_an_invalid_client(header):
    with pytest.raises(InvalidClient):
        basic_credentials(header)
