"""The options of `watchword clients add`: what an operator says of an application, a machine or a service."""

from typing import Annotated

import typer

Redirects = Annotated[
    list[str] | None,
    typer.Option("--redirect-uri", help="Where people come back to after login; may be repeated. Compared exactly."),
]
LogoutRedirects = Annotated[
    list[str] | None,
    typer.Option("--post-logout-redirect-uri", help="Where people may come back to after logout; may be repeated."),
]
BackChannel = Annotated[
    str | None,
    typer.Option("--backchannel-logout-uri", help="Where the server posts a logout token when a login ends."),
]
FrontChannel = Annotated[
    str | None,
    typer.Option("--frontchannel-logout-uri", help="What the logout page loads in a frame when a login ends."),
]
Grants = Annotated[
    list[str] | None,
    typer.Option(
        "--grant",
        help="A grant it may use; with a redirect URI authorization_code and refresh_token by default, else "
        "client_credentials.",
    ),
]
Scopes = Annotated[list[str] | None, typer.Option("--scope", help="A scope it may have; may be repeated.")]
Origins = Annotated[
    list[str] | None,
    typer.Option(
        "--origin",
        help="A web origin whose pages may call the token endpoint; of a public client by default those of its "
        "redirect URIs.",
    ),
]
Public = Annotated[bool, typer.Option("--public", help="It cannot keep a secret: a page, an app, a command.")]
FirstParty = Annotated[bool, typer.Option("--first-party", help="It is your own: people are not asked for consent.")]
Introspect = Annotated[
    bool, typer.Option("--introspect", help="Let it ask what any access token is worth, whatever resource it is for.")
]
Serves = Annotated[
    list[str] | None,
    typer.Option(
        "--serves", help="A resource that it is: it may ask what tokens for that URI are worth; may be repeated."
    ),
]
