"""`watchword serve`: the standalone server."""

from typing import Annotated

import typer

from watchword.cli.refusals import fail

Host = Annotated[str, typer.Option(help="The address to listen on; 0.0.0.0 or :: for every interface.")]
Port = Annotated[int, typer.Option(min=0, max=65535, help="The port to listen on; 0 picks a free one.")]
Workers = Annotated[int, typer.Option(min=1, max=256, help="How many processes serve.")]


def serve(host: Host = "127.0.0.1", port: Port = 8000, workers: Workers = 1) -> None:
    """Serve sign-up, login, tokens, accounts and logins for other applications until Ctrl-C or SIGTERM."""
    try:
        from watchword.server.serve import serve as run
    except ModuleNotFoundError as error:
        if error.name != "uvicorn":
            raise
        fail("Serving needs an extra: pip install 'watchword[server]'.")
    code = run(host=host, port=port, workers=workers)
    if code:
        raise typer.Exit(code)
