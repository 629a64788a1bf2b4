"""Runs the standalone server: binds, prepares the database, says where it is, and serves until it is told to stop."""

import socket
import sys
from contextlib import suppress

from rich.console import Console

from watchword.core.errors import ConfigError
from watchword.server.first_admin import FirstAdmin, prepare
from watchword.server.stopping import Stopped, stopping_signals
from watchword.server.welcome import Welcome
from watchword.server.workers import serve_many, serve_one
from watchword.settings import Settings


def serve(*, host: str, port: int, workers: int) -> int:
    """Serve until Ctrl-C or SIGTERM.

    Args:
        host: the address to listen on.
        port: the port; 0 picks a free one.
        workers: how many processes serve.

    Returns:
        The exit code, 0 after an orderly stop.

    Raises:
        ConfigError: a setting is refused, the schema is not that of this version, or the address cannot be had.
        StoreUnavailable: the database cannot be reached.
    """
    with suppress(Stopped), stopping_signals():
        return _serve(Settings.load(), host, port, workers)
    return 0


def _serve(settings: Settings, host: str, port: int, workers: int) -> int:
    in_memory = settings.database_url.startswith("memory:")
    if in_memory and workers > 1:
        raise ConfigError("The memory store belongs to one process: use --workers 1 or WATCHWORD_DATABASE_URL.")
    with bind(host, port) as listener:
        port = listener.getsockname()[1]
        settings = with_issuer(settings, port)
        config = settings.to_config()
        admin = FirstAdmin(missing=False) if in_memory else prepare(config, may_invite=may_invite(settings))
        Welcome(settings, f"{host} port {port}", admin).show(Console(highlight=False, soft_wrap=True))
        if workers == 1:
            return serve_one(listener, settings)
        return serve_many(listener, settings, workers=workers)


def bind(host: str, port: int) -> socket.socket:
    """Return a bound socket, so that the port is known before anything is printed.

    Raises:
        ConfigError: the address is taken or is none of this machine.
    """
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        listener = socket.socket(family)
        try:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(address)
        except OSError:
            listener.close()
            raise
    except OSError as error:
        raise ConfigError(f"Cannot listen on {host} port {port} ({error.strerror}); choose --host or --port.") from None
    listener.set_inheritable(True)
    return listener


def with_issuer(settings: Settings, port: int) -> Settings:
    """Let the default issuer of development follow the port; one that was set stays."""
    if settings.production or "issuer" in settings.model_fields_set:
        return settings
    return settings.model_copy(update={"issuer": f"http://localhost:{port}"})


def may_invite(settings: Settings) -> bool:
    """Whether an invitation may be printed: if it works, and in production only where a person reads, not a log."""
    return settings.signup != "closed" and (not settings.production or sys.stdout.isatty())
