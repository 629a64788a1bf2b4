"""`watchword migrate`, and what other commands do on a schema that is not of this version."""

import sqlite3

import pytest

from watchword.stores.sql.tables import VERSION_TABLE
from watchword.version import __version__

PRODUCTION = {
    "WATCHWORD_ENV": "production",
    "WATCHWORD_ISSUER": "https://auth.test",
    "WATCHWORD_SECRET_KEY": "not-a-real-one-0123456789-abcdefghijklmnop",
    "WATCHWORD_ARGON2_MEMORY_KIB": "19456",
    "WATCHWORD_ARGON2_TIME_COST": "2",
}


@pytest.fixture
def production(monkeypatch):
    for name, value in PRODUCTION.items():
        monkeypatch.setenv(name, value)


def test_production_refuses_an_empty_database_until_it_is_migrated(production, run, run_json):
    refused = run("users", "list", expect=2)
    assert "watchword migrate" in refused.stderr
    assert run("migrate", "--check", expect=1).stderr.count("\n") == 1
    assert run("migrate").stdout == "The schema was made or brought to this version.\n"
    assert run("migrate").stdout == "The schema is of this version.\n"
    assert run("migrate", "--check").stdout == "The schema is of this version.\n"
    assert run_json("users", "list") == []


def test_migrating_twice_changes_nothing(run, add_user, run_json):
    run("migrate")
    made = add_user("ada")
    run("migrate")
    assert run_json("users", "list") == [made]


def test_development_migrates_by_itself(run_json):
    assert run_json("users", "list") == []


def test_a_newer_schema_is_refused(run, place):
    run("migrate")
    with sqlite3.connect(place / "watchword.db") as database:
        database.execute(f"update {VERSION_TABLE} set version_num = 'from-the-future'")
    database.close()
    for arguments in (["migrate"], ["migrate", "--check"]):
        assert run(*arguments, expect=1).stderr.count("\n") == 1
    assert run("users", "list", expect=2).stderr.count("\n") == 1


def test_a_database_that_cannot_be_opened_is_one_sentence(run, place, monkeypatch):
    (place / "file").write_text("no directory")
    monkeypatch.setenv("WATCHWORD_DATABASE_URL", "sqlite:///file/watchword.db")
    refused = run("users", "list", expect=1)
    assert "database cannot be reached" in refused.stderr
    assert refused.stderr.count("\n") == 1


def test_a_refused_setting_is_exit_code_2(run, monkeypatch):
    monkeypatch.setenv("WATCHWORD_SIGNUP", "maybe")
    assert run("users", "list", expect=2).stderr == "WATCHWORD_SIGNUP must be one of 'open', 'invite' or 'closed'.\n"


def test_the_version_is_that_of_the_package(run_json):
    assert run_json("version") == {"version": __version__}
