"""What a server says when it starts: where it is, and how the first administrator comes to be."""

import json
import os
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.text import Text

from watchword.server.first_admin import FirstAdmin
from watchword.settings import Settings


def command_name() -> str:
    """Return the command as it can be typed here: its path, where it is not on the search path."""
    called = Path(sys.argv[0])
    if called.name != "watchword" or shutil.which("watchword") is not None:
        return "watchword"
    return os.path.relpath(called) if called.is_relative_to(Path.cwd()) else str(called)


@dataclass(frozen=True, slots=True)
class Welcome:
    """The lines of one start.

    Args:
        settings: those of the server.
        listening: host and port that it listens on.
        admin: whether an administrator is missing, and how one may sign up.
    """

    settings: Settings
    listening: str
    admin: FirstAdmin

    def show(self, console: Console) -> None:
        """Print the lines; long ones are not broken, so that they can be copied."""
        issuer = self.settings.issuer
        console.print(Text.assemble(("Watchword", "bold"), f" on {issuer} (listening on {self.listening})"))
        if self.settings.show_docs:
            console.print(Text(f"Documentation: {issuer}/docs"))
        if self.admin.missing:
            console.print(Text("\nThere is no administrator yet. In the directory of the server:\n"))
            console.print(Text(f"  {command_name()} users add NAME --role admin\n"))
        if self.admin.invite is not None:
            console.print(Text(self._invitation(self.admin.invite)))
        console.print(Text("Ctrl-C stops it."))

    def _invitation(self, secret: str) -> str:
        body = json.dumps({"username": "admin", "password": "", "invite": secret})
        return (
            "or with a password put in here, once, within a day:\n\n"
            f"curl -X POST {self.settings.issuer}{self.settings.prefix}/signup "
            "-H 'Content-Type: application/json' -d @- <<'END'\n"
            f"{body}\nEND\n"
        )
