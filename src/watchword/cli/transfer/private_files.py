"""Files for their owner alone (mode 0600): what is in them is worth stealing."""

import os
from pathlib import Path
from typing import BinaryIO

from watchword.cli.refusals import fail


def new_private_file(path: Path) -> BinaryIO:
    """Make a file that must not exist yet. Exits with a sentence where it does, or cannot be made."""
    return _open(path, os.O_EXCL)


def private_file(path: Path, *, keep: bool) -> BinaryIO:
    """Open a file, made if need be, to write over it or behind what it holds."""
    return _open(path, os.O_APPEND if keep else os.O_TRUNC)


def _open(path: Path, how: int) -> BinaryIO:
    try:
        file = os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | how, 0o600), "wb")
        if hasattr(os, "fchmod"):
            os.fchmod(file.fileno(), 0o600)
    except FileExistsError:
        fail(f"{path} exists already; nothing was written.")
    except OSError as error:
        fail(f"{path} cannot be written: {error.strerror}.")
    return file
