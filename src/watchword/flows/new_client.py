"""Clients that the operator registers, in the words of RFC 7591 section 2, with what only an operator may say."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from watchword.core.account_errors import InvalidInput
from watchword.core.errors import OAuthError
from watchword.core.ids import new_id
from watchword.core.models.client_metadata import NO_METADATA, ConsentPolicy
from watchword.core.models.grants import Client
from watchword.core.oauth.client_rules import Registration, check_registration
from watchword.core.oauth.operator_clients import OPERATORS_POLICY, check_origins, check_password_grant, check_serves
from watchword.flows.client_secrets import NO_SECRET, needs_secret, new_client_secret
from watchword.flows.clients import note_change
from watchword.flows.context import Context

EITHER = NO_METADATA.auth_method
"""What stands for "header or form" where a client has a secret."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatorTerms:
    """What only an operator may say of a client.

    `origins` of None are, for a public web application, those of its redirect URIs. A `first_party` client is the
    operator's own: people are not asked for consent. It `serves` the resources that it is itself: tokens for those are
    what it may introspect, beside its own; with `may_introspect` those for every resource.
    """

    first_party: bool = False
    may_introspect: bool = False
    origins: Sequence[str] | None = None
    serves: Sequence[str] = ()


async def register_described(
    ctx: Context, document: Mapping[str, Any], terms: OperatorTerms = OperatorTerms()
) -> tuple[Client, str]:
    """Register a client, and return it with its secret, which is shown once; empty where it has none.

    One whose `token_endpoint_auth_method` is not said may send its secret in the header or in the form.

    Raises:
        InvalidInput: a member is not acceptable, or two contradict each other.
    """
    registration = _check(document, terms)
    client_id, method = new_id(ctx.clock.now()), registration.metadata.auth_method
    secret = new_client_secret(ctx, client_id, method) if needs_secret(method) else NO_SECRET
    client = Client(
        id=client_id,
        name=registration.name,
        secret_hashes=secret.hashes,
        secret_salts=secret.salts,
        grants=registration.grants,
        scopes=registration.scopes,
        first_party=terms.first_party,
        may_introspect=terms.may_introspect,
        created_at=ctx.clock.now(),
        metadata=replace(registration.metadata, auth_method=document.get("token_endpoint_auth_method", EITHER)),
    )
    await ctx.stores.clients.add(client)
    note_change(ctx, client.id, "registered")
    return client, secret.text


def _check(document: Mapping[str, Any], terms: OperatorTerms) -> Registration:
    try:
        registration = check_registration(document, policy=OPERATORS_POLICY)
        check_password_grant(registration.grants, first_party=terms.first_party)
        origins, serves = check_origins(terms.origins, registration.metadata), check_serves(terms.serves)
    except OAuthError as error:
        raise InvalidInput(f"This client cannot be registered: {error.hint or error.description}.") from None
    if not registration.name:
        raise InvalidInput("A client needs a name.", hint="no client_name")
    if "" in document.get("grant_types", ()):
        raise InvalidInput("A grant needs a name.", hint="an empty grant")
    consent = ConsentPolicy.NEVER if terms.first_party else registration.metadata.consent
    metadata = replace(registration.metadata, origins=origins, serves=serves, consent=consent)
    return replace(registration, metadata=metadata)
