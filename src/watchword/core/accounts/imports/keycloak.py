"""A realm that Keycloak exported: the users of its JSON, whose credentials are JSON inside JSON."""

from watchword.core.accounts.imports import hashes
from watchword.core.accounts.imports.account import BadRow, ImportedAccount
from watchword.core.accounts.imports.fields import Document, flag, moment, names, parts, present, text
from watchword.core.tokens.strict_json import parse_object

_VERSIONS = {"1.3": 19, "1.0": 16}
_EVERYONES = frozenset({"offline_access", "uma_authorization"})
_DEFAULTS = "default-roles-"


def recognises(document: Document) -> bool:
    """Whether it has the members that every exported user has."""
    return {"username", "enabled"} <= document.keys() and bool({"credentials", "createdTimestamp"} & document.keys())


def read(document: Document) -> ImportedAccount:
    """Read a user, with the roles of the realm but for those that Keycloak gives to everyone."""
    roles = names(document, "realmRoles")
    return ImportedAccount(
        username=text(document, "username"),
        email=text(document, "email"),
        email_verified=flag(document, "emailVerified"),
        password_hash=_hash_of(document),
        roles=tuple(role for role in roles if role not in _EVERYONES and not role.startswith(_DEFAULTS)),
        profile=present(document, first_name="firstName", last_name="lastName"),
        created_at=moment(document, "createdTimestamp"),
        disabled=not flag(document, "enabled", default=True),
    )


def _hash_of(document: Document) -> str | None:
    password = next((each for each in parts(document, "credentials") if each.get("type") == "password"), None)
    if password is None:
        return None
    secret, how = (_inner(password, name) for name in ("secretData", "credentialData"))
    salt, digest = (hashes.octets_of(text(secret, name) or "") for name in ("salt", "value"))
    algorithm = text(how, "algorithm") or ""
    iterations = hashes.number(how.get("hashIterations"))
    if algorithm == "argon2":
        return _read_argon2(how.get("additionalParameters"), iterations, salt, digest)
    return hashes.pbkdf2(algorithm, iterations, salt, digest)


def _inner(document: Document, name: str) -> Document:
    try:
        return parse_object((text(document, name) or "").encode())
    except ValueError:
        raise BadRow(hashes.UNREADABLE) from None


def _read_argon2(parameters: object, passes: int, salt: bytes, digest: bytes) -> str:
    """Each parameter is a list of one text."""
    given = parameters if isinstance(parameters, dict) else {}
    single = {name: value[0] for name, value in given.items() if isinstance(value, list) and len(value) == 1}
    kind, version = single.get("type"), _VERSIONS.get(str(single.get("version")))
    if kind not in {"id", "i", "d"} or version is None:
        raise BadRow(hashes.UNREADABLE)
    cost = (hashes.number(single.get("memory")), passes, hashes.number(single.get("parallelism")))
    return hashes.argon2(kind, version, cost, salt, digest)
