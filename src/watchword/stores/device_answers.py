"""What a device is told that asks how far its authorization is: the same in every store (RFC 8628 section 3.5)."""

from datetime import timedelta

from watchword.core.models.authorizations import DeviceStatus
from watchword.ports.authorizations import Poll

SLOWER = timedelta(seconds=5)
"""How much longer a device that asked too soon must wait each time from then on."""
_DECIDED = {DeviceStatus.DENIED: Poll.DENIED, DeviceStatus.REDEEMED: Poll.SPENT}


def told_of(status: DeviceStatus, *, expired: bool) -> Poll:
    """Return the answer for a grant; a pending one may still be told to slow down."""
    if status in _DECIDED:
        return _DECIDED[status]
    if expired:
        return Poll.EXPIRED
    return Poll.APPROVED if status is DeviceStatus.APPROVED else Poll.PENDING
