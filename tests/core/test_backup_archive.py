"""The lines of a backup: every field comes back, and whatever is missing or changed is noticed."""

import json
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.contracts.records import NOW, some_client, some_user

from watchword.core.backup_archive import KINDS, LEFT_OUT, ArchiveWriter, BadArchive, Header, read_archive
from watchword.core.models.authorizations import Resource
from watchword.core.models.identity import Role
from watchword.core.record_codec import RecordCodec, codec_of
from watchword.ports.bundle import Stores

HEADER = Header(made_at=NOW, version="1.2.3", store="memory")
RECORDS = [
    ("user", some_user("Ada", email="ada@example.test", email_key="ada@example.test", password_hash="not-a-hash")),
    (
        "user",
        some_user(
            "Bob", disabled_at=NOW, credential_version=7, roles=("a", "b"), profile={"a": [1, None, {"b": "\x00"}]}
        ),
    ),
    ("client", some_client(scopes=None)),
    ("client", some_client("other", disabled_at=NOW, may_introspect=True)),
    ("resource", Resource(uri="https://api.example.test/", name="API", access_ttl=timedelta(milliseconds=61_500))),
    ("resource", Resource(uri="https://other.example.test/", scopes=frozenset({"b", "a"}))),
    ("role", Role(name="editor", permissions=frozenset({"items:read", "items:write"}), description="\U0001f600")),
]


class Colour(StrEnum):
    RED = "red"


@dataclass(frozen=True)
class Inner:
    names: tuple[str, ...] | None = None
    colour: Colour = Colour.RED


@dataclass(frozen=True)
class Every:
    """A field of each type that records have, or may come to have."""

    inner: Inner
    key: bytes | None
    keys: tuple[bytes, ...]
    number: int | None
    inners: tuple[Inner, ...] = ()
    words: frozenset[str] | None = None


def test_records_within_records_come_back_too():
    codec = RecordCodec(Every)
    for value in (
        Every(Inner(("a", "b")), b"\x00\xff", (b"x", b""), 7, (Inner(), Inner(())), frozenset({"z", "y"})),
        Every(Inner(), None, (), None),
    ):
        assert codec.decode(json.loads(json.dumps(codec.encode(value)))) == value


@pytest.mark.parametrize("change", [{"inner": {"colour": "blue"}}, {"inner": None}, {"key": "zz"}, {"number": 1.5}])
def test_a_wrong_value_within_a_record_is_refused(change):
    codec = RecordCodec(Every)
    good = codec.encode(Every(Inner(), None, (), None))
    assert codec.decode(good)
    with pytest.raises(ValueError):  # noqa: PT011  each has words of its own
        codec.decode(good | change)


def test_a_type_without_a_codec_is_a_mistake_at_the_start():
    with pytest.raises(TypeError, match="no codec"):
        codec_of(complex)


def lines_of(records):
    writer = ArchiveWriter()
    return [writer.header(HEADER), *(writer.record(kind, each) for kind, each in records), writer.end()]


LINES = lines_of(RECORDS)


def test_every_record_comes_back_as_it_was():
    assert list(read_archive(LINES)) == [HEADER, *(each for _, each in RECORDS)]


def test_an_empty_backup_is_whole():
    assert list(read_archive(lines_of([]))) == [HEADER]


def test_each_store_is_kept_or_left_out_on_purpose():
    """A new kind of record has to be put into one of the two lists: into `LEFT_OUT` if a new epoch ends it."""
    others = {"kind", "signal", "migrate", "check_schema", "ping", "close"}
    nouns = {field.name for field in fields(Stores)} - others
    assert nouns == {*(f"{kind}s" for kind in KINDS), *LEFT_OUT}


DAMAGES = {
    "empty": lambda lines: [],
    "no end": lambda lines: lines[:-1],
    "a record missing": lambda lines: [lines[0], *lines[2:]],
    "two records changed places": lambda lines: [lines[0], lines[2], lines[1], *lines[3:]],
    "a record changed": lambda lines: [lines[0], lines[1].replace(b'"Ada"', b'"Eve"'), *lines[2:]],
    "a header changed": lambda lines: [lines[0].replace(b"1.2.3", b"1.2.4"), *lines[1:]],
    "something behind the end": lambda lines: [*lines, lines[1]],
    "a line cut short": lambda lines: [lines[0], lines[1][:40], *lines[2:]],
    "a line that is no object": lambda lines: [lines[0], b"[1]\n", *lines[1:]],
    "a line that is empty": lambda lines: [lines[0], b"{}\n", *lines[1:]],
    "a line of two members": lambda lines: [lines[0], b'{"user":{},"role":{}}\n', *lines[1:]],
    "an unknown kind": lambda lines: [lines[0], b'{"session":{}}\n', *lines[1:]],
    "a line too deep": lambda lines: [lines[0], b"[" * 200_000 + b"\n", *lines[1:]],
    "not UTF-8": lambda lines: [lines[0], b'{"user":"\xff"}\n', *lines[1:]],
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_a_damaged_backup_is_noticed_at_the_latest_at_its_end(damage):
    with pytest.raises(BadArchive):
        list(read_archive(damage(LINES)))


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"watchword_backup": 2}, "newer version"),
        ({"made_at": "2026-01-01T00:00:00"}, "damaged"),
        ({"made_at": 7}, "damaged"),
        ({"something": "else"}, "no backup of Watchword"),
    ],
)
def test_a_header_that_is_not_ours_is_said_so(change, sentence):
    header = change if "something" in change else json.loads(LINES[0]) | change
    with pytest.raises(BadArchive, match=sentence):
        list(read_archive([json.dumps(header).encode()]))


def test_a_field_of_a_later_version_is_said_so():
    line = json.loads(LINES[1])
    line["user"]["passkeys"] = []
    with pytest.raises(BadArchive, match="newer version"):
        list(read_archive([LINES[0], json.dumps(line).encode()]))


@pytest.mark.parametrize("member", ["id", "created_at"])
def test_a_field_without_a_default_must_be_there(member):
    line = json.loads(LINES[1])
    del line["user"][member]
    with pytest.raises(BadArchive, match="damaged"):
        list(read_archive([LINES[0], json.dumps(line).encode()]))


WRONG = [
    ("username", 7),
    ("email_verified", 1),
    ("credential_version", True),
    ("created_at", "soon"),
    ("roles", "admin"),
]


@pytest.mark.parametrize(("member", "value"), [*WRONG, ("roles", [7]), ("profile", []), ("disabled_at", "2026-01-01")])
def test_a_value_of_another_type_is_refused(member, value):
    line = json.loads(LINES[1])
    line["user"][member] = value
    with pytest.raises(BadArchive, match="damaged"):
        list(read_archive([LINES[0], json.dumps(line).encode()]))


@given(
    profile=st.dictionaries(st.text(max_size=4), st.none() | st.integers() | st.text(max_size=4) | st.booleans()),
    at=st.datetimes(datetime(1970, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
)
def test_any_profile_and_time_comes_back(profile, at):
    at = at.replace(microsecond=at.microsecond // 1000 * 1000)
    user = replace(RECORDS[0][1], profile=profile, created_at=at)
    assert list(read_archive(lines_of([("user", user)])))[1] == user
