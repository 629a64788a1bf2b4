"""`watchword users` on a SQLite file."""

import pytest

from watchword.cli import passwords

PASSWORD = "paper lantern over wet gravel"


class Terminal:
    """A standard input that a person sits at."""

    def isatty(self):
        return True


def test_an_added_user_is_listed_with_roles_and_email(add_user, run_json):
    made = add_user("Ada", "--email", "ada@example.test", "--role", "admin")
    assert (made["username"], made["email"], made["roles"]) == ("Ada", "ada@example.test", ["admin"])
    assert run_json("users", "list") == [made]


def test_a_list_for_people_shows_the_same(add_user, run):
    made = add_user("ada")
    lines = run("users", "list").stdout.splitlines()
    assert lines[0].split()[:3] == ["id", "username", "email"]
    assert lines[1].split()[:3] == [made["id"], "ada", "-"]


def test_every_page_is_listed(add_user, run_json, monkeypatch):
    monkeypatch.setattr("watchword.cli.users.PAGE", 2)
    names = [add_user(f"user{number}")["username"] for number in range(5)]
    assert [user["username"] for user in run_json("users", "list")] == names


def test_a_name_that_is_taken_is_refused(add_user, run):
    add_user("ada")
    refused = run("users", "add", "ADA", "--password-stdin", stdin=PASSWORD, expect=1)
    assert refused.stderr.startswith("This username is taken")
    assert refused.stdout == ""


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["a@b"], "username"),
        (["ada", "--email", "nonsense"], "mail"),
        (["ada", "--role", "nobody-made-this"], "no such role"),
    ],
)
def test_malformed_or_unknown_values_are_one_sentence(run, run_json, arguments, sentence):
    refused = run("users", "add", *arguments, "--password-stdin", stdin=PASSWORD, expect=1)
    assert sentence in refused.stderr
    assert refused.stderr.count("\n") == 1
    assert run_json("users", "list") == []


def test_a_weak_password_is_refused_and_not_repeated(run):
    refused = run("users", "add", "ada", "--password-stdin", stdin="12345\n", expect=1)
    assert "assword" in refused.stderr
    assert "12345" not in refused.stderr


def test_only_the_line_end_is_taken_off_a_password(monkeypatch, add_user, run):
    seen = []
    monkeypatch.setattr("watchword.cli.users.SignUp", lambda **form: seen.append(form["password"]) or 1 / 0)
    run("users", "add", "ada", "--password-stdin", stdin=" spaces stay \r\nsecond line\n", expect=1)
    assert seen == [" spaces stay "]


def test_an_empty_standard_input_is_misuse(run):
    assert "no password" in run("users", "add", "ada", "--password-stdin", stdin="", expect=2).stderr


def test_without_a_terminal_the_password_needs_standard_input(run):
    assert "--password-stdin" in run("users", "add", "ada", stdin=PASSWORD, expect=2).stderr


def test_a_terminal_is_asked_twice_and_shows_nothing(monkeypatch):
    asked = []

    def prompt(text, **options):
        asked.append((text, options))
        return PASSWORD

    monkeypatch.setattr(passwords.sys, "stdin", Terminal())
    monkeypatch.setattr(passwords.typer, "prompt", prompt)
    assert passwords.read_password(from_stdin=False) == PASSWORD
    assert asked == [("Password", {"hide_input": True, "confirmation_prompt": "The same again"})]


def test_there_is_no_option_that_takes_a_password(run):
    refused = run("users", "add", "ada", "--password", PASSWORD, expect=2)
    assert "No such option" in refused.stderr


@pytest.mark.parametrize("by", ["id", "username", "email"])
def test_a_user_is_disabled_and_enabled_by_id_name_or_email(add_user, run, run_json, by):
    user = add_user("ada", "--email", "ada@example.test")
    assert run("users", "disable", user[by]).stdout == "ada is disabled; every session has ended.\n"
    assert [found["disabled"] for found in run_json("users", "list")] == [True]
    assert run("users", "enable", user[by]).stdout == "ada is enabled.\n"
    assert [found["disabled"] for found in run_json("users", "list")] == [False]


@pytest.mark.parametrize("by", ["id", "username", "email"])
def test_a_lost_password_is_replaced_by_one_that_keeps_the_policy(add_user, run, by):
    user = add_user("ada", "--email", "ada@example.test")
    replaced = run("users", "set-password", user[by], "--password-stdin", stdin="another fake lantern\n")
    assert replaced.stdout == "ada has a new password; every session has ended.\n"
    refused = run("users", "set-password", user[by], "--password-stdin", stdin="12345\n", expect=1)
    assert "12345" not in refused.stderr
    assert "no password" in run("users", "set-password", user[by], "--password-stdin", stdin="", expect=2).stderr


def test_nobody_gets_a_password_who_is_not_there(run):
    refused = run("users", "set-password", "nobody", "--password-stdin", stdin=PASSWORD, expect=1)
    assert "no such user" in refused.stderr


@pytest.mark.parametrize("command", ["disable", "enable", "delete"])
def test_a_user_that_does_not_exist_is_refused(run, command):
    options = ["--yes"] if command == "delete" else []
    refused = run("users", command, "nobody", *options, expect=1)
    assert "no such user" in refused.stderr


def test_deleting_needs_a_yes_and_then_deletes(add_user, run, run_json):
    add_user("ada")
    assert "--yes" in run("users", "delete", "ada", expect=2).stderr
    assert len(run_json("users", "list")) == 1
    assert run("users", "delete", "ada", "--yes").stdout == "ada is deleted.\n"
    assert run_json("users", "list") == []


def test_invitations_are_secrets_of_their_own(run, run_json):
    first, second = run_json("users", "invite", "--role", "admin"), run_json("users", "invite")
    assert first["invite"].startswith("wwiv_")
    assert first != second
    assert "no such role" in run("users", "invite", "--role", "nothing", expect=1).stderr


def test_nobody_is_invited_where_sign_up_is_closed(run, monkeypatch):
    monkeypatch.setenv("WATCHWORD_SIGNUP", "closed")
    assert "WATCHWORD_SIGNUP is closed" in run("users", "invite", expect=2).stderr
    monkeypatch.setenv("WATCHWORD_SIGNUP", "invite")
    assert "wwiv_" in run("users", "invite").stdout


def test_a_name_that_would_drive_a_terminal_is_printed_as_text(run):
    refused = run("users", "disable", "\x1b[2Jnobody", expect=1)
    assert "\x1b" not in refused.stderr
