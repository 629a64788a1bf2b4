"""`watchword token inspect` on tokens of a SQLite file."""

import asyncio
import json
from datetime import timedelta

import pytest

from watchword.cli.opened import opened
from watchword.core.models.sessions import Revocation, RevocationKind
from watchword.core.tokens.access_token import AccessClaims, sign_access_token
from watchword.settings import Settings


async def make_token(*, age=timedelta(0), revoke=False):
    async with opened(Settings()) as ctx:
        now = ctx.clock.now()
        claims = AccessClaims(
            subject="somebody",
            client_id="first-party",
            audience=ctx.config.resource,
            scopes=frozenset({"items:read"}),
            issued_at=now - age,
            expires_at=now - age + timedelta(minutes=5),
            token_id="this-token",
        )
        if revoke:
            until = now + timedelta(hours=1)
            entry = Revocation(kind=RevocationKind.TOKEN, subject="this-token", at=now, expires_at=until)
            await ctx.stores.revocations.append([entry])
        return sign_access_token(claims, issuer=ctx.config.issuer, key=ctx.keys.ring.signing(now))


def inspected(run, token, *, expect):
    result = run("token", "inspect", "-", "--json", stdin=f"{token}\n", expect=expect)
    assert token.split(".")[2] not in result.output
    return json.loads(result.stdout)


def test_a_good_token_is_accepted_and_its_claims_shown(run):
    found = inspected(run, asyncio.run(make_token()), expect=0)
    assert (found["accepted"], found["refused_because"], found["signature"]) == (True, None, "good")
    assert (found["claims"]["sub"], found["claims"]["scope"]) == ("somebody", "items:read")
    assert found["header"]["typ"] == "at+jwt"


def test_an_expired_token_has_a_good_signature_and_is_refused(run):
    found = inspected(run, asyncio.run(make_token(age=timedelta(hours=1))), expect=1)
    assert (found["accepted"], found["signature"]) == (False, "good")
    assert found["expires_at"].endswith("Z")


def test_a_revoked_token_is_refused_as_revoked(run):
    found = inspected(run, asyncio.run(make_token(revoke=True)), expect=1)
    assert (found["refused_because"], found["signature"]) == ("revoked (token)", "good")


def test_a_forged_signature_is_called_bad(run):
    header, payload, signature = asyncio.run(make_token()).split(".")
    forged = ("B" if signature[0] == "A" else "A") + signature[1:]
    found = inspected(run, f"{header}.{payload}.{forged}", expect=1)
    assert (found["accepted"], found["signature"]) == (False, "bad, or of no key of this server")


def test_people_read_it_line_by_line(run):
    lines = run("token", "inspect", stdin=asyncio.run(make_token())).stdout.splitlines()
    assert "signature: good" in lines
    assert "accepted: yes" in lines


@pytest.mark.parametrize("text", ["", "nonsense", "a.b.c", "x" * 20_000])
def test_what_is_no_token_is_one_sentence(run, text):
    refused = run("token", "inspect", stdin=text, expect=1)
    assert refused.stderr.count("\n") == 1
    assert refused.stdout == ""


def test_a_token_as_an_argument_is_misuse(run):
    assert "standard input" in run("token", "inspect", asyncio.run(make_token()), expect=2).stderr
