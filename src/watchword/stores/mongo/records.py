"""Accounts from documents, and the roles in them.

A role that a person holds is kept as `generation:name`. A role gets a new generation when it is made again after it was
deleted, so what a deletion that was cut short has left behind can be told from what was granted since, and taken away
at any time.
"""

from typing import Any

from watchword.core.models.identity import User
from watchword.stores.mongo.documents import Document, to_record


def membership(role: Document) -> str:
    """Return what a person holds who holds this role."""
    return f"{role['generation']}:{role['_id']}"


def role_of(held: str) -> str:
    """Return the name of a role that a person holds."""
    return held.partition(":")[2]


def to_user(document: Document) -> User:
    """Return an account with its roles, sorted."""
    names: dict[str, Any] = {"roles": sorted({role_of(held) for held in document["roles"]})}
    return to_record(User, {**document, **names})
