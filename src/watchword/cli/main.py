"""The entry point of the `watchword` command; says what to install where the extra is missing."""

import sys

EXTRA = frozenset({"rich", "typer"})


def run() -> None:
    """Run the command with the arguments of this process, and exit with its code."""
    try:
        from watchword.cli.commands import app
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in EXTRA:
            raise
        sys.exit("The command needs an extra: pip install 'watchword[cli]', or 'watchword[server]' to serve.")
    app()
