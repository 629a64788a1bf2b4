"""Certification as the documentation says, in an empty directory: the person, the clients, the configuration."""

import json

import pytest
from tests.docs.pages import blocks

from watchword.core.oauth.user_claims import STANDARD_CLAIMS

OF_THE_ACCOUNT = {"preferred_username", "updated_at", "phone_number_verified", "email", "email_verified"}
CLIENTS = {"certification", "certification-2", "certification-post"}
LOGOUT_CLIENTS = {"certification-backchannel", "certification-frontchannel"}


@pytest.fixture
def documented(place):
    """The files of the page, in the empty directory: what stands in its blocks, by language."""
    found = {}
    for language, name in (("json", "people.jsonl"), ("toml", "clients.toml"), ("python", "plan.py")):
        [found[name]] = [block.code for block in blocks(language) if block.page.name == "conformance.md"]
        (place / name).write_text(found[name], encoding="utf-8")
    return found


def test_the_documented_person_has_every_standard_claim(run, documented):
    run("migrate")
    run("users", "import", "people.jsonl", "--hash-passwords")
    account = json.loads(run("users", "export").stdout)
    assert account["profile"].keys() | OF_THE_ACCOUNT == STANDARD_CLAIMS
    assert (account["email"], account["email_verified"]) == ("ada@id.example", True)


def test_the_documented_clients_can_be_applied_and_their_secrets_stand_in_the_configuration(run_json, run, documented):
    run("migrate")
    secrets = run_json("apply", "clients.toml")["secrets"]
    assert secrets.keys() == CLIENTS | LOGOUT_CLIENTS
    names = {"__name__": "plan"}
    exec(compile(documented["plan.py"], "plan.py", "exec"), names)
    plan = names["plan"]("https://id.example", secrets)
    configured = {plan[name]["client_id"]: plan[name]["client_secret"] for name in ("client", "client2")}
    assert configured == {name: secrets[name] for name in ("certification", "certification-2")}
    assert plan["client_secret_post"]["client_secret"] == secrets["certification-post"]
    assert json.loads(json.dumps(plan)) == plan
    clients = {client["id"]: client for client in run_json("clients", "list")}
    assert clients.keys() >= secrets.keys()
