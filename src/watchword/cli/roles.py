"""`watchword roles`: what roles there are, what they permit, and who holds them."""

from typing import Annotated, Any

import typer

from watchword.cli.opened import with_context
from watchword.cli.output import Json, printable, say, show, show_one
from watchword.cli.refusals import SentenceGroup
from watchword.cli.users import Who
from watchword.core.models.identity import Role
from watchword.flows import admin
from watchword.flows.context import Context

app = typer.Typer(cls=SentenceGroup, no_args_is_help=True, help="Make roles and give them to people.")

Name = Annotated[str, typer.Argument(metavar="ROLE", help="The name of the role.")]
Permissions = Annotated[list[str] | None, typer.Option("--permission", help="What it permits; may be repeated.")]
Description = Annotated[str, typer.Option(help="What the role is for.")]


@app.command("list")
def list_roles(as_json: Json = False) -> None:
    """List the roles with their permissions."""
    roles = with_context(admin.list_roles)
    show([_row(role) for role in roles], ("name", "permissions", "description"), as_json=as_json)


@app.command("add")
def add(name: Name, permission: Permissions = None, description: Description = "", as_json: Json = False) -> None:
    """Make a role, or replace its permissions. The role `admin` always permits `admin`."""
    role = Role(name=name, permissions=frozenset(permission or ()), description=description)
    show_one(_row(with_context(lambda ctx: admin.put_role(ctx, role))), as_json=as_json)


@app.command("delete")
def delete(name: Name) -> None:
    """Delete a role and take it from everyone."""
    with_context(lambda ctx: admin.delete_role(ctx, name))
    say(f"The role {printable(name)} is deleted.")


@app.command("grant")
def grant(name: Name, user: Who) -> None:
    """Give a role to a person. Their access tokens must be refreshed; their sessions go on."""
    username = with_context(lambda ctx: _assign(ctx, name, user, admin.grant_role))
    say(f"{printable(username)} has the role {printable(name)}.")


@app.command("withdraw")
def withdraw(name: Name, user: Who) -> None:
    """Take a role from a person. Their access tokens must be refreshed; their sessions go on."""
    username = with_context(lambda ctx: _assign(ctx, name, user, admin.withdraw_role))
    say(f"{printable(username)} does not have the role {printable(name)}.")


async def _assign(ctx: Context, role: str, who: str, change: Any) -> str:  # noqa: ANN401
    user = await admin.get_user(ctx, who)
    await change(ctx, user.id, role)
    return user.username


def _row(role: Role) -> dict[str, Any]:
    return {"name": role.name, "permissions": sorted(role.permissions), "description": role.description}
