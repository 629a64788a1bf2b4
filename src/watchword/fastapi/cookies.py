"""The cookies of the hosted pages (RFC 6265bis): which names they have here, and how they are set.

Over https they are `__Host-` cookies, which no other host and no plain connection can plant. Over http, which is for
development on localhost alone, they have neither that prefix nor Secure. No setting weakens them.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from starlette.requests import Request
from starlette.responses import Response

PREFIX = "__Host-"
SESSION, BROWSER, STATE = "watchword-session", "watchword-browser", "watchword-state"
LONGEST_VALUE = 512


@dataclass(frozen=True, slots=True)
class Cookies:
    """The cookies of one server.

    Args:
        secure: whether its address is https.
    """

    secure: bool

    @property
    def session(self) -> str:
        """Name of the cookie of a login."""
        return self._name(SESSION)

    @property
    def browser(self) -> str:
        """Name of the cookie that tells one browser from another."""
        return self._name(BROWSER)

    @property
    def state(self) -> str:
        """Name of the cookie that changes with each login and logout; scripts of ours read it."""
        return self._name(STATE)

    def read(self, request: Request, name: str) -> str | None:
        """Return a cookie, or None if there is none, it is empty or absurdly long, or it comes twice.

        Names count byte for byte (RFC 6265 section 5.4). Starlette's reader also strips what Python takes for white
        space, so that a name behind a no-break space, which any host of the domain may set, would pass for ours.
        """
        values = [value for given, value in _cookies_of(request) if given == name]
        return values[0] if len(values) == 1 and 0 < len(values[0]) <= LONGEST_VALUE else None

    def put(self, response: Response, name: str, value: str) -> None:
        """Set a cookie until the browser is closed, or delete it where the value is empty."""
        across = name == self.state and self.secure
        same_site: Literal["none", "lax"] = "none" if across else "lax"
        max_age = None if value else 0
        response.set_cookie(
            name,
            value,
            max_age=max_age,
            path="/",
            secure=self.secure,
            httponly=name != self.state,
            samesite=same_site,
        )

    def _name(self, name: str) -> str:
        return PREFIX + name if self.secure else name


def _cookies_of(request: Request) -> Iterator[tuple[str, str]]:
    for header in request.headers.getlist("cookie"):
        for pair in header.split(";"):
            name, _, value = pair.strip(" \t").partition("=")
            yield name, value
