"""Settings: where they come from, what is refused, and the secret of a development machine."""

import os
import stat
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest

from watchword.config import ProviderConfig
from watchword.core.errors import ConfigError
from watchword.settings import Settings
from watchword.settings.dev_secret import get_development_secret, new_secret_text, write_private

GOOD_SECRET = "not-a-real-one-0123456789-abcdefghijklmnop"
GOOD_PRODUCTION = {"env": "production", "issuer": "https://auth.test", "secret_key": GOOD_SECRET}


@pytest.fixture(autouse=True)
def empty_directory(tmp_path, monkeypatch):
    for name in [name for name in os.environ if name.startswith("WATCHWORD_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def refusal(**values):
    with pytest.raises(ConfigError) as refused:
        Settings(**values)
    return str(refused.value)


def test_nothing_set_is_a_working_development_configuration():
    config = Settings().to_config()
    assert (config.environment, config.issuer) == ("development", "http://localhost:8000")
    assert config.database_url == "sqlite:///watchword.db"
    assert len(config.secrets[0]) >= 32


def test_the_environment_goes_before_dotenv_and_dotenv_before_toml(monkeypatch, tmp_path):
    (tmp_path / "watchword.toml").write_text('signup = "closed"\naccess_ttl = 111\nrefresh_grace = 1\n')
    (tmp_path / ".env").write_text("WATCHWORD_ACCESS_TTL=222\nWATCHWORD_REFRESH_GRACE=2\nUNRELATED=1\n")
    monkeypatch.setenv("WATCHWORD_REFRESH_GRACE", "3")
    settings = Settings()
    assert (settings.signup, settings.access_ttl, settings.refresh_grace) == ("closed", 222, 3)


def test_every_setting_of_the_provider_reaches_the_configuration():
    config = Settings(
        provider=True,
        code_ttl=30,
        interaction_ttl=120,
        browser_idle_ttl=60,
        browser_max_ttl=61,
        id_token_ttl=300,
        id_token_algorithms="ES256, EdDSA",
        device_ttl=90,
        registration="open",
        registration_consent="remember",
        require_pkce=False,
        legacy_response_types=True,
        pairwise_secret=GOOD_SECRET,
    ).to_config()
    assert config.provider == ProviderConfig(
        enabled=True,
        code_ttl=timedelta(seconds=30),
        interaction_ttl=timedelta(minutes=2),
        browser_idle_ttl=timedelta(minutes=1),
        browser_max_ttl=timedelta(seconds=61),
        id_token_ttl=timedelta(minutes=5),
        id_token_algorithms=("ES256", "EdDSA"),
        device_ttl=timedelta(seconds=90),
        registration="open",
        registration_consent="remember",
        require_pkce=False,
        legacy_response_types=True,
        pairwise_secret=GOOD_SECRET.encode(),
    )
    assert config.signing_algorithms == ("ES256", "RS256", "EdDSA")
    assert Settings().to_config().provider == ProviderConfig()


@pytest.mark.parametrize(
    ("values", "name"),
    [
        ({"browser_idle_ttl": 62, "browser_max_ttl": 61}, "WATCHWORD_BROWSER_IDLE_TTL"),
        ({"pairwise_secret": "short"}, "WATCHWORD_PAIRWISE_SECRET"),
        ({"id_token_algorithms": "none"}, "WATCHWORD_ID_TOKEN_ALGORITHMS"),
        ({"id_token_algorithms": "HS256"}, "WATCHWORD_ID_TOKEN_ALGORITHMS"),
        ({"code_ttl": 601}, "WATCHWORD_CODE_TTL"),
    ],
)
def test_a_setting_of_the_provider_that_makes_no_sense_is_refused(values, name):
    assert name in refusal(**values)


def test_every_setting_reaches_the_configuration():
    config = Settings(
        signing_algorithm="EdDSA",
        access_ttl=300,
        refresh_idle_ttl=3600,
        refresh_max_ttl=7200,
        refresh_grace=0,
        key_lifetime=86400,
        invite_ttl=60,
        audience="api",
        prefix="/id",
        min_password_length=15,
        argon2_memory_kib=1024,
        argon2_time_cost=1,
        argon2_parallelism=2,
        password_memory_mib=64,
        rate_limits=False,
        strict_revocation=True,
        secret_key=GOOD_SECRET,
    ).to_config()
    assert config.tokens.algorithm == "EdDSA"
    assert (config.tokens.access_ttl, config.tokens.refresh_grace) == (timedelta(seconds=300), timedelta(0))
    assert (config.tokens.refresh_idle_ttl, config.tokens.refresh_max_ttl) == (
        timedelta(hours=1),
        timedelta(hours=2),
    )
    assert (config.tokens.key_lifetime, config.invite_ttl) == (timedelta(days=1), timedelta(minutes=1))
    assert (config.resource, config.prefix) == ("api", "/id")
    passwords = config.passwords
    assert (passwords.min_length, passwords.memory_kib, passwords.time_cost) == (15, 1024, 1)
    assert (passwords.parallelism, passwords.memory_budget_mib) == (2, 64)
    assert (config.limits.enabled, config.strict_revocation) == (False, True)
    assert config.secrets == (GOOD_SECRET.encode(),)


def test_a_list_of_secrets_keeps_its_order():
    second = GOOD_SECRET[::-1]
    config = Settings(secret_key=f"{GOOD_SECRET}, {second}").to_config()
    assert config.secrets == (GOOD_SECRET.encode(), second.encode())


def test_an_unknown_key_in_the_toml_file_is_refused_with_the_name_that_was_meant(tmp_path):
    (tmp_path / "watchword.toml").write_text('singup = "closed"\n')
    with pytest.raises(ConfigError, match=r"singup.*not a setting; did you mean signup\?"):
        Settings()


def test_an_unknown_watchword_name_in_dotenv_is_refused(tmp_path):
    (tmp_path / ".env").write_text("WATCHWORD_ISUER=https://auth.test\n")
    with pytest.raises(ConfigError, match=r"did you mean issuer\?"):
        Settings()


def test_an_unknown_name_in_the_environment_is_left_alone_because_orchestrators_set_such_names(monkeypatch):
    monkeypatch.setenv("WATCHWORD_PORT", "tcp://192.0.2.1:8000")
    assert Settings().issuer == "http://localhost:8000"


def test_loading_warns_of_names_that_are_no_settings_with_what_was_meant(monkeypatch, caplog):
    monkeypatch.setenv("WATCHWORD_ENVIRONMENT", "a value that is never logged")
    monkeypatch.setenv("WATCHWORD_ISUER", "https://auth.test")
    monkeypatch.setenv("WATCHWORD_QUUX", "1")
    assert Settings.load().env == "development"
    assert [record.getMessage() for record in caplog.records] == [
        "WATCHWORD_ENVIRONMENT is not a setting and is ignored; did you mean WATCHWORD_ENV?",
        "WATCHWORD_ISUER is not a setting and is ignored; did you mean WATCHWORD_ISSUER?",
        "WATCHWORD_QUUX is not a setting and is ignored.",
    ]


def test_loading_warns_of_no_setting_and_of_nothing_that_an_orchestrator_sets(monkeypatch, caplog):
    for name in ("ISSUER", "SERVICE_HOST", "SERVICE_PORT_HTTP", "PORT", "PORT_8000_TCP_ADDR", "DB_SERVICE_HOST"):
        monkeypatch.setenv(f"WATCHWORD_{name}", "https://auth.test")
    assert Settings.load().issuer == "https://auth.test"
    assert caplog.records == []


@pytest.mark.parametrize(
    ("file", "content"),
    [("watchword.toml", b"signup = "), ("watchword.toml", b'signup = "\xff"'), (".env", b"WATCHWORD_ISSUER=\xff")],
)
def test_a_file_that_cannot_be_read_is_one_sentence(tmp_path, file, content):
    (tmp_path / file).write_bytes(content)
    with pytest.raises(ConfigError, match=r"watchword\.toml"):
        Settings()


def test_malformed_values_and_unsafe_values_are_reported_together(monkeypatch):
    monkeypatch.setenv("WATCHWORD_ACCESS_TTL", "soon")
    message = refusal(env="production", debug=True, database_url="memory://", signup="maybe")
    assert message.count("\n") == 5
    for name in ("ACCESS_TTL", "DEBUG", "DATABASE_URL", "SIGNUP", "SECRET_KEY", "ISSUER"):
        assert f"WATCHWORD_{name} " in message


def test_a_refusal_never_repeats_a_value(monkeypatch):
    monkeypatch.setenv("WATCHWORD_SECRET_KEY", "hunter2-hunter2")
    monkeypatch.setenv("WATCHWORD_SIGNUP", "hunter3-hunter3")
    message = refusal(database_url=["hunter4-hunter4"])
    assert "hunter" not in message
    assert message.count("\n") == 2


def test_neither_secrets_nor_the_database_address_are_in_the_repr():
    settings = Settings(secret_key=GOOD_SECRET, database_url="sqlite:///hidden-place.db")
    for text in (repr(settings), repr(settings.to_config())):
        assert GOOD_SECRET not in text
        assert "hidden-place" not in text


def test_a_safe_production_configuration_is_accepted():
    assert Settings(**GOOD_PRODUCTION).to_config().environment == "production"


UNSAFE = [
    ({"secret_key": None}, "SECRET_KEY is not set; make one with `watchword init`"),
    ({"secret_key": "a" * 64}, "SECRET_KEY does not look random"),
    ({"secret_key": "0123456789abcdef" * 4}, "SECRET_KEY does not look random"),
    ({"secret_key": "changeme-please-0123456789-abcdefghijk"}, "SECRET_KEY does not look random"),
    ({"secret_key": f"{GOOD_SECRET},{'b' * 40}"}, r"SECRET_KEY \(number 2 of 2\) does not look random"),
    ({"issuer": "http://auth.test"}, "ISSUER must begin with https://"),
    ({"database_url": "memory://"}, "DATABASE_URL is the memory store"),
    ({"debug": True}, "DEBUG must be off"),
    ({"access_ttl": 3601}, "ACCESS_TTL must be at most 3600 seconds in production"),
    ({"argon2_memory_kib": 4096}, "ARGON2_MEMORY_KIB is too cheap"),
    ({"secret_key": "abcdefghijklmnopqrstuvwxyz0123456789"}, "SECRET_KEY does not look random"),
    ({"secret_key": "zyxwvutsrqponmlkjihgfedcba9876543210"}, "SECRET_KEY does not look random"),
    ({"secret_key": "3141592653589793238462643383279502884197"}, "SECRET_KEY does not look random"),
    ({"secret_key": "tiger-in-the-woods-tiger-in-the-woods-tiger"}, "SECRET_KEY does not look random"),
    ({"rate_limits": False}, "RATE_LIMITS must be on in production"),
    ({"issuer": "https://localhost"}, "ISSUER is an address of this machine only"),
    ({"issuer": "https://app.localhost:8443"}, "ISSUER is an address of this machine only"),
    ({"issuer": "https://[::1]:8443"}, "ISSUER is an address of this machine only"),
    ({"trusted_proxies": "0.0.0.0/0"}, r"TRUSTED_PROXIES \(number 1\) is far too wide"),
    ({"trusted_proxies": "10.0.0.1,::/0"}, r"TRUSTED_PROXIES \(number 2\) is far too wide"),
]


@pytest.mark.parametrize(("change", "sentence"), UNSAFE)
def test_production_refuses_what_is_unsafe(change, sentence):
    values = {name: value for name, value in {**GOOD_PRODUCTION, **change}.items() if value is not None}
    with pytest.raises(ConfigError, match=rf"^WATCHWORD_{sentence}"):
        Settings(**values)


@pytest.mark.parametrize(("change", "sentence"), UNSAFE)
def test_development_accepts_what_only_production_refuses(change, sentence):
    values = {name: value for name, value in {**GOOD_PRODUCTION, **change}.items() if value is not None}
    assert Settings(**{**values, "env": "development"}).env == "development"


@pytest.mark.parametrize(
    "twin",
    [
        {"secret_key": f"{GOOD_SECRET},{GOOD_SECRET[::-1]}"},
        {"secret_key": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"},
        {"issuer": "https://auth.test:8443/tenant"},
        {"database_url": "sqlite:////var/lib/watchword/watchword.db"},
        {"access_ttl": 3600},
        {"issuer": "https://localhost.auth.test"},
        {"trusted_proxies": "10.0.0.0/8,fd00::/16"},
        {"secret_key": "lantern orchard gravel compass violin"},
        {"argon2_memory_kib": 7168, "argon2_time_cost": 5},
    ],
)
def test_production_accepts_the_nearest_safe_value(twin):
    assert Settings(**{**GOOD_PRODUCTION, **twin}).production


@pytest.mark.parametrize("environment", ["development", "production"])
@pytest.mark.parametrize("secret", ["", "x", GOOD_SECRET[:31], f"{GOOD_SECRET},", f"{GOOD_SECRET},short"])
def test_a_short_secret_is_refused_everywhere(environment, secret):
    message = refusal(**{**GOOD_PRODUCTION, "env": environment, "secret_key": secret})
    assert "is shorter than 32 bytes" in message


def test_a_secret_of_exactly_32_bytes_is_accepted():
    assert Settings(secret_key=GOOD_SECRET[:32]).to_config().secrets == (GOOD_SECRET[:32].encode(),)


@pytest.mark.parametrize(
    ("issuer", "sentence"),
    [
        ("auth.test", "full address"),
        ("ftp://auth.test", "full address"),
        ("https://", "full address"),
        ("https://[auth", "full address"),
        ("https://auth.test:port", "full address"),
        ("https://auth.test/a b", "full address"),
        ("https://auth.test\n", "full address"),
        ("https://auth.test?", "a query"),
        ("https://auth.test#", "a fragment"),
        ("https://someone@auth.test", "a user name"),
        ("https://auth.test/", "end with a slash"),
        ("https://auth.test/tenant/", "end with a slash"),
    ],
)
def test_a_malformed_issuer_is_refused_in_development_too(issuer, sentence):
    assert sentence in refusal(issuer=issuer)


@pytest.mark.parametrize(
    ("values", "name"),
    [
        ({"refresh_idle_ttl": 7201, "refresh_max_ttl": 7200}, "REFRESH_IDLE_TTL"),
        ({"access_ttl": 601, "refresh_idle_ttl": 600}, "ACCESS_TTL"),
        ({"access_ttl": 5, "refresh_grace": 6}, "REFRESH_GRACE"),
        ({"access_ttl": 600, "key_lifetime": 959}, "KEY_LIFETIME"),
        ({"argon2_memory_kib": 2048, "password_memory_mib": 1}, "PASSWORD_MEMORY_MIB"),
    ],
)
def test_contradictory_settings_are_refused(values, name):
    assert refusal(**values).startswith(f"WATCHWORD_{name} ")


@pytest.mark.parametrize(
    "values",
    [
        {"refresh_idle_ttl": 7200, "refresh_max_ttl": 7200},
        {"access_ttl": 600, "refresh_idle_ttl": 600},
        {"access_ttl": 6, "refresh_grace": 6},
        {"access_ttl": 600, "key_lifetime": 960},
        {"argon2_memory_kib": 1024, "password_memory_mib": 1},
    ],
)
def test_settings_at_the_edge_of_contradiction_are_accepted(values):
    settings = Settings(**values)
    assert {name: getattr(settings, name) for name in values} == values


@pytest.mark.parametrize("prefix", ["auth", "/auth/", "/", "", "//auth", "/a/../b", "/a?b", "/{path}"])
def test_a_prefix_that_is_no_path_is_refused(prefix):
    assert "WATCHWORD_PREFIX must be a path" in refusal(prefix=prefix)


@pytest.mark.parametrize("prefix", ["/auth", "/api/v1.2/auth"])
def test_a_prefix_that_is_a_path_is_accepted(prefix):
    assert Settings(prefix=prefix).prefix == prefix


@pytest.mark.parametrize("proxies", ["*", "proxy.test", "10.0.0.1,", "10.0.0.1/8"])
def test_trusted_proxies_that_are_no_addresses_are_refused(proxies):
    assert refusal(trusted_proxies=proxies).startswith("WATCHWORD_TRUSTED_PROXIES ")


@pytest.mark.parametrize("proxies", ["10.0.0.1", "10.0.0.0/8, ::1", ""])
def test_trusted_proxies_that_are_addresses_are_accepted(proxies):
    assert Settings(trusted_proxies=proxies).trusted_proxies == proxies


@pytest.mark.parametrize(
    ("values", "shown"),
    [
        ({}, True),
        ({"docs": False}, False),
        (GOOD_PRODUCTION, False),
        ({**GOOD_PRODUCTION, "docs": True}, True),
    ],
)
def test_the_docs_are_off_in_production_unless_asked_for(values, shown):
    assert Settings(**values).show_docs is shown


def test_the_development_secret_is_made_once_and_is_private(tmp_path):
    first, second = Settings().to_config().secrets, Settings().to_config().secrets
    assert first == second
    secret = tmp_path / ".watchword" / "secret"
    assert stat.S_IMODE(secret.stat().st_mode) == 0o600
    assert stat.S_IMODE(secret.parent.stat().st_mode) == 0o700
    assert sorted(path.name for path in secret.parent.iterdir()) == [".gitignore", "secret"]


def test_starters_at_the_same_moment_get_the_same_secret(tmp_path):
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: get_development_secret(tmp_path / "racing"), range(32)))
    assert len(set(found)) == 1


def test_a_development_secret_that_others_can_read_is_refused(tmp_path):
    Settings().to_config()
    (tmp_path / ".watchword" / "secret").chmod(0o644)
    with pytest.raises(ConfigError, match="chmod 600"):
        Settings().to_config()


def test_a_development_secret_that_is_too_short_is_refused(tmp_path):
    (tmp_path / ".watchword").mkdir()
    write_private(tmp_path / ".watchword" / "secret", "short")
    with pytest.raises(ConfigError, match="shorter than 32 bytes"):
        Settings().to_config()


def test_a_place_where_no_secret_can_be_made_is_one_sentence(tmp_path):
    Path(tmp_path / ".watchword").write_text("a file, not a directory")
    with pytest.raises(ConfigError, match="set WATCHWORD_SECRET_KEY instead"):
        Settings().to_config()


def test_production_never_makes_a_secret_file(tmp_path):
    Settings(**GOOD_PRODUCTION).to_config()
    assert list(tmp_path.iterdir()) == []


def test_new_secrets_are_accepted_in_production():
    made = {new_secret_text() for _ in range(200)}
    assert len(made) == 200
    for secret in made:
        assert Settings(**{**GOOD_PRODUCTION, "secret_key": secret}).production


def test_a_private_file_is_not_overwritten_unless_asked(tmp_path):
    path = tmp_path / "private"
    path.write_text("before")
    with pytest.raises(FileExistsError):
        write_private(path, "after")
    write_private(path, "after", replace=True)
    assert (path.read_text(), stat.S_IMODE(path.stat().st_mode)) == ("after", 0o600)
