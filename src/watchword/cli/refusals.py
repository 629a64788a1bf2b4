"""What goes wrong, as one sentence on standard error and an exit code. Never a traceback, never a secret."""

import sys
from typing import Any, NoReturn

import typer
from typer.core import TyperGroup

from watchword.cli.output import printable
from watchword.core.account_errors import AccountError
from watchword.core.errors import ConfigError, StoreUnavailable, WatchwordError

REFUSED = 1
"""The command was understood, but refused: not found, taken, not reachable, or a check failed."""
MISUSED = 2
"""The command line or the configuration must change before this can work."""


class SentenceGroup(TyperGroup):
    """A group of commands whose known errors leave as sentences."""

    def invoke(self, ctx: Any) -> Any:  # noqa: ANN401  Typer's own types here are private
        """Run the command; known errors end it with their exit code."""
        try:
            return super().invoke(ctx)
        except ConfigError as error:
            fail(str(error), code=MISUSED)
        except WatchwordError as error:
            fail(sentence_of(error))


def fail(sentence: str, *, code: int = REFUSED) -> NoReturn:
    """Print the sentence to standard error and end with the exit code."""
    typer.echo(sentence, err=True)
    raise typer.Exit(code)


def confirm(question: str) -> None:
    """Ask a person before something is gone for ever; without a terminal, end with the exit code for misuse."""
    if not sys.stdin.isatty():
        fail("There is no terminal to ask: use --yes.", code=MISUSED)
    typer.confirm(question, abort=True)


def sentence_of(error: WatchwordError) -> str:
    """Return what an operator should read: the public sentence, and what really happened."""
    sentence = error.detail if isinstance(error, AccountError) else error.description
    if isinstance(error, StoreUnavailable):
        sentence = "The database cannot be reached."
    return printable(f"{sentence.rstrip('.')} ({error.hint})." if error.hint else sentence)
