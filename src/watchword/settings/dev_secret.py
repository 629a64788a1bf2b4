"""The secret of a development machine: made once, at random, in `.watchword/secret`, for its owner alone."""

import os
import secrets
import stat
from pathlib import Path

from watchword.core.errors import ConfigError

DIRECTORY = Path(".watchword")
REMEDY = "set WATCHWORD_SECRET_KEY instead"


def new_secret_text() -> str:
    """Return 256 random bits as text."""
    return secrets.token_urlsafe(32)


def get_development_secret(directory: Path = DIRECTORY) -> bytes:
    """Return the secret of this directory, made at the first call; of several callers at once, all get the same.

    Raises:
        ConfigError: it cannot be made or read, is too short, or is readable by others.
    """
    path = directory / "secret"
    try:
        if not path.exists():
            _make(path)
        return _read(path)
    except OSError as error:
        raise ConfigError(f"{path} cannot be made or read ({error.strerror}); {REMEDY}.") from None


def _make(path: Path) -> None:
    """Write a whole file beside and link it into place, so that nobody ever reads half a secret."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    (path.parent / ".gitignore").write_text("*\n", encoding="utf-8")
    draft = path.with_name(f"secret.{secrets.token_hex(8)}")
    write_private(draft, new_secret_text())
    try:
        os.link(draft, path)
    except FileExistsError:
        pass  # another process was first; its secret is as good
    finally:
        draft.unlink()


def _read(path: Path) -> bytes:
    mode = path.stat().st_mode
    if os.name == "posix" and mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise ConfigError(f"{path} can be read by others; run `chmod 600 {path}`.")
    secret = path.read_bytes().strip()
    if len(secret) < 32:  # noqa: PLR2004  bytes
        raise ConfigError(f"{path} is shorter than 32 bytes; delete it, and a new one is made.")
    return secret


def write_private(path: Path, text: str, *, replace: bool = False) -> None:
    """Write a file that only its owner can read (mode 0600).

    Raises:
        FileExistsError: it exists and `replace` is off.
    """
    flags = os.O_WRONLY | os.O_CREAT | (os.O_TRUNC if replace else os.O_EXCL)
    with os.fdopen(os.open(path, flags, 0o600), "w", encoding="utf-8") as file:
        if hasattr(os, "fchmod"):
            os.fchmod(file.fileno(), 0o600)
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
