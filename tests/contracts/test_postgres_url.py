"""Which PostgreSQL URLs open, what they mean, and that a refusal never repeats one."""

import subprocess
import sys

import pytest

from watchword.core.errors import ConfigError
from watchword.stores.open import open_stores
from watchword.stores.sql.postgres_url import parse_postgres_url


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://user:secret@host/db",
        "POSTGRES://user@host:5432/db",
        "postgresql+asyncpg://user@[::1]:5432,other:5433/db",
        "postgresql:///db?host=/run/postgresql&pool_size=4&pgbouncer=true",
        "postgresql://user@host/db?sslmode=verify-full&sslrootcert=/etc/ssl/ca.pem&connect_timeout=9&channel_binding=prefer",
    ],
)
async def test_a_url_opens_without_connecting(url):
    stores = open_stores(url)
    assert stores.kind == "sql"
    await stores.close()


@pytest.mark.parametrize(
    ("rest", "message"),
    [
        ("user:can@ary@host/canary", "percent-encoded"),
        ("user:can#canary@host/db", "percent-encoded"),
        ("user:can/canary@host/db", "percent-encoded"),
        ("user:can?canary@host/db", "percent-encoded"),
        ("user:canary@host:port/db", "percent-encoded"),
        ("user:canary@[canary]/db", "percent-encoded"),
        ("user:canary@host/db?canary", "must look like"),
        ("user:canary@host/db?canary=1", "not known. There are these: application_name, "),
        ("user:canary@host/db?sslmode=canary", "sslmode .* must be one of disable, allow"),
        ("user:canary@host/db?target_session_attrs=any", "must be one of read-write, primary"),
        ("user:canary@host/db?channel_binding=require", "channel_binding .* must be one of"),
        ("user:canary@host/db?pgbouncer=canary", "pgbouncer .* must be one of true"),
        ("user:canary@host/db?push=canary", "push .* must be one of true"),
        *((f"user:canary@host/db?pool_size={size}", "from 1 to 200") for size in ("0", "201", "-1", "canary", "")),
    ],
)
def test_a_url_that_cannot_be_used_is_refused_without_repeating_it(rest, message):
    with pytest.raises(ConfigError, match=message) as refusal:
        open_stores(f"postgresql://{rest}")
    assert "canary" not in str(refusal.value)
    assert refusal.value.__cause__ is None


def test_what_is_not_said_has_a_safe_default():
    address = parse_postgres_url("user:secret@host/db")
    assert address.dsn == "postgresql://user:secret@host/db?application_name=watchword&target_session_attrs=read-write"
    assert (address.pool_size, address.pgbouncer, address.push) == (10, False, True)
    assert "secret" not in repr(address)


def test_options_of_our_own_are_not_passed_on():
    address = parse_postgres_url("host/db?pool_size=3&pgbouncer=1&push=false&application_name=shop&connect_timeout=5")
    assert address.dsn == "postgresql://host/db?application_name=shop&target_session_attrs=any"
    assert (address.pool_size, address.pgbouncer, address.push) == (3, True, False)


@pytest.mark.parametrize("missing", ["asyncpg", "greenlet"])
def test_a_missing_driver_says_which_extra_to_install(missing):
    code = (
        f"import sys; sys.path[:] = {sys.path!r}; sys.modules[{missing!r}] = None\n"
        "from watchword.core.errors import ConfigError; from watchword.stores.open import open_stores\n"
        "try: open_stores('postgresql://user:canary@host/db')\n"
        "except ConfigError as error: print(error)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == 'PostgreSQL needs its driver: pip install "watchword[postgres]"\n'
