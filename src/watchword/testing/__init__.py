"""The test kit for applications that use Watchword: people, time, tokens and configuration without ceremony."""

from watchword.testing.clock import FakeClock
from watchword.testing.config import config_for_tests
from watchword.testing.people import as_user
from watchword.testing.tokens import TokenFactory

__all__ = ["FakeClock", "TokenFactory", "as_user", "config_for_tests"]
