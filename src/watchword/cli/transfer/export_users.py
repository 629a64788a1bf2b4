"""`watchword users export`: every account as JSON Lines, which `users import` takes back."""

import json
import sys
from pathlib import Path
from typing import Annotated, BinaryIO

import typer

from watchword.cli.opened import with_context
from watchword.cli.transfer.private_files import new_private_file
from watchword.cli.transfer.progress import progress_bar
from watchword.flows.context import Context
from watchword.flows.exports import export_users as read_users

Target = Annotated[
    Path | None,
    typer.Argument(metavar="FILE", help="A new file, for its owner alone; left out, standard output."),
]
WithHashes = Annotated[
    bool,
    typer.Option("--with-password-hashes", help="Write the password hashes too. Who has them can guess passwords."),
]
EVERY = 1000


def export_users(file: Target = None, with_password_hashes: WithHashes = False) -> None:
    """Write every account as JSON Lines: no secrets, and password hashes only where you ask for them."""
    if file is None:
        count = with_context(lambda ctx: _write(ctx, sys.stdout.buffer, hashes=with_password_hashes))
        sys.stdout.flush()
    else:
        with new_private_file(file) as target:
            count = with_context(lambda ctx: _write(ctx, target, hashes=with_password_hashes))
    typer.echo(f"{count} accounts were written.", err=True)


async def _write(ctx: Context, target: BinaryIO, *, hashes: bool) -> int:
    count = 0
    with progress_bar("Exporting", total=None) as advance:
        async for row in read_users(ctx, password_hashes=hashes):
            target.write(json.dumps(row).encode() + b"\n")
            count += 1
            if count % EVERY == 0:
                advance(count, count)
    target.flush()
    return count
