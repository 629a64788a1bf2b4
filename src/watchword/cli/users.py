"""`watchword users`: make, list, disable, enable and delete accounts, invite people, import and export."""

from functools import partial
from typing import Annotated, Any

import typer

from watchword.cli.opened import with_context
from watchword.cli.output import Json, printable, say, show, show_one, timestamp
from watchword.cli.passwords import read_password
from watchword.cli.refusals import SentenceGroup, confirm
from watchword.cli.transfer.export_users import export_users
from watchword.cli.transfer.import_users import import_users
from watchword.core.errors import ConfigError
from watchword.core.models.identity import User
from watchword.flows import admin
from watchword.flows.context import Context
from watchword.flows.lost_password import replace_password
from watchword.flows.signup import SignUp

app = typer.Typer(cls=SentenceGroup, no_args_is_help=True, help="Make, list, disable and delete accounts.")

Who = Annotated[str, typer.Argument(metavar="USER", help="A user name, an e-mail address or an id.")]
RoleNames = Annotated[list[str] | None, typer.Option("--role", help="A role to give; may be repeated.")]
PasswordStdin = Annotated[
    bool, typer.Option("--password-stdin", help="Read the password from the first line of standard input.")
]
PAGE = 200

app.command("import")(import_users)
app.command("export")(export_users)


@app.command("add")
def add(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The user name.")],
    email: Annotated[str | None, typer.Option(help="The e-mail address.")] = None,
    role: RoleNames = None,
    password_stdin: PasswordStdin = False,
    as_json: Json = False,
) -> None:
    """Make an account, whatever the sign-up setting is. Asks for the password twice on a terminal."""
    form = SignUp(username=name, password=read_password(from_stdin=password_stdin), email=email)
    user = with_context(lambda ctx: admin.add_user(ctx, form, tuple(role or ())))
    show_one(_row(user), as_json=as_json)


@app.command("list")
def list_users(as_json: Json = False) -> None:
    """List every account by age."""
    users = with_context(_all_users)
    columns = ("id", "username", "email", "roles", "disabled", "created_at")
    show([_row(user) for user in users], columns, as_json=as_json)


@app.command("disable")
def disable(user: Who) -> None:
    """Disable an account: its sessions end, its tokens are refused, and nobody can log in to it."""
    found = with_context(lambda ctx: _change(ctx, user, admin.disable_user), ends_sessions=True)
    say(f"{printable(found.username)} is disabled; every session has ended.")


@app.command("enable")
def enable(user: Who) -> None:
    """Enable an account again. Old tokens stay refused."""
    found = with_context(lambda ctx: _change(ctx, user, admin.enable_user))
    say(f"{printable(found.username)} is enabled.")


@app.command("set-password")
def set_password(user: Who, password_stdin: PasswordStdin = False) -> None:
    """Set a new password for somebody who has lost theirs, and end every session. Asks for it twice on a terminal."""
    new = read_password(from_stdin=password_stdin)
    found = with_context(lambda ctx: _change(ctx, user, partial(replace_password, new=new)), ends_sessions=True)
    say(f"{printable(found.username)} has a new password; every session has ended.")


@app.command("delete")
def delete(user: Who, yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False) -> None:
    """Delete an account for ever, with its sessions."""
    if not yes:
        confirm(f"Delete {printable(user)} for ever?")
    found = with_context(lambda ctx: _change(ctx, user, admin.remove_user), ends_sessions=True)
    say(f"{printable(found.username)} is deleted.")


@app.command("invite")
def invite(role: RoleNames = None, as_json: Json = False) -> None:
    """Print the secret of a new invitation, which signs one person up. It is shown this once."""
    secret = with_context(lambda ctx: _invite(ctx, tuple(role or ())))
    show_one({"invite": secret}, as_json=as_json)


async def _invite(ctx: Context, roles: tuple[str, ...]) -> str:
    if ctx.config.signup == "closed":
        raise ConfigError("WATCHWORD_SIGNUP is closed, so nobody could use an invitation; set it to invite.")
    return await admin.new_invite(ctx, roles)


async def _all_users(ctx: Context) -> list[User]:
    users: list[User] = []
    while page := await admin.list_users(ctx, limit=PAGE, after=users[-1].id if users else None):
        users += page
    return users


async def _change(ctx: Context, who: str, change: Any) -> User:  # noqa: ANN401
    user = await admin.get_user(ctx, who)
    await change(ctx, user.id)
    return user


def _row(user: User) -> dict[str, Any]:
    return {
        "id": user.id,
        "username": user.username,
        "email": user.email,
        "roles": list(user.roles),
        "disabled": user.disabled,
        "created_at": timestamp(user.created_at),
    }
