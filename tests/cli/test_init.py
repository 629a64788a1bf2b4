"""`watchword init` writes files that work."""

import stat
import tomllib

from watchword.cli.init import toml_text
from watchword.settings import Settings


def test_both_files_are_written_and_work(run, place):
    assert run("init").stdout == "Wrote watchword.toml and .env.\n"
    assert stat.S_IMODE((place / ".env").stat().st_mode) == 0o600
    settings = Settings(env="production", issuer="https://auth.test", argon2_memory_kib=19456, argon2_time_cost=2)
    assert len(settings.to_config().secrets) == 1


def test_every_line_of_the_file_is_a_comment_or_empty(run, place):
    run("init")
    assert {line[:1] for line in (place / "watchword.toml").read_text().splitlines()} == {"#", ""}


def test_the_file_with_every_comment_removed_holds_the_defaults():
    assignments = [line[2:] for line in toml_text().splitlines() if line.startswith("# ") and " = " in line]
    written = tomllib.loads("\n".join(assignments))
    defaults = {name: field.default for name, field in Settings.model_fields.items()}
    assert {**written, "docs": None, "secret_key": None, "pairwise_secret": None} == defaults


def test_nothing_is_overwritten_unless_forced(run, place):
    (place / "watchword.toml").write_text("# mine\n")
    assert "--force" in run("init", expect=1).stderr
    assert (place / "watchword.toml").read_text() == "# mine\n"
    assert not (place / ".env").exists()
    run("init", "--force")
    assert (place / "watchword.toml").read_text() != "# mine\n"


def test_forcing_puts_a_new_secret_behind_the_old_ones_and_says_so(run):
    assert "restarted" not in run("init").stdout
    old = Settings().to_config().secrets
    assert "Put it first once every process has been restarted" in run("init", "--force").stdout
    new = Settings().to_config().secrets
    assert (len(new), new[:1]) == (2, old)


def test_the_secret_of_development_stays_readable(run, run_json):
    before = run_json("keys", "list")
    made = Settings().to_config().secrets
    run("init")
    assert Settings().to_config().secrets[1:] == made
    assert run_json("keys", "list") == before
