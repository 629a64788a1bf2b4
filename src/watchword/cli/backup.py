"""`watchword backup` and `watchword restore`: a whole database as one file, and back into any kind of database."""

import gzip
import os
import zlib
from collections.abc import Callable, Iterator
from functools import partial
from io import BufferedReader
from pathlib import Path
from typing import Annotated, BinaryIO

import typer

from watchword.cli.opened import with_context
from watchword.cli.output import printable, say, timestamp
from watchword.cli.refusals import MISUSED, fail
from watchword.cli.transfer.private_files import new_private_file
from watchword.cli.transfer.progress import Advance, progress_bar
from watchword.core.backup_archive import BROKEN, KINDS, LONGEST_LINE, ArchiveWriter, BadArchive
from watchword.flows.backup import backup_lines
from watchword.flows.context import Context
from watchword.flows.restore import restore as restore_lines

EVERY = 1000
WHY = (
    "A backup is older than what was revoked since, so a restore must make every session, refresh token, access token, "
    "invitation and signing key void. People then log in again with their passwords. Say so with --new-epoch."
)
Target = Annotated[Path, typer.Argument(metavar="FILE", help="A new file, for its owner alone.")]
Backup = Annotated[Path, typer.Argument(metavar="FILE", help="A file that `watchword backup` made.")]
NewEpoch = Annotated[
    bool,
    typer.Option("--new-epoch", help="Everything signed or granted before is void: people log in again. Required."),
]


def backup(file: Target) -> None:
    """Write accounts with their password hashes, clients and roles to a compressed file; the database may be in use."""
    writer = ArchiveWriter()
    with new_private_file(file) as target:
        try:
            with_context(lambda ctx: _write(ctx, target, writer))
        except BaseException:
            file.unlink(missing_ok=True)
            raise
    written = {kind: writer.counts[kind] for kind in KINDS}
    say(f"In the backup are {', '.join(f'{count} {kind}s' for kind, count in written.items())}.")
    say("It holds password hashes: keep it as you keep the database.")


def restore(file: Backup, new_epoch: NewEpoch = False) -> None:
    """Fill an empty, migrated database from a backup of any kind of database. Stop every process that uses it first."""
    if not new_epoch:
        fail(WHY, code=MISUSED)
    try:
        with file.open("rb") as source, progress_bar("Restoring", total=2 * file.stat().st_size) as advance:
            header = with_context(lambda ctx: restore_lines(ctx, _Lines(source, advance)))
    except BadArchive as error:
        fail(str(error))
    except OSError as error:
        fail(f"{printable(str(file))} cannot be read: {error.strerror}.")
    say(f"The backup of {timestamp(header.made_at)} is restored. Everyone must log in again.")


async def _write(ctx: Context, target: BinaryIO, writer: ArchiveWriter) -> None:
    with progress_bar("Backing up", total=None) as advance, gzip.GzipFile(fileobj=target, mode="wb", mtime=0) as packed:
        async for line in backup_lines(ctx, writer):
            packed.write(line)
            if writer.counts.total() % EVERY == 0:
                advance(writer.counts.total(), writer.counts.total())
    target.flush()
    os.fsync(target.fileno())


class _Lines:
    """The lines of an archive, from its start at each call."""

    def __init__(self, source: BufferedReader, advance: Advance) -> None:
        self._source, self._advance, self._passes = source, advance, 0

    def __call__(self) -> Iterator[bytes]:
        self._source.seek(0)
        read = self._passes * os.fstat(self._source.fileno()).st_size
        self._passes += 1
        return self._read(read)

    def _read(self, before: int) -> Iterator[bytes]:
        with gzip.GzipFile(fileobj=self._source, mode="rb") as packed:
            number = 0
            while line := _read_line(partial(packed.readline, LONGEST_LINE + 1)):
                number += 1
                if number % EVERY == 0:
                    self._advance(before + self._source.tell(), number)
                yield line


def _read_line(read: Callable[[], bytes]) -> bytes:
    try:
        return read()
    except (gzip.BadGzipFile, EOFError, zlib.error):
        raise BadArchive(BROKEN) from None
