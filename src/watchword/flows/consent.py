"""What people let clients have: when they are asked, and how they see it and take it back."""

from collections.abc import Sequence

from watchword.core.models.authorizations import Consent
from watchword.core.models.client_metadata import ConsentPolicy
from watchword.core.models.grants import Client
from watchword.flows.context import Context
from watchword.flows.sessions import end_sessions, list_sessions


def consent_policy(ctx: Context, client: Client) -> ConsentPolicy:
    """Return when a person is asked: first-party clients never, those that nobody has verified as configured."""
    if client.dynamic:
        return ConsentPolicy(ctx.config.provider.registration_consent)
    return ConsentPolicy.NEVER if client.first_party else client.metadata.consent


async def list_consents(ctx: Context, user_id: str) -> Sequence[Consent]:
    """Return all consents of a person, by client id."""
    return await ctx.stores.consents.list(user_id)


async def withdraw_consent(ctx: Context, user_id: str, client_id: str) -> bool:
    """Take back what a client was let have, and end the person's sessions at it. Returns whether there was a consent.

    Raises:
        StoreUnavailable: some sessions may go on; call again.
    """
    withdrawn = await ctx.stores.consents.withdraw(user_id, client_id)
    live = await list_sessions(ctx, user_id)
    await end_sessions(ctx, [session for session in live if session.client_id == client_id], reason="revoked")
    return withdrawn
