"""How far an import has come, in a small file beside the one that is imported, so that it can go on after a stop."""

import hashlib
import json
import os
from io import BufferedReader
from pathlib import Path

from watchword.cli.refusals import fail
from watchword.cli.transfer.private_files import private_file

SUFFIX = ".progress"
OTHER_FILE = "{path} belongs to another state of the file; run without --resume: what is there already is passed over."


class Checkpoint:
    """The last row that is done with.

    Args:
        path: of the file that is imported.
        digest: of its content.
    """

    def __init__(self, path: Path, digest: str) -> None:
        self._path = path.with_name(path.name + SUFFIX)
        self._digest = digest

    def load(self) -> int:
        """Return the last row that is done with, 0 if there is none. Exits where it is about another content."""
        try:
            state = json.loads(self._path.read_text(encoding="utf-8"))
            row, digest = int(state["row"]), state["digest"]
        except FileNotFoundError:
            return 0
        except (OSError, ValueError, KeyError, TypeError):
            fail(OTHER_FILE.format(path=self._path))
        if digest != self._digest:
            fail(OTHER_FILE.format(path=self._path))
        return row

    def save(self, row: int) -> None:
        """Note that this row and all before it are done with."""
        draft = self._path.with_name(self._path.name + ".new")
        with private_file(draft, keep=False) as file:
            file.write(json.dumps({"row": row, "digest": self._digest}).encode())
        os.replace(draft, self._path)

    def clear(self) -> None:
        """Forget it: all is done."""
        self._path.unlink(missing_ok=True)


def digest_of(file: BufferedReader) -> str:
    """Return the SHA-256 of a file, which is at its start again afterwards."""
    digest = hashlib.file_digest(file, "sha256").hexdigest()
    file.seek(0)
    return digest
