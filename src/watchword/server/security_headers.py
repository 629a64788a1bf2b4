"""Security headers on every answer, as pure ASGI (the OWASP Secure Headers project; RFC 6797; CSP Level 3)."""

import base64
import hashlib
import re

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
}
HSTS = "max-age=31536000"
NOTHING = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
"""For JSON and for pages of which we know nothing: no script, no image, no frame."""
PAGE = (
    "default-src 'none'; script-src 'self' {scripts}; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
"""For the documentation page: its own assets, and the inline scripts that we sent ourselves, by their hashes."""
_INLINE_SCRIPT = re.compile(rb"<script(?![^>]*\ssrc=)[^>]*>(.*?)</script>", re.DOTALL | re.IGNORECASE)


class SecurityHeaders:
    """Adds the headers where the application has not set them itself.

    Args:
        app: the application below.
        https: whether the public address is https, so that browsers may be told to stay there.
        pages: the paths of documentation pages, whose scripts may run.
    """

    def __init__(self, app: ASGIApp, *, https: bool, pages: frozenset[str] = frozenset()) -> None:
        self.app = app
        self.headers = {**ALWAYS, **({"Strict-Transport-Security": HSTS} if https else {})}
        self.pages = pages

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
        elif scope["path"] in self.pages:
            await self.app(scope, receive, _PageSender(self, send))
        else:
            await self.app(scope, receive, self._sender(send))

    def _sender(self, send: Send) -> Send:
        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                self.add(message, NOTHING)
            await send(message)

        return with_headers

    def add(self, start: Message, policy: str) -> None:
        """Add the headers to the message that starts a response."""
        headers = MutableHeaders(scope=start)
        for name, value in {**self.headers, "Content-Security-Policy": policy}.items():
            headers.setdefault(name, value)


class _PageSender:
    """Holds the start of a page back until its body is known, and names the inline scripts by their hashes."""

    def __init__(self, parent: SecurityHeaders, send: Send) -> None:
        self._parent = parent
        self._send = send
        self._held: list[Message] = []

    async def __call__(self, message: Message) -> None:
        self._held.append(message)
        if message["type"] == "http.response.start" or message.get("more_body", False):
            return
        body = b"".join(part.get("body", b"") for part in self._held)
        self._parent.add(self._held[0], PAGE.format(scripts=" ".join(script_hashes(body))))
        for part in self._held:
            await self._send(part)


def script_hashes(page: bytes) -> list[str]:
    """Return a CSP source for each inline script of a page (CSP Level 3 section 2.3.1)."""
    digests = (hashlib.sha256(script).digest() for script in _INLINE_SCRIPT.findall(page))
    return [f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests]
