"""Reads a password from a person or a pipe. It is never an argument, which other users of the machine could see."""

import sys

import typer

from watchword.cli.refusals import MISUSED, fail

MAX_LINE = 4096
"""Characters read from a pipe; far more than any password may have."""


def read_password(*, from_stdin: bool) -> str:
    """Return the first line of standard input, or what a person types twice without it being shown.

    Exits with 2 where there is neither.
    """
    if not from_stdin:
        return _ask()
    line = sys.stdin.readline(MAX_LINE).removesuffix("\n").removesuffix("\r")
    if not line:
        fail("Standard input holds no password.", code=MISUSED)
    return line


def _ask() -> str:
    if not sys.stdin.isatty():
        fail("There is no terminal to ask for the password: use --password-stdin.", code=MISUSED)
    answer: str = typer.prompt("Password", hide_input=True, confirmation_prompt="The same again")
    return answer
