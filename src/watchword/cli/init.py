"""`watchword init`: write a commented watchword.toml, and a fresh secret into .env."""

from io import StringIO
from pathlib import Path
from typing import Annotated

import typer
from dotenv import dotenv_values

from watchword.cli.output import say
from watchword.cli.refusals import fail
from watchword.settings import Settings
from watchword.settings.dev_secret import DIRECTORY, new_secret_text, write_private
from watchword.settings.reference import default_of, describe

SECRET = "WATCHWORD_SECRET_KEY"  # noqa: S105  the name of a variable
Force = Annotated[
    bool, typer.Option("--force", help="Replace both files. The secrets of .env stay, before the new one.")
]


def init(force: Force = False) -> None:
    """Write a commented watchword.toml, and .env with a fresh secret that only you can read."""
    toml, env = Path("watchword.toml"), Path(".env")
    present = [str(path) for path in (toml, env) if path.exists()]
    if present and not force:
        fail(f"{' and '.join(present)} exists already; use --force to replace it.")
    in_use = _secrets_of(env)
    secrets = ",".join([*in_use, new_secret_text(), *([] if in_use else _secret_of_development())])
    write_private(env, f"# Secrets. Keep this file out of version control.\n{SECRET}={secrets}\n", replace=force)
    toml.write_text(toml_text(), encoding="utf-8")
    say("Wrote watchword.toml and .env.")
    if in_use:
        say(f"The new secret is the last in {SECRET}. Put it first once every process has been restarted with it.")


def _secrets_of(env: Path) -> list[str]:
    """Return the secrets that this file holds: they stay first until every process can read what the new one wrote."""
    old = dotenv_values(stream=StringIO(env.read_text(encoding="utf-8"))).get(SECRET) if env.exists() else None
    return [old] if old else []


def _secret_of_development() -> list[str]:
    """Return the secret that was made here: keys in the database are sealed under it."""
    made = DIRECTORY / "secret"
    return [made.read_text(encoding="utf-8").strip()] if made.exists() else []


SECRETS = ("secret_key", "pairwise_secret")
"""Settings that belong into `.env`, whose mode is 0600."""


def toml_text() -> str:
    """Return a file in which every setting is explained and commented out at its default."""
    head = "# Settings of Watchword. The environment (WATCHWORD_...) and .env go before this file.\n"
    settings = (
        f"\n# {describe(name)}\n# {name} = {default_of(name)}\n"
        for name in Settings.model_fields
        if name not in SECRETS
    )
    return head + "".join(settings)
