"""Which addresses outgoing requests may reach, by the settings."""

from watchword.remote.addresses import AddressPolicy
from watchword.settings.outgoing import OutgoingSettings


def address_policy(settings: OutgoingSettings, allow_private: bool | None = None) -> AddressPolicy:
    """Return whether private addresses, those of this machine, or public ones alone may be reached."""
    if settings.allow_private_addresses if allow_private is None else allow_private:
        return AddressPolicy.PRIVATE
    return AddressPolicy.LOOPBACK if settings.env == "development" else AddressPolicy.PUBLIC
