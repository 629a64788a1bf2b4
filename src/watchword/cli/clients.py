"""`watchword clients`: register machines and services, give them new secrets, disable and delete them."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any

import typer

from watchword.cli.opened import with_context
from watchword.cli.output import Json, printable, say, show, show_one, timestamp
from watchword.cli.refusals import SentenceGroup, confirm
from watchword.core.models.grants import Client
from watchword.flows import clients
from watchword.flows.context import Context

app = typer.Typer(cls=SentenceGroup, no_args_is_help=True, help="Register machines and services, and their secrets.")

ClientId = Annotated[str, typer.Argument(metavar="CLIENT", help="The id of the client.")]
Grants = Annotated[
    list[str] | None,
    typer.Option("--grant", help="A grant it may use; client_credentials by default."),
]
Scopes = Annotated[list[str] | None, typer.Option("--scope", help="A scope it may have; may be repeated.")]
PAGE = 200


@app.command("add")
def add(
    name: Annotated[str, typer.Argument(metavar="NAME", help="What people call it.")],
    grant: Grants = None,
    scope: Scopes = None,
    introspect: Annotated[
        bool, typer.Option("--introspect", help="Let it ask what any token is worth, as a resource server does.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Register a client and print its id and its secret, which is shown this once."""

    async def work(ctx: Context) -> dict[str, Any]:
        client, secret = await clients.add_client(
            ctx, name, grants=grant or clients.GRANTS, scopes=scope or (), may_introspect=introspect
        )
        return {**_row(client), "secret": secret}

    show_one(with_context(work), as_json=as_json)


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
        "secrets": len(client.secret_hashes),
        "disabled": client.disabled,
        "created_at": timestamp(client.created_at),
    }
