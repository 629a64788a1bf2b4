"""`watchword token inspect`: what an access token says, and whether this server would still take it."""

import json
import sys
from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from watchword.cli.opened import with_context
from watchword.cli.output import Json, show_one, timestamp
from watchword.cli.refusals import MISUSED, SentenceGroup, fail
from watchword.core.errors import InvalidToken
from watchword.core.tokens.access_token import verify_access_token
from watchword.core.tokens.compact import MAX_TOKEN, CompactToken, parse_compact, parse_json_object
from watchword.core.tokens.signature import check_signature
from watchword.flows.context import Context

app = typer.Typer(cls=SentenceGroup, no_args_is_help=True, help="Look into access tokens.")


@app.callback()
def token() -> None:
    """Look into access tokens."""


@app.command("inspect")
def inspect(
    source: Annotated[str, typer.Argument(metavar="[-]", help="Only `-`: the token comes from standard input.")] = "-",
    as_json: Json = False,
) -> None:
    """Read an access token from standard input; print header, claims and verdict. Exits 1 unless it is accepted now."""
    if source != "-":
        fail("A token is a secret, and arguments are seen by others: pass it on standard input.", code=MISUSED)
    text = sys.stdin.read(MAX_TOKEN + 2).strip()
    found = with_context(lambda ctx: _inspect(ctx, text))
    show_one(found if as_json else {name: _line(value) for name, value in found.items()}, as_json=as_json)
    if not found["accepted"]:
        raise typer.Exit(1)


async def _inspect(ctx: Context, text: str) -> dict[str, Any]:
    """Return the findings. Nothing of the signature is among them, so what is printed is no credential."""
    compact = parse_compact(text)
    claims = parse_json_object(compact.payload)
    refused = _refusal(ctx, text)
    return {
        "header": dict(compact.header),
        "claims": claims,
        "signature": "good" if _signature_is_good(ctx, compact) else "bad, or of no key of this server",
        "expires_at": _expiry(claims),
        "accepted": refused is None,
        "refused_because": refused,
    }


def _signature_is_good(ctx: Context, compact: CompactToken) -> bool:
    key = ctx.keys.find(compact.kid, compact.algorithm)
    try:
        return key is not None and bool(check_signature(compact, key))
    except InvalidToken:
        return False


def _refusal(ctx: Context, text: str) -> str | None:
    try:
        principal = verify_access_token(text, rules=ctx.rules, find_key=ctx.keys.find, now=ctx.clock.now())
    except InvalidToken as error:
        return error.hint or error.description
    revoked = ctx.view.refuses(principal)
    return f"revoked ({revoked})" if revoked else None


def _expiry(claims: dict[str, Any]) -> str | None:
    try:
        return timestamp(datetime.fromtimestamp(claims["exp"], UTC))
    except (KeyError, TypeError, ValueError, OverflowError, OSError):
        return None


def _line(value: Any) -> Any:  # noqa: ANN401
    return json.dumps(value) if isinstance(value, dict) else value
