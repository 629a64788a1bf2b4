"""The rows of an import that made no account, as JSON Lines beside the file. They repeat nothing of the rows."""

import json
from pathlib import Path
from typing import BinaryIO

from watchword.cli.transfer.private_files import private_file

SUFFIX = ".rejected"


class Rejections:
    """Writes to a file that is made when the first row is rejected.

    Args:
        path: of the file that is imported.
        counts: what the number of a row counts: `line` or `entry`.
        keep: whether to write behind what is there.
    """

    def __init__(self, path: Path, counts: str, *, keep: bool) -> None:
        self.path = path.with_name(path.name + SUFFIX)
        self._counts, self._keep = counts, keep
        self._file: BinaryIO | None = None
        if not keep:
            self.path.unlink(missing_ok=True)

    def add(self, row: int, reason: str) -> None:
        """Write one."""
        if self._file is None:
            self._file = private_file(self.path, keep=self._keep)
        self._file.write(json.dumps({self._counts: row, "reason": reason}).encode() + b"\n")

    def flush(self) -> None:
        """Hand everything to the system."""
        if self._file is not None:
            self._file.flush()

    def close(self) -> None:
        """Close the file, if there is one."""
        if self._file is not None:
            self._file.close()
