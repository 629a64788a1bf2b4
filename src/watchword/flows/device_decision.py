"""What a person decides about a device (RFC 8628 section 3.3)."""

from dataclasses import replace

from watchword.core.authorize_errors import InteractionExpired
from watchword.core.ids import new_id
from watchword.core.models.grants import Client
from watchword.flows.browser_session import Presence
from watchword.flows.context import Context
from watchword.flows.outcomes import Answer, ShowDeviceDone, ShowError
from watchword.ports.identity import Change


async def approve_device(
    ctx: Context, client: Client, device_hash: bytes, presence: Presence, scopes: frozenset[str]
) -> Answer:
    """Approve a device with these scopes, as the person who is logged in. Too late, it is an error page."""
    grant, now, login = await ctx.stores.devices.find(device_hash), ctx.clock.now(), presence.session
    if grant is None:
        return _done(Change.ABSENT, client, allowed=True)
    approved = replace(
        grant,
        user_id=presence.user.id,
        session_id=new_id(now),
        browser_id=login.id,
        auth_time=login.auth_time,
        amr=login.amr,
        acr=login.acr,
        scopes=scopes,
    )
    return _done(await ctx.stores.devices.approve(approved, now=now), client, allowed=True)


async def deny_device(ctx: Context, client: Client, device_hash: bytes, presence: Presence | None) -> Answer:
    """Deny a device. Only who is logged in decides; else the code could be denied by whoever guesses it."""
    if presence is None:
        return Answer(ShowDeviceDone(allowed=False, client=client))
    change = await ctx.stores.devices.deny(device_hash, now=ctx.clock.now())
    return _done(change, client, allowed=False)


def _done(change: Change, client: Client, *, allowed: bool) -> Answer:
    if change is not Change.CHANGED:
        return Answer(
            ShowError(InteractionExpired(hint=f"the device was decided about, or has expired: {change.name}"))
        )
    return Answer(ShowDeviceDone(allowed=allowed, client=client))
