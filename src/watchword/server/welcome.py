"""What a server says when it starts: where it is, and how the first administrator comes to be."""

import json
from dataclasses import dataclass

from rich.console import Console
from rich.text import Text

from watchword.settings import Settings


@dataclass(frozen=True, slots=True)
class Welcome:
    """The lines of one start.

    Args:
        settings: those of the server.
        listening: host and port that it listens on.
        invite: the secret of an invitation for the first administrator, or None.
    """

    settings: Settings
    listening: str
    invite: str | None

    def show(self, console: Console) -> None:
        """Print the lines; long ones are not broken, so that they can be copied."""
        issuer = self.settings.issuer
        console.print(Text.assemble(("Watchword", "bold"), f" on {issuer} (listening on {self.listening})"))
        if self.settings.show_docs:
            console.print(Text(f"Documentation: {issuer}/docs"))
        if self.invite is not None:
            console.print(Text(self._invitation()))
        console.print(Text("Ctrl-C stops it."))

    def _invitation(self) -> str:
        body = json.dumps({"username": "admin", "password": "", "invite": self.invite})
        signup = f"{self.settings.issuer}{self.settings.prefix}/signup"
        return (
            "\nThere is no administrator yet. Put in a password; this works once, within a day:\n\n"
            f"  curl -X POST {signup} -H 'Content-Type: application/json' \\\n"
            f"    -d '{body}'\n\n"
            "or, in the directory of the server:\n\n"
            "  watchword users add NAME --role admin\n"
        )
