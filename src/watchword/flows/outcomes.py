"""What a browser is answered at the hosted pages: where it is sent, or which page it is shown."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from watchword.core.errors import WatchwordError
from watchword.core.models.authorizations import Resource
from watchword.core.models.grants import Client
from watchword.core.models.identity import Scope


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """What the pages of an interaction have in common.

    `interaction` goes into a hidden field of every form. `refused` says that a login was wrong a moment ago, `typed`
    with which name. `redirect_host` is for people; `redirect_origin`, empty for a private-use scheme or a device, for
    the policy that says where a form may lead.
    """

    interaction: str = field(repr=False)
    client: Client
    redirect_host: str = ""
    redirect_origin: str = ""
    login_hint: str = ""
    ui_locales: tuple[str, ...] = ()
    display: str = "page"
    refused: bool = False
    typed: str = ""


@dataclass(frozen=True, slots=True)
class Redirect:
    """Send the browser there (303)."""

    url: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class GoOn:
    """Send the browser to the next page of this interaction (303), so that a reload there sends no password again."""

    interaction: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class FormPost:
    """Let the browser post these fields there (OAuth 2.0 Form Post Response Mode)."""

    action: str
    fields: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True, slots=True)
class ShowLogin:
    """Ask who it is. `username` is the account that must authenticate again, or empty."""

    view: View
    username: str = ""


@dataclass(frozen=True, slots=True)
class ShowAccount:
    """Ask whether to go on as this account, or as another one."""

    view: View
    username: str


@dataclass(frozen=True, slots=True)
class ShowConsent:
    """Ask whether the client may have this. With a `user_code` it is a device, whose screen shows the same code."""

    view: View
    username: str
    scopes: tuple[Scope, ...] = ()
    resources: tuple[Resource, ...] = ()
    claims: tuple[str, ...] = ()
    user_code: str = ""


@dataclass(frozen=True, slots=True)
class ShowDevice:
    """Ask for the code that a device shows. `wrong` says that the last one was none."""

    user_code: str = ""
    wrong: bool = False


@dataclass(frozen=True, slots=True)
class ShowDeviceDone:
    """Say that the device goes on, or that it was refused."""

    allowed: bool
    client: Client


@dataclass(frozen=True, slots=True)
class ShowError:
    """Say what is wrong, here: nobody is sent to an address that was not validated."""

    error: WatchwordError


Outcome = Redirect | GoOn | FormPost | ShowLogin | ShowAccount | ShowConsent | ShowDevice | ShowDeviceDone | ShowError


@dataclass(frozen=True, slots=True)
class Answer:
    """An outcome, and what becomes of the login cookie: None leaves it, an empty text deletes it."""

    outcome: Outcome
    cookie: str | None = field(default=None, repr=False)
