"""What settings are refused: some always, some in production. Each check says what to do instead."""

from collections.abc import Callable, Container, Iterator, Mapping
from contextlib import suppress
from ipaddress import ip_network
from typing import TYPE_CHECKING, Any

from watchword.config import TokenConfig
from watchword.settings.issuer_checks import issuer_is_an_address, issuer_is_https, issuer_is_public
from watchword.settings.made_up import looks_made_up
from watchword.settings.page_fields import templates_are_there
from watchword.settings.problems import Problem
from watchword.settings.provider_fields import browser_idle_fits_max, pairwise_secret_is_long
from watchword.stores.redis_url import find_redis_fault

if TYPE_CHECKING:
    from watchword.settings.fields import Settings

Check = Callable[["Settings"], Iterator[str]]

MIN_SECRET_BYTES = 32
MAX_PRODUCTION_ACCESS_TTL = 3600
MIN_ARGON2_WORK_KIB = 7 * 1024 * 5
MIN_PROXY_PREFIX = {4: 8, 6: 16}
NEW_SECRET = "make one with `watchword init`"  # noqa: S105  a sentence


def find_problems(settings: "Settings", *, unless: Container[str]) -> list[Problem]:
    """Return every problem of these settings, but for the fields in `unless`, which are refused already."""
    tables: tuple[Mapping[str, tuple[Check, ...]], ...] = (ALWAYS, IN_PRODUCTION if settings.production else {})
    return [
        Problem(field, sentence)
        for table in tables
        for field, checks in table.items()
        if field not in unless
        for check in checks
        for sentence in check(settings)
    ]


def listed_secrets(settings: "Settings") -> list[str]:
    """Return the secrets of the comma-separated list, none if it is not set."""
    if settings.secret_key is None:
        return []
    return [part.strip() for part in settings.secret_key.get_secret_value().split(",")]


def _place(index: int, secrets: list[Any]) -> str:
    return f"(number {index} of {len(secrets)}) " if len(secrets) > 1 else ""


def listed_proxies(settings: "Settings") -> list[str]:
    """Return the trusted proxies of the comma-separated list."""
    return [part.strip() for part in settings.trusted_proxies.split(",")] if settings.trusted_proxies else []


def secret_is_long(settings: "Settings") -> Iterator[str]:
    """RFC 7518 section 3.2: a secret shorter than the hash it keys is guessable."""
    secrets = listed_secrets(settings)
    for index, secret in enumerate(secrets, 1):
        if len(secret.encode()) < MIN_SECRET_BYTES:
            yield f"{_place(index, secrets)}is shorter than {MIN_SECRET_BYTES} bytes; {NEW_SECRET}."


def secret_is_set(settings: "Settings") -> Iterator[str]:
    """Production makes no secret of its own: its replicas would each have another."""
    if settings.secret_key is None:
        yield f"is not set; {NEW_SECRET}."


def secret_is_random(settings: "Settings") -> Iterator[str]:
    """A long secret may still be `changeme` four times over."""
    secrets = listed_secrets(settings)
    for index, secret in enumerate(secrets, 1):
        if len(secret.encode()) >= MIN_SECRET_BYTES and looks_made_up(secret):
            yield f"{_place(index, secrets)}does not look random; {NEW_SECRET}."


def limits_are_on(settings: "Settings") -> Iterator[str]:
    """Without limits passwords can be guessed as fast as they are hashed."""
    if not settings.rate_limits:
        yield "must be on in production; remove it."


def store_is_durable(settings: "Settings") -> Iterator[str]:
    """The memory store forgets every account and key when the process ends."""
    if settings.database_url.lower().startswith("memory:"):
        yield "is the memory store, which forgets everything; use sqlite:///watchword.db or another database."


def debug_is_off(settings: "Settings") -> Iterator[str]:
    """Tracebacks show what must stay inside."""
    if settings.debug:
        yield "must be off in production; remove it."


def access_tokens_are_short(settings: "Settings") -> Iterator[str]:
    """The lifetime is the hard bound on how long a revoked token can work where the feed does not reach."""
    if settings.access_ttl > MAX_PRODUCTION_ACCESS_TTL:
        yield f"must be at most {MAX_PRODUCTION_ACCESS_TTL} seconds in production; clients refresh for longer logins."


