"""The scopes that an application declares, joined to its configuration."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from watchword.config import ADMIN_SCOPE, AuthConfig
from watchword.core.errors import ConfigError
from watchword.core.models.identity import Scope


def with_scopes(
    config: AuthConfig, scopes: Mapping[str, str | Scope] | None, default_scopes: Sequence[str] | None
) -> AuthConfig:
    """Return the configuration with these scopes beside its own, and `admin` always.

    Raises:
        ConfigError: if a default scope is not declared.
    """
    declared = dict(config.scopes)
    for name, given in (scopes or {}).items():
        declared[name] = Scope(name=name, description=given) if isinstance(given, str) else replace(given, name=name)
    declared[ADMIN_SCOPE.name] = ADMIN_SCOPE
    chosen = config.default_scopes if default_scopes is None else tuple(default_scopes)
    if unknown := sorted(set(chosen) - set(declared)):
        raise ConfigError(f"default_scopes names {', '.join(unknown)}, which scopes does not declare.")
    return replace(config, scopes=declared, default_scopes=chosen)
