"""`watchword clients` on a SQLite file."""

import asyncio

import pytest

from watchword.cli.opened import opened
from watchword.core.errors import InvalidClient, InvalidToken
from watchword.flows.exchange import TokenRequest
from watchword.flows.initial_tokens import check_initial_access_token
from watchword.flows.token import issue_token
from watchword.settings import Settings


def token_for(client_id, secret):
    async def issue():
        async with opened(Settings()) as ctx:
            form = {"grant_type": "client_credentials"}
            return await issue_token(ctx, TokenRequest(form=form, basic=(client_id, secret)))

    return asyncio.run(issue())


@pytest.fixture
def add_client(run_json):
    def add_client(*options):
        return run_json("clients", "add", "billing", *options)

    return add_client


def test_a_client_is_made_with_a_secret_that_works(add_client):
    made = add_client("--scope", "admin", "--scope", "items:read")
    assert made["secret"].startswith("wwcs_")
    assert len(made.pop("created_at")) == len("2030-01-01T00:00:00.000Z")
    assert token_for(made.pop("id"), made.pop("secret")).scope == "admin"
    assert made == {
        "name": "billing",
        "grants": ["client_credentials"],
        "scopes": ["admin", "items:read"],
        "introspect": False,
        "serves": [],
        "secrets": 1,
        "disabled": False,
        "redirect_uris": [],
        "post_logout_redirect_uris": [],
        "backchannel_logout_uri": None,
        "frontchannel_logout_uri": None,
        "origins": [],
        "public": False,
        "first_party": False,
        "registered_itself": False,
    }


def test_an_application_is_registered_with_its_addresses(add_client):
    made = add_client(
        "--redirect-uri", "https://app.example/cb", "--post-logout-redirect-uri", "https://app.example/bye", "--public"
    )
    assert made["grants"] == ["authorization_code", "refresh_token"]
    assert made["redirect_uris"] == ["https://app.example/cb"]
    assert made["post_logout_redirect_uris"] == ["https://app.example/bye"]
    assert made["origins"] == ["https://app.example"]
    assert (made["public"], made["secret"], made["scopes"]) == (True, None, None)


def test_an_application_says_where_it_hears_of_logouts(add_client, run):
    back, front = "https://app.example/ended", "https://app.example/ended-frame"
    callback = ("--redirect-uri", "https://app.example/cb")
    made = add_client(*callback, "--backchannel-logout-uri", back, "--frontchannel-logout-uri", front)
    assert (made["backchannel_logout_uri"], made["frontchannel_logout_uri"]) == (back, front)
    stranger = ("--frontchannel-logout-uri", "https://other.example/ended")
    assert "frontchannel_logout_uri" in run("clients", "add", "billing", *callback, *stranger, expect=1).stderr


@pytest.mark.parametrize("in_form", [True, False])
def test_its_secret_may_be_sent_in_header_or_form(add_client, in_form):
    made = add_client("--scope", "admin")

    async def issue():
        async with opened(Settings()) as ctx:
            form = {"grant_type": "client_credentials"}
            sent = {"client_id": made["id"], "client_secret": made["secret"]}
            basic = None if in_form else (made["id"], made["secret"])
            return await issue_token(ctx, TokenRequest(form={**form, **(sent if in_form else {})}, basic=basic))

    assert asyncio.run(issue()).scope == "admin"


def test_a_first_party_client_may_take_passwords(add_client):
    made = add_client("--first-party", "--grant", "password", "--grant", "refresh_token")
    assert (made["first_party"], made["grants"]) == (True, ["password", "refresh_token"])


@pytest.mark.parametrize("uri", ["http://app.example/cb", "https://app.example/cb#x", "https://*.example/", "x"])
def test_an_unsafe_redirect_uri_is_refused(run, uri):
    assert "cannot be registered" in run("clients", "add", "shop", "--redirect-uri", uri, expect=1).stderr


