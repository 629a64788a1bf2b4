"""All commands, put together: one file per noun."""

import typer

from watchword.cli import apply, backup, clients, init, keys, migrate, roles, routes, serve, tokens, users
from watchword.cli.output import Json, show_one
from watchword.cli.refusals import SentenceGroup
from watchword.version import __version__

app = typer.Typer(
    name="watchword",
    cls=SentenceGroup,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Authentication and authorization for FastAPI: serve, migrate, and administer accounts, clients and keys.",
)
app.command("init")(init.init)
app.command("serve")(serve.serve)
app.command("migrate")(migrate.migrate)
app.add_typer(users.app, name="users")
app.add_typer(roles.app, name="roles")
app.add_typer(clients.app, name="clients")
app.add_typer(keys.app, name="keys")
app.command("apply")(apply.apply)
app.command("backup")(backup.backup)
app.command("restore")(backup.restore)
app.command("routes")(routes.routes)
app.add_typer(tokens.app, name="token")


@app.command()
def version(as_json: Json = False) -> None:
    """Print the version of this package."""
    show_one({"version": __version__}, as_json=as_json)
