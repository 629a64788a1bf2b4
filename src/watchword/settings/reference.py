"""What there is to know about each setting, for the reference page and for `watchword init`."""

import json
from typing import Any, Literal, get_args, get_origin

from watchword.settings.fields import Settings

TYPES = {int: "whole number", bool: "true or false", str: "text"}


def describe(name: str) -> str:
    """Return the description of a setting."""
    return Settings.model_fields[name].description or ""


def default_of(name: str) -> str:
    """Return the default as TOML writes it; empty text where a setting is unset."""
    default = Settings.model_fields[name].default
    return '""' if default is None else json.dumps(default)


def type_of(name: str) -> str:
    """Return which values a setting takes, in words."""
    annotation: Any = Settings.model_fields[name].annotation
    if get_origin(annotation) is Literal:
        return ", ".join(f"`{value}`" for value in get_args(annotation))
    inner = next(iter(get_args(annotation)), annotation)
    return TYPES.get(inner, "text")
