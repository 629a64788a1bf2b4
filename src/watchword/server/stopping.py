"""Ctrl-C and SIGTERM mean the same at every moment of a server's life: stop in order, with exit code 0."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import NoReturn

STOPPING_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Stopped(KeyboardInterrupt):
    """A signal has asked this process to stop."""


@contextmanager
def stopping_signals() -> Iterator[None]:
    """Raise `Stopped` where a signal comes; what uvicorn does with signals while it serves goes before this."""
    before = {sig: signal.signal(sig, _stop) for sig in STOPPING_SIGNALS}
    try:
        yield
    finally:
        for sig, handler in before.items():
            signal.signal(sig, handler)


def ignore_signals() -> None:
    """Let nothing interrupt the orderly end that has begun."""
    for sig in STOPPING_SIGNALS:
        signal.signal(sig, signal.SIG_IGN)


@contextmanager
def held_signals() -> Iterator[None]:
    """Hold signals back until the end of the block. A process started in it must call `release_signals`."""
    _mask("SIG_BLOCK")
    try:
        yield
    finally:
        release_signals()


def release_signals() -> None:
    """Let signals come again, those that waited first."""
    _mask("SIG_UNBLOCK")


def _mask(how: str) -> None:
    if hasattr(signal, "pthread_sigmask"):  # not on Windows
        signal.pthread_sigmask(getattr(signal, how), STOPPING_SIGNALS)


def _stop(_signal: int, _frame: FrameType | None) -> NoReturn:
    raise Stopped