def test_a_secret_is_shown_once(add_client, run, run_json):
    made = add_client()
    shown = {name: value for name, value in made.items() if name != "secret"}
    assert run_json("clients", "show", made["id"]) == shown
    assert run_json("clients", "list") == [shown]
    assert made["secret"] not in run("clients", "list").stdout


def test_a_client_is_printed_for_people(run):
    lines = run("clients", "add", "Billing service", "--introspect").stdout.splitlines()
    assert [line.partition(": ")[0] for line in lines][:3] == ["id", "name", "grants"]
    assert {"name: Billing service", "introspect: yes", "scopes: -"} <= set(lines)


def test_a_resource_server_says_which_resources_it_is(add_client, run):
    uris = ["https://api.example/items", "https://api.example/orders"]
    assert add_client("--serves", uris[0], "--serves", uris[1])["serves"] == uris
    refused = run("clients", "add", "Items", "--serves", "items", expect=1)
    assert "cannot be registered" in refused.stderr


def test_clients_are_listed_by_age(run, run_json):
    for name in ("one", "two", "three"):
        run("clients", "add", name)
    assert [client["name"] for client in run_json("clients", "list")] == ["one", "two", "three"]


def test_a_new_secret_works_beside_the_old_one(add_client, run_json):
    made = add_client()
    rotated = run_json("clients", "rotate-secret", made["id"])
    assert sorted(rotated) == ["id", "secret"]
    assert token_for(made["id"], made["secret"]).expires_in == 600
    assert token_for(made["id"], rotated["secret"]).expires_in == 600
    assert run_json("clients", "show", made["id"])["secrets"] == 2


def test_a_new_secret_replaces_a_leaked_one_at_once(add_client, run_json):
    made = add_client()
    rotated = run_json("clients", "rotate-secret", made["id"], "--now")
    with pytest.raises(InvalidClient):
        token_for(made["id"], made["secret"])
    assert token_for(made["id"], rotated["secret"]).expires_in == 600


def test_a_client_is_disabled_and_enabled(add_client, run, run_json):
    made = add_client()
    assert run("clients", "disable", made["id"]).stdout == "billing is disabled.\n"
    with pytest.raises(InvalidClient):
        token_for(made["id"], made["secret"])
    assert run_json("clients", "show", made["id"])["disabled"] is True
    assert run("clients", "enable", made["id"]).stdout == "billing is enabled.\n"
    assert token_for(made["id"], made["secret"]).expires_in == 600


def test_a_client_is_deleted_when_one_means_it(add_client, run, run_json):
    made = add_client()
    assert "--yes" in run("clients", "delete", made["id"], expect=2).stderr
    assert len(run_json("clients", "list")) == 1
    assert run("clients", "delete", made["id"], "--yes").stdout == "billing is deleted.\n"
    assert run_json("clients", "list") == []


@pytest.mark.parametrize("verb", ["show", "rotate-secret", "disable", "enable", "verify"])
def test_a_client_that_does_not_exist_is_refused(run, verb):
    assert run("clients", verb, "nobody", expect=1).stderr.count("\n") == 1


@pytest.mark.parametrize("options", [["--grant", "password"], ["--grant", ""], ["--scope", "a b"]])
def test_what_cannot_be_registered_is_refused_in_a_sentence(run, run_json, options):
    assert run("clients", "add", "billing", *options, expect=1).stderr.count("\n") == 1
    assert run_json("clients", "list") == []


def test_an_application_may_register_itself_with_an_invitation(run_json):
    made = run_json("clients", "invite", "--hours", "2")

    async def check(text):
        async with opened(Settings()) as ctx:
            check_initial_access_token(ctx, text)

    assert made["hours"] == 2
    asyncio.run(check(made["initial_access_token"]))
    with pytest.raises(InvalidToken):
        asyncio.run(check(made["initial_access_token"][::-1]))


def test_a_client_can_be_vouched_for(add_client, run):
    assert run("clients", "verify", add_client()["id"]).stdout == "billing is verified.\n"
