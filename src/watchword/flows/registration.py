"""Dynamic client registration and management (RFC 7591, RFC 7592, OpenID Connect Registration 1.0)."""

from collections.abc import Mapping
from dataclasses import replace
from hmac import compare_digest
from typing import Any

from watchword.core.account_errors import Conflict
from watchword.core.authorize_errors import InvalidClientMetadata
from watchword.core.errors import InvalidToken
from watchword.core.ids import new_id
from watchword.core.models.grants import Client
from watchword.core.oauth.client_rules import Registration, check_registration, check_self_registered
from watchword.core.oauth.registration_document import registration_document
from watchword.core.tokens.opaque import hash_secret, new_secret
from watchword.flows.admission import CHANGES, check_admission, check_sector_of, policy_of, throttle
from watchword.flows.client_secrets import NO_SECRET, ClientSecret, needs_secret, new_client_secret
from watchword.flows.clients import delete_client, note_change
from watchword.flows.context import Context
from watchword.ports.identity import Change

TOKEN_KIND = "wwra"  # noqa: S105  the kind that leak scanners see


async def register_client(
    ctx: Context, document: Mapping[str, Any], *, token: str | None, address: str
) -> dict[str, Any]:
    """Register a client by its own word, and return what it is told (RFC 7591 section 3.2.1).

    Until an administrator vouches for it (`clients.verify_client`), people are asked at each authorization, unless
    `registration_consent` says otherwise.

    Raises:
        NotFound: registration is off.
        InvalidToken: an initial access token is needed, or the one that is shown is not good.
        InvalidRedirectUri, InvalidClientMetadata, UnapprovedSoftwareStatement: what it says of itself is not accepted.
        TooManyRequests: too many from this address.
    """
    check_admission(ctx, token)
    await throttle(ctx, address)
    registration = check_self_registered(check_registration(document, policy=policy_of(ctx)))
    await check_sector_of(ctx, registration.metadata)
    opening, client_id = new_secret(TOKEN_KIND), new_id(ctx.clock.now())
    method = registration.metadata.auth_method
    given = new_client_secret(ctx, client_id, method) if needs_secret(method) else NO_SECRET
    client = replace(_new_client(ctx, client_id, registration, given), registration_hash=hash_secret(opening))
    await ctx.stores.clients.add(client)
    note_change(ctx, client.id, "registered")
    return _answer(ctx, client, opening, given)


async def read_registration(ctx: Context, client_id: str, token: str) -> dict[str, Any]:
    """Return what a client has registered (RFC 7592 section 2.1). Raises `InvalidToken`."""
    return _answer(ctx, await _authenticate(ctx, client_id, token), token)


async def change_registration(
    ctx: Context, client_id: str, token: str, document: Mapping[str, Any], *, address: str
) -> dict[str, Any]:
    """Replace what a client has registered; what it leaves out has its default then (RFC 7592 section 2.2).

    Raises:
        InvalidToken: the registration access token is not this client's.
        InvalidRedirectUri, InvalidClientMetadata: as at the registration; or it would need another kind of secret.
        Conflict: it was changed meanwhile.
        TooManyRequests: too many changes from this address.
    """
    client = await _authenticate(ctx, client_id, token)
    await throttle(ctx, address, bucket=CHANGES)
    _check_identity(client, document)
    registration = check_self_registered(check_registration(document, policy=policy_of(ctx)))
    _check_method(client, registration)
    await check_sector_of(ctx, registration.metadata)
    changed = _changed(client, registration)
    if await ctx.stores.clients.replace(changed, expected_version=client.version) is not Change.CHANGED:
        raise Conflict("The registration was changed meanwhile.", hint=f"client {client.id}")
    note_change(ctx, client.id, "changed")
    return _answer(ctx, changed, token)


async def delete_registration(ctx: Context, client_id: str, token: str) -> None:
    """Remove a client, and refuse its tokens (RFC 7592 section 2.3). Raises `InvalidToken`."""
    client = await _authenticate(ctx, client_id, token)
    await delete_client(ctx, client.id)


def _new_client(ctx: Context, client_id: str, registration: Registration, given: ClientSecret) -> Client:
    return Client(
        id=client_id,
        name=registration.name,
        secret_hashes=given.hashes,
        secret_salts=given.salts,
        grants=registration.grants,
        scopes=registration.scopes,
        dynamic=True,
        created_at=ctx.clock.now(),
        metadata=registration.metadata,
    )


async def _authenticate(ctx: Context, client_id: str, token: str) -> Client:
    """Return the client of a registration access token. An unknown one is refused as a wrong token is."""
    client = next(iter(await ctx.stores.clients.find([client_id])), None)
    known = client.registration_hash if client is not None else None
    good = compare_digest(_hash(token), known or bytes(32))
    if client is None or known is None or not good or client.disabled:
        raise InvalidToken(hint="no such client, or not its registration access token")
    return client


def _check_identity(client: Client, document: Mapping[str, Any]) -> None:
    """Check that a change names its client, and if it names a secret, one of its own (RFC 7592 section 2.2)."""
    if document.get("client_id") != client.id:
        raise InvalidClientMetadata(hint="client_id is missing or another")
    secret = document.get("client_secret")
    if secret is not None and not (isinstance(secret, str) and _hash(secret) in client.secret_hashes):
        raise InvalidClientMetadata(hint="client_secret is not that of the client")


def _check_method(client: Client, registration: Registration) -> None:
    """Refuse a change to a method that would need another secret, or to none where there is one."""
    before, after = client.metadata.auth_method, registration.metadata.auth_method
    kept = after == "private_key_jwt" or {before, after} <= {"client_secret_basic", "client_secret_post"}
    if before != after and not kept:
        raise InvalidClientMetadata(hint="another token_endpoint_auth_method would need other secrets")


def _hash(secret: str) -> bytes:
    """Return the hash of what was shown, also where it is no text at all and so no secret of ours."""
    return hash_secret(secret.encode(errors="replace").decode())


def _changed(client: Client, registration: Registration) -> Client:
    """Return the client with what it says of itself now; what the operator has set stays.

    Nobody has vouched for what it says now, so that it is unverified again, unless only its keys are others.
    """
    own, said = client.metadata, registration.metadata
    metadata = replace(
        said,
        consent=own.consent,
        require_pkce=own.require_pkce,
        origins=own.origins,
        resources=own.resources,
        serves=own.serves,
        access_ttl=own.access_ttl,
        refresh_idle_ttl=own.refresh_idle_ttl,
        refresh_max_ttl=own.refresh_max_ttl,
    )
    changed = replace(
        client, name=registration.name, grants=registration.grants, scopes=registration.scopes, metadata=metadata
    )
    with_old_keys = replace(metadata, jwks=own.jwks, jwks_uri=own.jwks_uri)
    if replace(changed, metadata=with_old_keys) == client:
        return changed
    return replace(changed, dynamic=True, metadata=replace(metadata, consent=said.consent))


def _answer(ctx: Context, client: Client, token: str, given: ClientSecret = NO_SECRET) -> dict[str, Any]:
    """Return the registration with what manages it; the secret is shown only when it is made."""
    root = ctx.config.issuer.rstrip("/") + ctx.config.prefix
    answer = registration_document(client)
    if given.text:
        answer |= {"client_secret": given.text, "client_secret_expires_at": 0}
    return answer | {"registration_access_token": token, "registration_client_uri": f"{root}/register/{client.id}"}
