"""`watchword backup` and `watchword restore` on files, with their modes, damages and sentences."""

import gzip
import json
import stat

import pytest

from watchword.cli import backup as backup_command
from watchword.core.errors import StoreUnavailable

PASSWORD = "paper lantern over wet gravel"


@pytest.fixture
def other_database(monkeypatch):
    monkeypatch.setenv("WATCHWORD_DATABASE_URL", "sqlite:///other.db")


def lines_of(path):
    with gzip.open(path, "rb") as file:
        return [json.loads(line) for line in file]


def test_a_backup_is_restored_into_a_new_database(run, run_json, add_user, place, monkeypatch):
    run("roles", "add", "editor", "--permission", "write")
    add_user("ada", "--email", "ada@example.test", "--role", "editor", "--role", "admin")
    run("clients", "add", "billing")
    people, roles, machines = (run_json(noun, "list") for noun in ("users", "roles", "clients"))
    told = run("backup", "all.gz").stdout
    assert told.startswith("In the backup are 1 users, 1 clients, 0 resources, 2 roles.\n")
    assert "password hashes" in told
    monkeypatch.setenv("WATCHWORD_DATABASE_URL", "sqlite:///other.db")
    assert "log in again" in run("restore", "all.gz", "--new-epoch").stdout
    assert [run_json(noun, "list") for noun in ("users", "roles", "clients")] == [people, roles, machines]


def test_a_backup_is_for_its_owner_alone_and_holds_no_key_and_no_token(run, add_user, place):
    add_user("ada")
    run("users", "invite")
    run("backup", "all.gz")
    assert stat.S_IMODE((place / "all.gz").stat().st_mode) == 0o600
    header, *records, end = lines_of(place / "all.gz")
    assert {"sessions", "families", "invites", "keys", "revocations"} <= set(header["left_out"])
    assert [next(iter(record)) for record in records] == ["user", "role"]
    assert end["end"]["counts"] == {"user": 1, "role": 1}


def test_a_backup_writes_over_no_file(run, place):
    (place / "all.gz").write_text("precious", encoding="utf-8")
    assert "exists already" in run("backup", "all.gz", expect=1).stderr
    assert (place / "all.gz").read_text(encoding="utf-8") == "precious"


def test_a_backup_that_fails_leaves_no_half_of_one(run, place, monkeypatch):
    async def failing(ctx, writer):
        yield b"{}\n"
        raise StoreUnavailable(hint="the test pulled the plug")

    monkeypatch.setattr(backup_command, "backup_lines", failing)
    assert "cannot be reached" in run("backup", "all.gz", expect=1).stderr
    assert not (place / "all.gz").exists()


def test_a_restore_without_a_new_epoch_is_refused_with_the_reason(run, run_json, add_user, monkeypatch):
    add_user("ada")
    run("backup", "all.gz")
    monkeypatch.setenv("WATCHWORD_DATABASE_URL", "sqlite:///other.db")
    refused = run("restore", "all.gz", expect=2)
    assert "--new-epoch" in refused.stderr
    assert "void" in refused.stderr
    assert run_json("users", "list") == []


def test_a_restore_into_a_database_in_use_is_refused(run, run_json, add_user):
    add_user("ada")
    run("backup", "all.gz")
    before = run_json("users", "list")
    assert "not empty" in run("restore", "all.gz", "--new-epoch", expect=1).stderr
    assert run_json("users", "list") == before


DAMAGES = {
    "cut short": lambda octets: octets[:-9],
    "cut in half": lambda octets: octets[: len(octets) // 2],
    "empty": lambda octets: b"",
    "not compressed": gzip.decompress,
    "garbage behind it": lambda octets: octets + b"garbage",
    "a bit turned": lambda octets: octets[:60] + bytes([octets[60] ^ 1]) + octets[61:],
    "something else": lambda octets: gzip.compress(b'{"hello":1}\n'),
    "no JSON": lambda octets: gzip.compress(b"hello\n"),
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_a_damaged_backup_is_one_sentence_and_stores_nothing(run, run_json, add_user, place, monkeypatch, damage):
    add_user("ada")
    run("backup", "all.gz")
    (place / "bad.gz").write_bytes(damage((place / "all.gz").read_bytes()))
    monkeypatch.setenv("WATCHWORD_DATABASE_URL", "sqlite:///other.db")
    refused = run("restore", "bad.gz", "--new-epoch", expect=1)
    assert "backup" in refused.stderr
    assert refused.stderr.count("\n") == 1
    assert run_json("users", "list") == []
    run("restore", "all.gz", "--new-epoch")
    assert len(run_json("users", "list")) == 1


def test_a_backup_that_is_not_there_is_one_sentence(run):
    assert (
        run("restore", "nothing", "--new-epoch", expect=1).stderr
        == "nothing cannot be read: No such file or directory.\n"
    )
