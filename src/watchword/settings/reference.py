"""What there is to know about each setting, for the reference page and for `watchword init`."""

import json

from watchword.settings.fields import Settings


def describe(name: str) -> str:
    """Return the description of a setting."""
    return Settings.model_fields[name].description or ""


def default_of(name: str) -> str:
    """Return the default as TOML writes it; empty where a setting is unset."""
    default = Settings.model_fields[name].default
    return '""' if default is None else json.dumps(default)
