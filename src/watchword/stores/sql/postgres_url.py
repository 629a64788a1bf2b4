"""What a PostgreSQL URL says, checked before anything connects. No message repeats a part of the URL."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlencode

from watchword.core.errors import ConfigError

SETTING = "WATCHWORD_DATABASE_URL"
SCHEME = "postgresql://"
HOST = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[^\[\]:@]*)(:[0-9]{1,5})?")
BOOLEANS: Mapping[str, bool] = {"true": True, "1": True, "false": False, "0": False}
POOL_SIZE = 10
MOST_CONNECTIONS = 200

CHOICES: Mapping[str, tuple[str, ...]] = {
    "sslmode": ("disable", "allow", "prefer", "require", "verify-ca", "verify-full"),
    "target_session_attrs": ("read-write", "primary"),
    "channel_binding": ("disable", "prefer"),
    "gssencmode": ("disable", "prefer"),
    "pgbouncer": tuple(BOOLEANS),
    "push": tuple(BOOLEANS),
}
"""Options that take one of a few values. Sessions are read where they are written, so no standby will do."""
PASSED_ON = (
    "application_name",
    "database",
    "dbname",
    "host",
    "options",
    "passfile",
    "password",
    "port",
    "search_path",
    "service",
    "sslcert",
    "sslcrl",
    "sslkey",
    "sslmode",
    "sslnegotiation",
    "sslpassword",
    "sslrootcert",
    "ssl_max_protocol_version",
    "ssl_min_protocol_version",
    "target_session_attrs",
    "user",
)
"""Options that the driver understands as libpq does."""
OWN = ("pgbouncer", "pool_size", "push")
LEFT_OUT = ("channel_binding", "connect_timeout", "gssencmode")
"""Options of libpq that change nothing here: Watchword bounds connecting itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PostgresAddress:
    """Where a database is, and how to use it.

    Attributes:
        dsn: what the driver takes. It may hold a password.
        pool_size: connections that one process keeps at most.
        pgbouncer: transactions may each run on another server connection (PgBouncer in transaction mode).
        push: announce revocations with NOTIFY.
    """

    dsn: str = field(repr=False)
    pool_size: int = POOL_SIZE
    pgbouncer: bool = False
    push: bool = True


def parse_postgres_url(rest: str) -> PostgresAddress:
    """Return what a URL says. `rest` is what stands behind `postgresql://`.

    Raises:
        ConfigError: it cannot be read, or asks for what is not there.
    """
    place, _, query = rest.partition("?")
    _check_place(place)
    options = _read_options(query)
    pgbouncer = BOOLEANS[options.get("pgbouncer", "false")]
    passed = {name: value for name, value in options.items() if name in PASSED_ON}
    passed.setdefault("application_name", "watchword")
    # Behind PgBouncer it is PgBouncer that knows which server is the primary.
    passed.setdefault("target_session_attrs", "any" if pgbouncer else "read-write")
    return PostgresAddress(
        dsn=f"{SCHEME}{place}?{urlencode(passed)}",
        pool_size=_pool_size(options.get("pool_size", str(POOL_SIZE))),
        pgbouncer=pgbouncer,
        push=BOOLEANS[options.get("push", "true")],
    )


def _check_place(place: str) -> None:
    """Check `user:password@host:port,host:port/database`."""
    authority = place.partition("/")[0]
    hosts = authority.rpartition("@")[2].split(",")
    if "#" in place or authority.count("@") > 1 or not all(map(HOST.fullmatch, hosts)):
        raise ConfigError(
            f"{SETTING} for PostgreSQL must look like postgresql://user:password@host:5432/database. In the user name "
            "and the password, write characters such as @ : / ? # percent-encoded."
        )


def _read_options(query: str) -> dict[str, str]:
    try:
        options = dict(parse_qsl(query, keep_blank_values=True, strict_parsing=bool(query)))
    except ValueError:
        raise ConfigError(f"The options of {SETTING} must look like ?name=value&name=value.") from None
    if not options.keys() <= {*PASSED_ON, *OWN, *LEFT_OUT}:
        known = ", ".join(sorted({*PASSED_ON, *OWN, *LEFT_OUT}))
        raise ConfigError(f"{SETTING} has an option that is not known. There are these: {known}.")
    for name, choices in CHOICES.items():
        if options.get(name, choices[0]) not in choices:
            raise ConfigError(f"The option {name} of {SETTING} must be one of {', '.join(choices)}.")
    return options


def _pool_size(text: str) -> int:
    size = int(text) if re.fullmatch("[0-9]{1,3}", text) else 0
    if not 1 <= size <= MOST_CONNECTIONS:
        raise ConfigError(f"The option pool_size of {SETTING} must be a number from 1 to {MOST_CONNECTIONS}.")
    return size
