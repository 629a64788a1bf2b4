"""Records to documents and back. Fields are named as those of the records; a field that is None is left out."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, fields
from types import MappingProxyType
from typing import Any

from watchword.core.models.authorizations import AuthorizationCode, Consent, DeviceGrant, DeviceStatus, Resource
from watchword.core.models.grants import Client, FamilyStatus, RefreshFamily, SigningKey
from watchword.core.models.identity import Invite, Role, User
from watchword.core.models.sessions import BrowserSession, RevocationKind, Session
from watchword.stores.encoding import MILLISECOND, from_json, from_ms, to_json, to_ms
from watchword.stores.kept import Record
from watchword.stores.metadata import metadata_document, metadata_of

Document = dict[str, Any]

ABSENT = {"$exists": False}
PRESENT = {"$exists": True}

IDS: Mapping[type, str] = {
    User: "id",
    Role: "name",
    Invite: "secret_hash",
    Client: "id",
    SigningKey: "kid",
    AuthorizationCode: "code_hash",
    DeviceGrant: "device_hash",
    Resource: "uri",
}
"""The field that is a record's `_id`."""
OWN_IDS: Mapping[type, str] = {Session: "id", BrowserSession: "id", RefreshFamily: "id", Consent: "client_id"}
"""The field that with the user's id makes the `_id` of what belongs to a person, by `own_id`."""


@dataclass(frozen=True, slots=True)
class Codec:
    """How a field is kept."""

    encode: Callable[[Any], Any]
    decode: Callable[[Any], Any]


TIME = Codec(to_ms, from_ms)
SPAN = Codec(lambda span: span // MILLISECOND, lambda ms: ms * MILLISECOND)
NAMES = Codec(list, tuple)
NAME_SET = Codec(sorted, frozenset)
DIGEST = Codec(bytes.hex, bytes.fromhex)
DIGESTS = Codec(lambda digests: [digest.hex() for digest in digests], lambda texts: tuple(map(bytes.fromhex, texts)))
JSON = Codec(to_json, lambda text: MappingProxyType(from_json(text)))
"""Text, so that it comes back as it was (keys with dots, dollars or NUL, whole numbers of any size) and compares."""

CODECS: Mapping[str, Codec] = {
    **dict.fromkeys(("created_at", "updated_at", "expires_at", "idle_expires_at", "last_seen_at"), TIME),
    **dict.fromkeys(("disabled_at", "redeemed_at", "revoked_at", "rotated_at", "ended_at"), TIME),
    **dict.fromkeys(("auth_time", "signs_from", "at", "polled_at", "reused_at", "granted_at"), TIME),
    **dict.fromkeys(("interval", "access_ttl"), SPAN),
    **dict.fromkeys(("amr", "resource", "roles"), NAMES),
    **dict.fromkeys(("scopes", "rotated_scopes", "permissions", "grants", "resources"), NAME_SET),
    **dict.fromkeys(("profile", "public_jwk", "claims"), JSON),
    **dict.fromkeys(("secret_hash", "code_hash", "device_hash", "user_code_hash", "registration_hash"), DIGEST),
    **dict.fromkeys(("secret_hashes", "secret_salts"), DIGESTS),
    "metadata": Codec(lambda value: to_json(metadata_document(value)), lambda text: metadata_of(from_json(text))),
    "status": Codec(str, FamilyStatus),
    "kind": Codec(str, RevocationKind),
}
"""By the name of the field; any other is kept as it is."""
SPECIAL: Mapping[tuple[type, str], Codec] = {
    (Consent, "claims"): NAME_SET,
    (DeviceGrant, "status"): Codec(str, DeviceStatus),
}
"""Fields that are of another kind in one record."""
PLAIN = Codec(lambda value: value, lambda value: value)


def kept(**values: object) -> Document:
    """Return values by the names of their fields, as documents hold them; None is left out."""
    return {name: CODECS.get(name, PLAIN).encode(value) for name, value in values.items() if value is not None}


def to_document(record: Record) -> Document:
    """Return the record as a document.

    Raises:
        ValueError: for a naive time, or a number that JSON does not know.
        TypeError: for a profile that is no JSON.
    """
    kind = type(record)
    values = {field.name: getattr(record, field.name) for field in fields(record)}
    document = {name: _codec(kind, name).encode(value) for name, value in values.items() if value is not None}
    if kind in OWN_IDS:
        document["_id"] = own_id(values["user_id"], values[OWN_IDS[kind]])
    elif kind in IDS:
        document["_id"] = document.pop(IDS[kind])
    return document


def to_record(kind: type[Record], document: Document) -> Record:
    """Return the record of a document. Fields that this version does not know are left alone."""
    values = {IDS[kind]: document["_id"], **document} if kind in IDS else document
    known = {field.name: values[field.name] for field in fields(kind) if field.name in values}
    return kind(**{name: _codec(kind, name).decode(value) for name, value in known.items()})


def change_to(record: Record, names: Collection[str]) -> Document:
    """Return the change that gives a document these fields of the record; those that are None it takes away."""
    document = to_document(record)
    gone = {name: "" for name in names if name not in document}
    change: Document = {"$set": {name: document[name] for name in names if name in document}}
    return {**change, "$unset": gone} if gone else change


def is_(value: object) -> Document:
    """Return the condition that a field is exactly this value, whatever it is: nothing in it is an operator."""
    return {"$eq": value}


def is_not(value: object) -> Document:
    """Return the condition that a field is not this value, whatever it is, or is not there."""
    return {"$nin": [value]}


def storable(names: Collection[str]) -> list[str]:
    """Return those of these names that a document can hold, sorted, each once: one bad name must not hide others."""
    return sorted(name for name in set(names) if all(not "\ud800" <= letter <= "\udfff" for letter in name))


def own_id(user_id: str, name: str) -> str:
    """Return the `_id` of what belongs to a person: their id first, so that a shard key places all of it together."""
    return f"{_escaped(user_id)}/{name}"


def is_own(user_id: str) -> Document:
    """Return the condition on an `_id` that it belongs to this person: a range of the index that is always there."""
    owner = _escaped(user_id)
    return {"$gte": f"{owner}/", "$lt": f"{owner}0"}  # 0 comes next after / in Unicode


def _escaped(user_id: str) -> str:
    return user_id.replace("%", "%25").replace("/", "%2F")


def _codec(kind: type, name: str) -> Codec:
    return SPECIAL.get((kind, name)) or CODECS.get(name, PLAIN)
