"""`watchword migrate`: bring the schema of the database to this version."""

import asyncio
from typing import Annotated

import typer

from watchword.cli.output import say, working
from watchword.cli.refusals import fail
from watchword.core.errors import ConfigError
from watchword.settings import Settings
from watchword.stores.open import open_stores

Check = Annotated[bool, typer.Option("--check", help="Change nothing; exit 1 unless the schema is of this version.")]


def migrate(check: Check = False) -> None:
    """Bring the database's schema to this version; safe to repeat, and to run from several machines at once."""
    url = Settings().to_config().database_url
    try:
        with working("Checking the schema" if check else "Migrating"):
            changed = asyncio.run(_migrate(url, check=check))
    except ConfigError as error:
        fail(str(error))
    say("The schema was made or brought to this version." if changed else "The schema is of this version.")


async def _migrate(url: str, *, check: bool) -> bool:
    """Return whether the schema was changed."""
    stores = open_stores(url)
    try:
        await stores.check_schema()
    except ConfigError:
        if check:
            raise
        await stores.migrate()
        return True
    else:
        return False
    finally:
        await stores.close()
