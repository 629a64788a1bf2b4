"""`watchword keys`: list, rotate and revoke the keys that sign access and ID tokens."""

from datetime import datetime
from typing import Annotated, Any

import typer

from watchword.cli.opened import with_context
from watchword.cli.output import Json, say, show, show_one, timestamp
from watchword.cli.refusals import SentenceGroup
from watchword.core.models.grants import SigningKey
from watchword.core.tokens.keyring import KeyRing
from watchword.flows import key_rotation
from watchword.flows.context import Context

app = typer.Typer(cls=SentenceGroup, no_args_is_help=True, help="List, rotate and revoke signing keys.")


@app.command("list")
def list_keys(as_json: Json = False) -> None:
    """List the signing keys, oldest first: next, current, retired (verifies only), expired or revoked."""
    columns = ("kid", "algorithm", "state", "created_at", "signs_from")
    show(with_context(_rows), columns, as_json=as_json)


@app.command("rotate")
def rotate(
    now: Annotated[bool, typer.Option("--now", help="Sign with the new key at once, without announcing it.")] = False,
    algorithm: Annotated[
        str, typer.Option("--algorithm", help="Whose next key: RS256 for ID tokens; by default that of access tokens.")
    ] = "",
    as_json: Json = False,
) -> None:
    """Make the next signing key. It is announced first, so that nobody meets a token of an unknown key."""
    key = with_context(lambda ctx: key_rotation.rotate(ctx, immediately=now, algorithm=algorithm or None))
    row = {"kid": key.kid, "algorithm": key.algorithm, "signs_from": timestamp(key.signs_from)}
    show_one(row, as_json=as_json)


@app.command("revoke")
def revoke(kid: Annotated[str, typer.Argument(metavar="KID", help="The id of the key.")]) -> None:
    """Revoke a key that has leaked: every token it signed is refused from now on."""
    with_context(lambda ctx: key_rotation.revoke_key(ctx, kid))
    say("The key is revoked.")


async def _rows(ctx: Context) -> list[dict[str, Any]]:
    now, ring = ctx.clock.now(), ctx.keys.ring
    current = _current(ctx, now)
    return [_row(key, ring, now, current) for key in await ctx.stores.keys.list()]


def _current(ctx: Context, now: datetime) -> set[str]:
    """Return the kids of what signs access tokens, and ID tokens where this is a provider."""
    id_tokens = {"RS256", *ctx.config.provider.id_token_algorithms} - {ctx.config.tokens.algorithm}
    found = [ctx.keys.ring.current(now), *(ctx.keys.ring.current(now, algorithm) for algorithm in id_tokens)]
    return {key.kid for key in found if key is not None}


def _row(key: SigningKey, ring: KeyRing, now: datetime, current: set[str]) -> dict[str, Any]:
    return {
        "kid": key.kid,
        "algorithm": key.algorithm,
        "generation": key.generation,
        "state": _state(key, ring, now, current),
        "created_at": timestamp(key.created_at),
        "signs_from": timestamp(key.signs_from),
        "revoked_at": timestamp(key.revoked_at),
    }


def _state(key: SigningKey, ring: KeyRing, now: datetime, current: set[str]) -> str:
    if key.revoked_at is not None:
        return "revoked"
    if key.signs_from > now:
        return "next"
    if key.kid in current:
        return "current"
    return "retired" if ring.verification(key.kid, now) is not None else "expired"
