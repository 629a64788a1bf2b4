"""Fields of a registration, read strictly: texts, lists, switches, numbers and URIs (RFC 7591 section 2)."""

from collections.abc import Collection, Mapping
from typing import Any
from urllib.parse import urlsplit

from watchword.core.authorize_errors import InvalidClientMetadata, InvalidRedirectUri
from watchword.core.oauth.redirect_uris import check_redirect_uri

MAX_NAME = 128
_MAX_TEXT = 255
_MOST = 50
_MAX_SECONDS = 10**9


class Fields:
    """The members of a registration document. A member that is null counts as absent (RFC 7591 section 2).

    Every method returns the good value or the default, and raises `InvalidClientMetadata` for anything else.
    """

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._document = document

    def get(self, name: str) -> Any:  # noqa: ANN401  a member of any JSON type
        """Return a member as it is, or None."""
        return self._document.get(name)

    def text(self, name: str, *, longest: int = _MAX_TEXT) -> str | None:
        """Return a short printable text, without the characters that turn the direction of what follows."""
        value = self.get(name)
        if value is None:
            return None
        if not isinstance(value, str) or not 0 < len(value) <= longest or not value.isprintable():
            raise InvalidClientMetadata(hint=f"{name} is not a short printable text")
        return value

    def texts(self, name: str, *, longest: int = _MAX_TEXT) -> tuple[str, ...]:
        """Return a list of at most 50 short printable texts, each once."""
        values = self.get(name)
        if values is None:
            return ()
        if not isinstance(values, list) or len(values) > _MOST:
            raise InvalidClientMetadata(hint=f"{name} is no list, or too long")
        if not all(isinstance(value, str) and 0 < len(value) <= longest and value.isprintable() for value in values):
            raise InvalidClientMetadata(hint=f"{name} holds what is no short printable text")
        return tuple(dict.fromkeys(values))

    def choice(self, name: str, allowed: Collection[str], default: str) -> str:
        """Return one of the allowed texts."""
        value = self.text(name)
        if value is not None and value not in allowed:
            raise InvalidClientMetadata(hint=f"{name} is not one of those that are supported")
        return value or default

    def find_choice(self, name: str, allowed: Collection[str]) -> str | None:
        """Return one of the allowed texts, or None."""
        return self.choice(name, allowed, "") or None

    def switch(self, name: str) -> bool:
        """Return true or false, which is the default."""
        value = self.get(name)
        if value is not None and type(value) is not bool:
            raise InvalidClientMetadata(hint=f"{name} is neither true nor false")
        return bool(value)

    def seconds(self, name: str) -> int | None:
        """Return a number of seconds."""
        value = self.get(name)
        if value is not None and (type(value) is not int or not 0 <= value <= _MAX_SECONDS):
            raise InvalidClientMetadata(hint=f"{name} is no number of seconds")
        return value

    def uri(self, name: str) -> str | None:
        """Return an https URI; http on the loopback will do, for development."""
        value = self.get(name)
        return None if value is None else check_uri(name, value)

    def https_uri(self, name: str) -> str | None:
        """Return a URI that must be https."""
        uri = self.uri(name)
        if uri is not None and urlsplit(uri).scheme != "https":
            raise InvalidClientMetadata(hint=f"{name} is not https")
        return uri

    def uris(self, name: str, *, application_type: str = "web") -> tuple[str, ...]:
        """Return a list of URIs, each as strict as a redirect URI."""
        values = self.get(name)
        if values is None:
            return ()
        if not isinstance(values, list) or len(values) > _MOST:
            raise InvalidClientMetadata(hint=f"{name} is no list, or too long")
        return tuple(dict.fromkeys(check_uri(name, value, application_type) for value in values))


def check_uri(name: str, value: object, application_type: str = "web") -> str:
    """Return a URI as strict as a redirect URI.

    Raises:
        InvalidClientMetadata: it is not. `name` says in the log whose it is.
    """
    if not isinstance(value, str):
        raise InvalidClientMetadata(hint=f"{name} is no text")
    try:
        return check_redirect_uri(value, application_type=application_type)
    except InvalidRedirectUri as error:
        raise InvalidClientMetadata(hint=f"{name}: {error.hint}") from None
