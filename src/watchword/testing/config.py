"""A configuration for tests: nothing on disk, cheap password hashes, no rate limits."""

from typing import Any

from watchword.config import AuthConfig, LimitConfig, PasswordConfig

TEST_SECRET = b"for tests only: this secret is published with the package"


def config_for_tests(**changes: Any) -> AuthConfig:  # noqa: ANN401  the fields of AuthConfig
    """Return a configuration over the memory store with hashes that cost almost nothing. Never for real accounts.

        auth = Auth(config_for_tests(signup="closed"))

    Args:
        changes: fields of `AuthConfig` to set otherwise.
    """
    defaults: dict[str, Any] = {
        "issuer": "http://localhost:8000",
        "secrets": (TEST_SECRET,),
        "database_url": "memory://",
        "passwords": PasswordConfig(memory_kib=8, time_cost=1),
        "limits": LimitConfig(enabled=False),
    }
    return AuthConfig(**{**defaults, **changes})
