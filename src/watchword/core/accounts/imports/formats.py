"""The table of formats, and which of them a row is in."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import partial

from watchword.core.accounts.imports import auth0, django, fastapi_users, firebase, keycloak, mongodb_tutorial, own
from watchword.core.accounts.imports.account import ImportedAccount
from watchword.core.accounts.imports.fields import Document


@dataclass(frozen=True, slots=True)
class Format:
    """How a row becomes an account, or None where it is about something else."""

    read: Callable[[Document], ImportedAccount | None]
    recognises: Callable[[Document], bool]
    columns: tuple[str, ...] = ()
    """Of a CSV file that has no header."""


FORMATS: Mapping[str, Format] = {
    "django": Format(django.read, django.recognises),
    "firebase": Format(firebase.read, firebase.recognises, firebase.COLUMNS),
    "keycloak": Format(keycloak.read, keycloak.recognises),
    "auth0": Format(auth0.read, auth0.recognises),
    "fastapi-users": Format(fastapi_users.read, fastapi_users.recognises),
    "mongodb-tutorial": Format(mongodb_tutorial.read, mongodb_tutorial.recognises),
    "jsonl": Format(own.read, own.recognises),
    "csv": Format(own.read, own.recognises),
}
"""In the order in which they are tried: who has the more telling names comes first."""


def with_parameters(hashing: firebase.FirebaseHash | None) -> Mapping[str, Format]:
    """Return the table, with the parameters of a Firebase project."""
    made = replace(FORMATS["firebase"], read=partial(firebase.read, hashing=hashing))
    return {**FORMATS, "firebase": made}


def find_format(document: Document, names: Iterable[str] = FORMATS) -> str | None:
    """Return the name of the format that a row is in, or None."""
    return next((name for name in names if FORMATS[name].recognises(document)), None)
