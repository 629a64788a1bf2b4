"""The headers that every page leaves with: nothing inline, nothing framed, nothing kept (CSP Level 3)."""

from collections.abc import Iterable
from typing import Final

ALWAYS: Final = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
}
_UNSAFE: Final = frozenset(" ;,'\"\r\n\t")


def page_headers(*, forms: Iterable[str] = (), frames: Iterable[str] = (), script: bool = False) -> dict[str, str]:
    """Return the headers of a page.

    Args:
        forms: origins beside our own that a form may lead to, redirections after it counted in: browsers ask for those
            too.
        frames: origins that the page frames, to log their applications out.
        script: whether the page has a script, which is one of our own files.
    """
    places = tuple(_sources(frames))
    parts = [
        "default-src 'none'",
        "style-src 'self'",
        "img-src 'self' https: data:",
        *(["script-src 'self'"] if script else []),
        *([" ".join(["frame-src", *places])] if places else []),
        " ".join(["form-action 'self'", *_sources(forms)]),
        "frame-ancestors 'none'",
        "base-uri 'none'",
    ]
    return {**ALWAYS, "Content-Security-Policy": "; ".join(parts)}


def check_session_headers() -> dict[str, str]:
    """Return those of the one page that other sites frame: it has a script, and nothing to click."""
    policy = "default-src 'none'; script-src 'self'; base-uri 'none'; form-action 'none'"
    kept = {name: value for name, value in ALWAYS.items() if name != "X-Frame-Options"}
    return {**kept, "Content-Security-Policy": f"{policy}; frame-ancestors https: http:"}


def _sources(origins: Iterable[str]) -> list[str]:
    """Return those that can stand in a policy: one that could end its directive is left out."""
    return sorted({origin for origin in origins if origin and _UNSAFE.isdisjoint(origin) and origin.isascii()})
