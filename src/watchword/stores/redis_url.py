"""Which URLs name a Redis: one server, by TCP, by TLS, or by a Unix socket."""

from urllib.parse import SplitResult, parse_qsl, urlsplit

from watchword.core.errors import ConfigError

FORMS = "Use redis://host:6379/0, rediss://host:6379/0 for TLS, or unix:///path/to/redis.sock?db=0"
OPTIONS = {"redis": frozenset[str](), "rediss": frozenset({"ssl_ca_certs"}), "unix": frozenset({"db"})}
"""What may stand behind `?`. Certificates are always checked."""


def check_redis_url(url: str) -> str:
    """Return the URL.

    Raises:
        ConfigError: it names no Redis.
    """
    fault = find_redis_fault(url)
    if fault:
        raise ConfigError(f"WATCHWORD_REDIS_URL {fault}")
    return url


def find_redis_fault(url: str) -> str:
    """Return what is wrong with a URL, and what to do, or nothing. The URL, which may hold a password, is not in it."""
    fault = _fault(url)
    return f"{fault} {FORMS}." if fault else ""


def _fault(url: str) -> str:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return "is malformed."
    if parts.scheme not in OPTIONS or not url.startswith(f"{parts.scheme}://"):
        return "names no Redis that Watchword knows; neither Sentinel nor Cluster is supported."
    if parts.fragment or port == 0 or any(char <= " " for char in url):
        return "is malformed."
    options = dict(parse_qsl(parts.query, keep_blank_values=True))
    if not options.keys() <= OPTIONS[parts.scheme] or not options.get("db", "0").isdecimal():
        return "has an option that is not known."
    return _fault_of_place(parts)


def _fault_of_place(parts: SplitResult) -> str:
    if parts.scheme == "unix":
        return "" if len(parts.path) > 1 else "names no socket."
    if not parts.hostname or "," in parts.netloc.rpartition("@")[2]:
        return "must name one host."
    database = parts.path.removeprefix("/")
    return "" if not database or (database.isascii() and database.isdecimal()) else "has a database that is no number."
