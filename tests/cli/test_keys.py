"""`watchword keys` on a SQLite file."""


def states(run_json):
    return [key["state"] for key in run_json("keys", "list")]


def test_the_first_command_makes_the_first_key(run_json):
    keys = run_json("keys", "list")
    assert [(key["algorithm"], key["state"], key["generation"]) for key in keys] == [("ES256", "current", 1)]


def test_a_rotated_key_waits_and_a_second_rotation_is_refused(run, run_json):
    made = run_json("keys", "rotate")
    assert states(run_json) == ["current", "next"]
    assert run_json("keys", "list")[1]["kid"] == made["kid"]
    assert run("keys", "rotate", expect=1).stderr.count("\n") == 1
    assert states(run_json) == ["current", "next"]


def test_rotating_now_retires_the_old_key(run_json):
    run_json("keys", "rotate", "--now")
    assert states(run_json) == ["retired", "current"]


def test_a_revoked_key_is_shown_as_such_and_never_the_last_one_signing(run, run_json):
    kid = run_json("keys", "list")[0]["kid"]
    assert run("keys", "revoke", kid).stdout == "The key is revoked.\n"
    assert states(run_json) == ["revoked", "current"]


def test_an_unknown_key_is_refused(run):
    assert run("keys", "revoke", "nonsense", expect=1).stderr != ""


def test_the_algorithm_of_new_keys_is_a_setting(run_json, monkeypatch):
    run_json("keys", "list")
    monkeypatch.setenv("WATCHWORD_SIGNING_ALGORITHM", "EdDSA")
    assert run_json("keys", "rotate", "--now")["algorithm"] == "EdDSA"


def test_no_private_key_is_printed(run):
    assert "sealed" not in run("keys", "list", "--json").stdout


def test_the_key_of_id_tokens_rotates_by_its_algorithm(run, run_json, monkeypatch):
    assert "no key of RS256" in run("keys", "rotate", "--algorithm", "RS256", expect=1).stderr
    monkeypatch.setenv("WATCHWORD_SIGNING_ALGORITHM", "RS256")
    run_json("keys", "rotate", "--now")
    monkeypatch.setenv("WATCHWORD_SIGNING_ALGORITHM", "ES256")
    made = run_json("keys", "rotate", "--algorithm", "RS256")
    assert made["algorithm"] == "RS256"
    assert made["kid"] in {key["kid"] for key in run_json("keys", "list") if key["state"] == "next"}
