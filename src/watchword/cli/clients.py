"""`watchword clients`: register applications, machines and services, give them new secrets, disable and delete them."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from typing import Annotated, Any

import typer

from watchword.cli.client_options import (
    BackChannel,
    FirstParty,
    FrontChannel,
    Grants,
    Introspect,
    LogoutRedirects,
    Origins,
    Public,
    Redirects,
    Scopes,
    Serves,
)
from watchword.cli.opened import with_context
from watchword.cli.output import Json, printable, say, show, show_one, timestamp
from watchword.cli.refusals import SentenceGroup, confirm
from watchword.core.account_errors import InvalidInput
from watchword.core.models.grants import Client
from watchword.flows import clients
from watchword.flows.context import Context
from watchword.flows.declared_clients import register_declared
from watchword.flows.initial_tokens import new_initial_access_token

app = typer.Typer(
    cls=SentenceGroup, no_args_is_help=True, help="Register applications, machines and services, and their secrets."
)

ClientId = Annotated[str, typer.Argument(metavar="CLIENT", help="The id of the client.")]
PAGE = 200
MACHINE_GRANTS = ["client_credentials"]
CODE_GRANTS = ["authorization_code", "refresh_token"]


@app.command("add")
def add(
    name: Annotated[str, typer.Argument(metavar="NAME", help="What people call it.")],
    *,
    redirect_uri: Redirects = None,
    post_logout_redirect_uri: LogoutRedirects = None,
    backchannel_logout_uri: BackChannel = None,
    frontchannel_logout_uri: FrontChannel = None,
    grant: Grants = None,
    scope: Scopes = None,
    origin: Origins = None,
    public: Public = False,
    first_party: FirstParty = False,
    introspect: Introspect = False,
    serves: Serves = None,
    as_json: Json = False,
) -> None:
    """Register a client and print its id and its secret, which is shown this once."""
    document = {
        "client_name": name,
        "redirect_uris": redirect_uri or [],
        "post_logout_redirect_uris": post_logout_redirect_uri or [],
        "backchannel_logout_uri": backchannel_logout_uri,
        "frontchannel_logout_uri": frontchannel_logout_uri,
        "grant_types": grant or (CODE_GRANTS if redirect_uri else MACHINE_GRANTS),
        **({"token_endpoint_auth_method": "none"} if public else {}),
        **_scope_member(scope or (), everything=bool(redirect_uri)),
    }
    operators = {"first_party": first_party, "introspect": introspect, "origins": origin, "serves": serves}
    client, secret = with_context(lambda ctx: register_declared(ctx, {**document, **operators}))
    show_one({**_row(client), "secret": secret or None}, as_json=as_json)


def _scope_member(scopes: Sequence[str], *, everything: bool) -> dict[str, str]:
    """Return the member `scope`: an application that names none may have all, a machine none."""
    if any(" " in scope for scope in scopes):
        raise InvalidInput("A scope is a word without spaces; give --scope several times.")
    return {} if everything and not scopes else {"scope": " ".join(scopes)}


@app.command("list")
def list_clients(as_json: Json = False) -> None:
    """List every client by age."""
    columns = ("id", "name", "grants", "scopes", "disabled", "created_at")
    show([_row(client) for client in with_context(_all_clients)], columns, as_json=as_json)


@app.command("show")
def show_client(client: ClientId, as_json: Json = False) -> None:
    """Show a client, without its secrets, which are stored as hashes only."""
    show_one(_row(with_context(lambda ctx: clients.get_client(ctx, client))), as_json=as_json)


@app.command("rotate-secret")
def rotate_secret(
    client: ClientId,
    now: Annotated[
        bool, typer.Option("--now", help="Refuse the old secrets and every token of the client at once.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Print a new secret for a client. The one before works until the next rotation."""
    secret = with_context(lambda ctx: clients.rotate_secret(ctx, client, immediately=now))
    show_one({"id": client, "secret": secret}, as_json=as_json)


@app.command("invite")
def invite(
    hours: Annotated[int, typer.Option("--hours", min=1, max=8760, help="How long it works.")] = 24,
    as_json: Json = False,
) -> None:
    """Print an initial access token, with which applications may register themselves."""

    async def work(ctx: Context) -> str:
        return new_initial_access_token(ctx, ttl=timedelta(hours=hours))

    show_one({"initial_access_token": with_context(work), "hours": hours}, as_json=as_json)


@app.command("verify")
def verify(client: ClientId) -> None:
    """Vouch for a client that registered itself: people are asked once for consent then, not each time."""
    say(f"{_changed(client, clients.verify_client)} is verified.")


@app.command("disable")
def disable(client: ClientId) -> None:
    """Disable a client: it gets no more tokens, and those it has are refused."""
    say(f"{_changed(client, clients.disable_client)} is disabled.")


@app.command("enable")
def enable(client: ClientId) -> None:
    """Enable a client again. Old tokens stay refused."""
    say(f"{_changed(client, clients.enable_client)} is enabled.")


@app.command("delete")
def delete(client: ClientId, yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False) -> None:
    """Delete a client for ever; its tokens are refused."""
    if not yes:
        confirm(f"Delete {printable(client)} for ever?")
    say(f"{_changed(client, clients.delete_client)} is deleted.")


async def _all_clients(ctx: Context) -> list[Client]:
    found: list[Client] = []
    while page := await clients.list_clients(ctx, limit=PAGE, after=found[-1].id if found else None):
        found += page
    return found


def _changed(client: str, change: Callable[[Context, str], Awaitable[Client]]) -> str:
    return printable(with_context(lambda ctx: change(ctx, client)).name)


def _row(client: Client) -> dict[str, Any]:
    return {
        "id": client.id,
        "name": client.name,
        "grants": sorted(client.grants),
        "scopes": None if client.scopes is None else sorted(client.scopes),
        "introspect": client.may_introspect,
        "serves": list(client.metadata.serves),
        "redirect_uris": list(client.metadata.redirect_uris),
        "post_logout_redirect_uris": list(client.metadata.post_logout_redirect_uris),
        "backchannel_logout_uri": client.metadata.backchannel_logout_uri,
        "frontchannel_logout_uri": client.metadata.frontchannel_logout_uri,
        "origins": list(client.metadata.origins),
        "public": not client.confidential,
        "first_party": client.first_party,
        "registered_itself": client.dynamic,
        "secrets": len(client.secret_hashes),
        "disabled": client.disabled,
        "created_at": timestamp(client.created_at),
    }
