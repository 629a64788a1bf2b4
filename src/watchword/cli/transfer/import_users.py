"""`watchword users import`: accounts from a file, with their password hashes."""

import os
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from watchword.cli.opened import with_context
from watchword.cli.output import Json, printable, show_one
from watchword.cli.refusals import MISUSED, fail
from watchword.cli.transfer.import_job import ImportJob, Outcome
from watchword.cli.transfer.rows import BadFile
from watchword.cli.transfer.sources import AUTO
from watchword.core.accounts.imports import hashes
from watchword.core.accounts.imports.acceptance import ImportRules
from watchword.core.accounts.imports.account import BadRow
from watchword.core.accounts.imports.firebase import FirebaseHash
from watchword.core.accounts.imports.formats import FORMATS, with_parameters

SIGNER_KEY = "FIREBASE_SIGNER_KEY"
SIGNER_KEY_OCTETS = 64
FileFormat = StrEnum("FileFormat", {name.replace("-", "_"): name for name in (AUTO, *FORMATS)})  # type: ignore[misc]


class OnConflict(StrEnum):
    """What happens at an account that is there already."""

    SKIP = "skip"
    FAIL = "fail"


File = Annotated[
    Path, typer.Argument(metavar="FILE", help="The file; docs/how-to/import-users.md says how it may look.")
]
Chosen = Annotated[FileFormat, typer.Option("--format", help=f"Its format: {', '.join((AUTO, *FORMATS))}.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Store nothing; say what would happen.")]
Resume = Annotated[bool, typer.Option("--resume", help="Go on behind the last row of a run that was stopped.")]
Conflict = Annotated[OnConflict, typer.Option(help="At an account that is there already: skip it, or fail and stop.")]
MakeRoles = Annotated[bool, typer.Option("--make-roles", help="Make roles that do not exist, without permissions.")]
NoRoles = Annotated[bool, typer.Option("--no-roles", help="Leave the roles of the file out.")]
Admins = Annotated[bool, typer.Option("--admins", help="Let the file make administrators.")]
HashThem = Annotated[bool, typer.Option("--hash-passwords", help="Take plain passwords, and hash them. This is slow.")]
DropHashes = Annotated[
    bool, typer.Option("--drop-unknown-hashes", help="Take people whose hash is unknown, without a password.")
]
KeyFile = Annotated[
    Path | None,
    typer.Option(
        "--firebase-signer-key-file",
        help=f"A file with the base64 signer key; or set {SIGNER_KEY}. It is never an argument, which others can see.",
    ),
]
Separator = Annotated[str, typer.Option("--firebase-salt-separator", help="The base64 salt separator of the project.")]
Rounds = Annotated[int, typer.Option("--firebase-rounds", min=1, max=64, help="The rounds of the project's hashes.")]
MemCost = Annotated[int, typer.Option("--firebase-mem-cost", min=1, max=20, help="The memory cost of its hashes.")]


def import_users(
    file: File,
    *,
    file_format: Chosen = FileFormat.auto,  # type: ignore[attr-defined]
    dry_run: DryRun = False,
    resume: Resume = False,
    on_conflict: Conflict = OnConflict.SKIP,
    make_roles: MakeRoles = False,
    no_roles: NoRoles = False,
    admins: Admins = False,
    hash_passwords: HashThem = False,
    drop_unknown_hashes: DropHashes = False,
    firebase_signer_key_file: KeyFile = None,
    firebase_salt_separator: Separator = "Bw==",
    firebase_rounds: Rounds = 8,
    firebase_mem_cost: MemCost = 14,
    as_json: Json = False,
) -> None:
    """Make accounts of a file's rows, with their password hashes. Rows that make none go to FILE.rejected; exits 1."""
    stop = on_conflict is OnConflict.FAIL
    passwords = {"hash_passwords": hash_passwords, "drop_unknown_hashes": drop_unknown_hashes}
    roles = {"admins": admins, "make_roles": make_roles, "leave_out_roles": no_roles}
    rules = ImportRules(**passwords, **roles, stop_at_existing=stop, dry_run=dry_run)
    hashing = _firebase(firebase_signer_key_file, firebase_salt_separator, firebase_rounds, firebase_mem_cost)
    job = ImportJob(path=file, chosen=file_format, formats=with_parameters(hashing), rules=rules, resume=resume)
    _report(_run(job), as_json=as_json)


def _run(job: ImportJob) -> Outcome:
    try:
        return with_context(job.run)
    except BadFile as error:
        fail(str(error))
    except OSError as error:
        fail(f"{printable(str(job.path))} cannot be read: {error.strerror}.")
    except KeyboardInterrupt:
        fail("Interrupted. Run it again with --resume.")


def _report(outcome: Outcome, *, as_json: bool) -> None:
    show_one(outcome.summary, as_json=as_json)
    if outcome.broken:
        fail(f"The rest of the file could not be read. {outcome.broken}")
    if outcome.rejected:
        fail(f"Not every row became an account: {printable(str(outcome.rejections))} says which, and why.")


def _firebase(key_file: Path | None, separator: str, rounds: int, mem_cost: int) -> FirebaseHash | None:
    text = _signer_key(key_file)
    if text is None:
        return None
    try:
        signer_key, salt_separator = hashes.octets_of(text.strip()), hashes.octets_of(separator)
    except BadRow:
        fail("The signer key and the salt separator of Firebase must be base64.", code=MISUSED)
    if len(signer_key) != SIGNER_KEY_OCTETS:
        fail(f"The signer key of Firebase must be {SIGNER_KEY_OCTETS} octets in base64.", code=MISUSED)
    return FirebaseHash(signer_key=signer_key, salt_separator=salt_separator, rounds=rounds, mem_cost=mem_cost)


def _signer_key(key_file: Path | None) -> str | None:
    if key_file is None:
        return os.environ.get(SIGNER_KEY)
    try:
        return key_file.read_text(encoding="ascii")
    except (OSError, UnicodeDecodeError):
        fail(f"{printable(str(key_file))} cannot be read as a signer key.", code=MISUSED)