def hashes_are_costly(settings: "Settings") -> Iterator[str]:
    """Memory times passes as the usual recommendations have it: 19 MiB twice, 12 MiB three times, 7 MiB five times."""
    if settings.argon2_memory_kib * settings.argon2_time_cost < MIN_ARGON2_WORK_KIB:
        yield "is too cheap for its number of passes; use 19456 KiB and WATCHWORD_ARGON2_TIME_COST 2, or more."


def proxies_are_addresses(settings: "Settings") -> Iterator[str]:
    """A name or a star would let anyone say where a request comes from."""
    for index, proxy in enumerate(listed_proxies(settings), 1):
        try:
            ip_network(proxy)
        except ValueError:
            yield f"(number {index}) must be an address or a network such as 10.0.0.0/8."


def proxies_are_few(settings: "Settings") -> Iterator[str]:
    """To believe half the Internet is to let anyone say where a request comes from."""
    for index, proxy in enumerate(listed_proxies(settings), 1):
        with suppress(ValueError):
            network = ip_network(proxy)
            if network.prefixlen < MIN_PROXY_PREFIX[network.version]:
                yield f"(number {index}) is far too wide; name the addresses of your proxies, such as 10.0.0.0/8."


def idle_fits_max(settings: "Settings") -> Iterator[str]:
    """A login cannot idle for longer than it lasts."""
    if settings.refresh_idle_ttl > settings.refresh_max_ttl:
        yield "is longer than WATCHWORD_REFRESH_MAX_TTL; lower it or raise the other."


def access_fits_idle(settings: "Settings") -> Iterator[str]:
    """A refresh token that dies before its access token never refreshes anything."""
    if settings.access_ttl > settings.refresh_idle_ttl:
        yield "is longer than WATCHWORD_REFRESH_IDLE_TTL; lower it or raise the other."


def grace_fits_access(settings: "Settings") -> Iterator[str]:
    """The grace is for requests that race, not a second life."""
    if settings.refresh_grace > settings.access_ttl:
        yield "is longer than WATCHWORD_ACCESS_TTL; 10 seconds is enough for requests that race."


def keys_outlive_tokens(settings: "Settings") -> Iterator[str]:
    """A key is announced for a while before it signs and kept for a token's lifetime after."""
    tokens = TokenConfig()
    least = settings.access_ttl + int((tokens.jwks_max_age + tokens.clock_skew).total_seconds())
    if settings.key_lifetime < least:
        yield f"is too short for this WATCHWORD_ACCESS_TTL; use at least {least} seconds."


def budget_holds_a_hash(settings: "Settings") -> Iterator[str]:
    """A budget under the cost of one hash would let nobody in."""
    if settings.password_memory_mib * 1024 < settings.argon2_memory_kib:
        yield "is less than one hash needs; raise it over WATCHWORD_ARGON2_MEMORY_KIB."


def redis_is_known(settings: "Settings") -> Iterator[str]:
    """One server by TCP, TLS or a Unix socket; a URL with anything else would seem to work and not do it."""
    fault = find_redis_fault(settings.redis_url) if settings.redis_url else ""
    if fault:
        yield fault


def strictness_has_redis(settings: "Settings") -> Iterator[str]:
    """Without Redis every process limits alone, always; there is nothing to be strict about."""
    if settings.strict_rate_limits and not settings.redis_url:
        yield "needs WATCHWORD_REDIS_URL; set that or remove this."


ALWAYS: Mapping[str, tuple[Check, ...]] = {
    "secret_key": (secret_is_long,),
    "issuer": (issuer_is_an_address,),
    "access_ttl": (access_fits_idle,),
    "refresh_idle_ttl": (idle_fits_max,),
    "refresh_grace": (grace_fits_access,),
    "key_lifetime": (keys_outlive_tokens,),
    "password_memory_mib": (budget_holds_a_hash,),
    "trusted_proxies": (proxies_are_addresses,),
    "browser_idle_ttl": (browser_idle_fits_max,),
    "pairwise_secret": (pairwise_secret_is_long,),
    "redis_url": (redis_is_known,),
    "pages_templates": (templates_are_there,),
    "strict_rate_limits": (strictness_has_redis,),
}
IN_PRODUCTION: Mapping[str, tuple[Check, ...]] = {
    "secret_key": (secret_is_set, secret_is_random),
    "issuer": (issuer_is_https, issuer_is_public),
    "rate_limits": (limits_are_on,),
    "trusted_proxies": (proxies_are_few,),
    "database_url": (store_is_durable,),
    "access_ttl": (access_tokens_are_short,),
    "argon2_memory_kib": (hashes_are_costly,),
    "debug": (debug_is_off,),
}
