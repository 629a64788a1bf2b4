"""An AuthConfig that was made by hand is held to the rules of the settings."""

import os
from dataclasses import replace
from datetime import timedelta

import pytest

from watchword import Auth
from watchword.config import AuthConfig, LimitConfig, TokenConfig
from watchword.core.errors import ConfigError
from watchword.settings.by_hand import check_config

SECRET = b"not-a-real-one-0123456789-abcdefghijklmnop"
GOOD = AuthConfig(issuer="https://auth.test", secrets=(SECRET,), environment="production")

UNSAFE = [
    ({"issuer": "http://auth.test"}, "must begin with https://"),
    ({"issuer": "https://localhost"}, "is an address of this machine only"),
    ({"database_url": "memory://"}, "is the memory store"),
    ({"secrets": (b"a" * 40,)}, "does not look random"),
    ({"limits": LimitConfig(enabled=False)}, "must be on in production"),
    ({"tokens": TokenConfig(access_ttl=timedelta(hours=2))}, "must be at most 3600 seconds"),
]
MALFORMED = [
    ({"issuer": "auth.test"}, "must be a full address"),
    ({"secrets": ()}, "is empty"),
    ({"secrets": (SECRET, b"x")}, "shorter than 32 bytes"),
    ({"tokens": TokenConfig(refresh_idle_ttl=timedelta(days=91))}, "is longer than"),
]


@pytest.mark.parametrize(("change", "sentence"), UNSAFE + MALFORMED)
def test_what_settings_may_not_be_is_refused(change, sentence):
    with pytest.raises(ConfigError, match=sentence):
        Auth(replace(GOOD, **change))


@pytest.mark.parametrize("change", [change for change, _ in UNSAFE])
def test_development_accepts_what_only_production_refuses(change):
    config = replace(GOOD, **change, environment="development")
    assert check_config(config) == config


@pytest.mark.parametrize("secret", [SECRET, os.urandom(32), b",, \t\n" + os.urandom(27), os.urandom(64)], ids=range(4))
def test_any_random_bytes_are_a_secret(secret):
    config = replace(GOOD, secrets=(secret, SECRET))
    assert check_config(config) == config
    assert Auth(config).config.secrets == config.secrets
