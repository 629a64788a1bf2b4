"""Several worker processes on one socket: started together, replaced when they die, stopped together."""

import multiprocessing
import signal
import sys
from contextlib import suppress
from multiprocessing import resource_tracker
from multiprocessing.connection import wait
from multiprocessing.process import BaseProcess
from socket import socket
from typing import NoReturn

from watchword.core.errors import ConfigError, WatchwordError
from watchword.server.app import create_app
from watchword.server.graceful import GracefulServer
from watchword.server.stopping import held_signals, ignore_signals, release_signals
from watchword.settings import Settings
from watchword.settings.checks import listed_proxies

SPAWN = multiprocessing.get_context("spawn")
"""A fresh interpreter for each worker: threads and event loops do not survive a fork."""


def serve_one(listener: socket, settings: Settings) -> int:
    """Serve in this process until a signal comes. Returns the exit code.

    A signal waits until the server listens to it, so that none lands in the middle of making one.
    """
    with held_signals():
        server = GracefulServer(
            create_app(settings), shutdown_delay=settings.shutdown_delay, trusted_proxies=listed_proxies(settings)
        )
        server.run(sockets=[listener])
    return 0 if server.started else 1


def serve_many(listener: socket, settings: Settings, *, workers: int) -> int:
    """Serve in several processes until a signal raises `Stopped`. Returns the exit code of a failed start.

    A worker that dies is replaced; one that cannot start ends them all, as the next could not start either.
    """
    processes: list[BaseProcess] = []
    resource_tracker.ensure_running()  # it would release the signals that `_start` holds
    try:
        for _ in range(workers):
            _start(processes, listener, settings)
        return _keep(processes, listener, settings)
    finally:
        ignore_signals()
        _end(processes)


def _keep(processes: list[BaseProcess], listener: socket, settings: Settings) -> int:
    while True:
        wait([process.sentinel for process in processes])
        for process in [process for process in processes if not process.is_alive()]:
            processes.remove(process)
            if process.exitcode is not None and process.exitcode > 0:
                return process.exitcode
            _start(processes, listener, settings)


def _start(processes: list[BaseProcess], listener: socket, settings: Settings) -> None:
    """Start one more worker. A signal waits until it is among `processes`, so that it is ended like the others."""
    process = SPAWN.Process(target=_work, args=(listener, settings))
    with held_signals():
        process.start()
        processes.append(process)


def _work(listener: socket, settings: Settings) -> NoReturn:
    """Run in the child. Ctrl-C reaches parent and children alike, so here only the parent's SIGTERM counts."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    release_signals()
    try:
        sys.exit(serve_one(listener, settings))
    except (ConfigError, WatchwordError) as error:
        sys.exit(str(error))


def _end(processes: list[BaseProcess]) -> None:
    for process in processes:
        with suppress(ProcessLookupError):
            process.terminate()
    for process in processes:
        process.join()
