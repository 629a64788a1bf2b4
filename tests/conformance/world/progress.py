"""Marks what the server cannot do yet. It is strict: a marked test that passes fails, and the mark has to go."""

import pytest


def not_yet(what):
    """Mark a test, or as `pytestmark` a module, whose feature is still missing."""
    return pytest.mark.xfail(strict=True, reason=f"not there yet: {what}")
