"""One run of an import: rows in, accounts and rejections out, and a checkpoint after each batch."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO

from watchword.cli.transfer.checkpoint import Checkpoint, digest_of
from watchword.cli.transfer.progress import progress_bar
from watchword.cli.transfer.rejections import Rejections
from watchword.cli.transfer.rows import BadFile, Row
from watchword.cli.transfer.sources import Source, open_source
from watchword.core.accounts.imports.acceptance import ImportRules
from watchword.core.accounts.imports.account import BadRow
from watchword.core.accounts.imports.formats import Format
from watchword.flows.context import Context
from watchword.flows.imports import NumberedAccount, UserImport

BATCH = 1000
"""Rows between two checkpoints, and accounts in one round trip."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of it. `broken` says why the file could not be read to its end, else it is empty."""

    summary: Mapping[str, Any]
    rejected: int
    rejections: Path
    broken: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportJob:
    """A file and what to do with it. `chosen` is a name in `formats`, or `auto`."""

    path: Path
    chosen: str
    formats: Mapping[str, Format] = field(repr=False)
    rules: ImportRules
    resume: bool = False

    async def run(self, ctx: Context) -> Outcome:
        """Import the file.

        Raises:
            BadFile: nothing of it could be read.
            StoreUnavailable: what was stored is stored; go on with `resume`.
        """
        with self.path.open("rb") as file:
            checkpoint = Checkpoint(self.path, digest_of(file))
            done = checkpoint.load() if self.resume else 0
            source = open_source(file, self.path.name, chosen=self.chosen)
            rejections = Rejections(self.path, source.counts, keep=self.resume)
            work = UserImport(ctx, self.rules, rejections.add)
            try:
                broken = await self._read(file, source, work, _After(done, checkpoint, rejections))
            finally:
                rejections.close()
        if not broken and not work.stopped and not self.rules.dry_run:
            checkpoint.clear()
        work.finish(source.format)
        summary, rejected = _summary(work, source.format), work.tally.rejected
        return Outcome(summary=summary, rejected=rejected, rejections=rejections.path, broken=broken)

    async def _read(self, file: BinaryIO, source: Source, work: UserImport, after: "_After") -> str:
        """Return why the file could not be read to its end, or nothing."""
        rows = _Rows(source.rows, after.row)
        count = 0
        with progress_bar("Importing", total=self.path.stat().st_size) as advance:
            while not work.stopped and (batch := list(islice(rows, BATCH))):
                await work.take(list(self._accounts(batch, source.format, work)))
                after.note(batch[-1].number, dry_run=self.rules.dry_run)
                count += len(batch)
                advance(file.tell(), count)
        return rows.broken

    def _accounts(self, batch: list[Row], name: str, work: UserImport) -> Iterator[NumberedAccount]:
        for row in batch:
            if row.document is None:
                work.reject(row.number, row.problem)
                continue
            try:
                account = self.formats[name].read(row.document)
            except BadRow as refusal:
                work.reject(row.number, str(refusal))
                continue
            if account is not None:
                yield NumberedAccount(row.number, account)


class _Rows:
    """The rows behind one that is done with, up to the end or to where the file is broken."""

    def __init__(self, rows: Iterator[Row], after: int) -> None:
        self.broken = ""
        self._rows = (row for row in rows if row.number > after)

    def __iter__(self) -> Iterator[Row]:
        return self

    def __next__(self) -> Row:
        try:
            return next(self._rows)
        except BadFile as error:
            self.broken = str(error)
            raise StopIteration from None


@dataclass(frozen=True, slots=True)
class _After:
    """What follows a batch; and the row after which this run begins."""

    row: int
    checkpoint: Checkpoint
    rejections: Rejections

    def note(self, row: int, *, dry_run: bool) -> None:
        self.rejections.flush()
        if not dry_run:
            self.checkpoint.save(row)


def _summary(work: UserImport, name: str) -> dict[str, Any]:
    tally, roles = work.tally, work.roles
    return {
        "format": name,
        "added": tally.added,
        "existing": tally.existing,
        "rejected": tally.rejected,
        "without_hash": tally.without_hash,
        "administrators_left_out": roles.admins_left_out,
        "roles_made": sorted(roles.made),
    }
