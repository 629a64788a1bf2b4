"""Stylesheet and scripts of the pages, each under the hash of its content, so that browsers may keep it for ever."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from types import MappingProxyType
from typing import Final

from watchword.config import PagesConfig
from watchword.fastapi.pages.theme import theme_css

TYPES: Final = MappingProxyType({".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8"})
NAMES: Final = ("pages.css", "form_post.js", "logged_out.js", "check_session.js")


@dataclass(frozen=True, slots=True)
class Asset:
    """One file as it is served: its name there, its content and its media type."""

    name: str
    body: bytes
    media_type: str


def load_assets(config: PagesConfig) -> Mapping[str, Asset]:
    """Return every file by the name that templates give it. Colours of one's own stand before the stylesheet."""
    folder = files("watchword.fastapi.pages") / "static"
    found = {}
    for name in NAMES:
        body = (folder / name).read_bytes()
        if name == "pages.css":
            body = theme_css(config).encode() + body
        suffix = name[name.rindex(".") :]
        found[name] = Asset(hashlib.sha256(body).hexdigest()[:32] + suffix, body, TYPES[suffix])
    return MappingProxyType(found)
