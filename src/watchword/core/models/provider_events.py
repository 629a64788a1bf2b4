"""Facts about authorizations that an application may listen to with `auth.on(...)`."""

from dataclasses import dataclass

from watchword.core.models.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeReplayed(Event):
    """An authorization code came again; what came of it has been ended."""

    user_id: str
    client_id: str
    session_id: str
