"""What templates see of records: plain text without tricks, https pictures, scopes in words."""

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from watchword.core.models.grants import Client
from watchword.core.models.identity import Scope
from watchword.core.oauth.openid_scopes import OPENID_SCOPES
from watchword.core.oauth.redirect_uris import origin_of
from watchword.fastapi.pages.messages import Texts

LONGEST_NAME = 80
LONGEST_LINE = 200
_PLACES = {name: place for place, name in enumerate(OPENID_SCOPES)}


@dataclass(frozen=True, slots=True)
class ClientView:
    """A client as the pages show it. `host` is that of its own site, if it said one."""

    name: str
    initial: str
    host: str
    logo_uri: str
    policy_uri: str
    tos_uri: str
    unverified: bool


@dataclass(frozen=True, slots=True)
class FieldError:
    """A sentence, and the id of the field it is about; empty for the whole form."""

    field: str
    text: str


def client_view(client: Client) -> ClientView:
    """Return a client as the pages show it."""
    metadata = client.metadata
    name = plain(client.name) or plain(client.id)
    return ClientView(
        name=name,
        initial=next((char for char in name if char.isalnum()), "?"),
        host=plain(_host_of_its_own(client)),
        logo_uri=_https(metadata.logo_uri),
        policy_uri=_https(metadata.policy_uri),
        tos_uri=_https(metadata.tos_uri),
        unverified=client.dynamic,
    )


def _host_of_its_own(client: Client) -> str:
    """Return the host of the client's site, of one that nobody has verified only where its answers go there too."""
    host = urlsplit(client.metadata.client_uri or "").hostname or ""
    goes_to = {urlsplit(uri).hostname for uri in client.metadata.redirect_uris}
    return host if not client.dynamic or host in goes_to else ""


def plain(text: str, *, longest: int = LONGEST_NAME) -> str:
    """Return text that shows as it is read: without control characters and such as turn the direction of writing."""
    kept = "".join(char if char.isprintable() or char == " " else " " for char in text if not _is_format(char))
    kept = " ".join(kept.split())
    return kept if len(kept) <= longest else kept[: longest - 1] + "…"


def _is_format(char: str) -> bool:
    return unicodedata.category(char) in ("Cf", "Cc", "Co", "Cn")


def _https(uri: str | None) -> str:
    """Return an https address, or nothing: no other scheme belongs into a page."""
    return uri if uri and uri.lower().startswith("https://") and uri.isprintable() and " " not in uri else ""


def scope_lines(texts: Texts, scopes: Sequence[Scope], claims: Iterable[str]) -> list[str]:
    """Return what consent is asked for, in words: in the person's language, else as the operator described it."""
    ordered = sorted(scopes, key=lambda scope: _PLACES.get(scope.name, len(_PLACES)))
    lines = [_line(texts, scope) for scope in ordered]
    return [*lines, *(texts("consent.claim", claim=plain(claim)) for claim in claims)]


def _line(texts: Texts, scope: Scope) -> str:
    line = texts.find(f"scopes.{scope.name}") or plain(scope.description, longest=LONGEST_LINE)
    return line or texts("scopes.unnamed", scope=scope.name)


def form_origins(client: Client) -> list[str]:
    """Return where a form may lead that ends in a redirection to this client: browsers check those that follow too."""
    metadata = client.metadata
    uris = [*metadata.redirect_uris, *metadata.post_logout_redirect_uris, *filter(None, [metadata.client_uri])]
    return [origin_of(uri) or f"{urlsplit(uri).scheme}:" for uri in uris]
