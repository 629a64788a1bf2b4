"""The difference between what an operator declares and what there is, as steps. Pure: nothing is changed here."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from enum import StrEnum
from typing import Any

from watchword.core.models.authorizations import Resource
from watchword.core.models.client_metadata import ClientMetadata
from watchword.core.models.grants import Client
from watchword.core.models.identity import Role
from watchword.core.oauth.declarations import Declaration
from watchword.core.oauth.declared_clients import DECLARED_FIELDS, DeclaredClient

Record = Role | Resource | Client


class Action(StrEnum):
    """What a step does."""

    CREATE = "create"
    CHANGE = "change"
    DELETE = "delete"


@dataclass(frozen=True, slots=True)
class Difference:
    """One member, before and after, as JSON types."""

    member: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do. `record` is how it shall be, None where it is deleted; `disabled` is of clients alone."""

    action: Action
    kind: str
    name: str
    differences: tuple[Difference, ...] = ()
    record: Record | None = None
    disabled: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Existing:
    """What there is of all that a declaration names, by name, URI and id."""

    roles: Mapping[str, Role]
    resources: Mapping[str, Resource]
    clients: Mapping[str, Client]


def plan_steps(declared: Declaration, existing: Existing) -> tuple[Step, ...]:
    """Return what to do, in the order to do it; nothing where all is as declared. Removals come last."""
    steps = [_step("roles", role.name, role, existing.roles.get(role.name)) for role in declared.roles]
    steps += [_step("resources", each.uri, each, existing.resources.get(each.uri)) for each in declared.resources]
    steps += [_client_step(each, existing.clients.get(each.client.id)) for each in declared.clients]
    there = {"roles": existing.roles, "resources": existing.resources, "clients": existing.clients}
    gone = [Step(Action.DELETE, kind, name) for kind, name in declared.absent if name in there[kind]]
    return (*(step for step in steps if step is not None), *gone)


def _client_step(declared: DeclaredClient, existing: Client | None) -> Step | None:
    """Return the step of a client. What it does not declare, its secrets and times, stays."""
    wanted = declared.client
    if existing is not None:
        wanted = replace(
            existing,
            dynamic=False,
            **{name: getattr(wanted, name) for name in DECLARED_FIELDS},
        )
    step = _step("clients", wanted.id, wanted, existing, disabled=declared.disabled)
    return None if step is None else replace(step, disabled=declared.disabled)


def _step(kind: str, name: str, wanted: Record, existing: Record | None, *, disabled: bool = False) -> Step | None:
    after = _describe(wanted) | ({"disabled": disabled} if kind == "clients" else {})
    before = {} if existing is None else _describe(existing)
    differences = tuple(_differences(before, after))
    if existing is not None and not differences:
        return None
    action = Action.CREATE if existing is None else Action.CHANGE
    return Step(action, kind, name, differences, wanted)


def _differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterable[Difference]:
    for member in sorted(before.keys() | after.keys()):
        if before.get(member) != after.get(member) and (before or not _is_empty(after[member])):
            yield Difference(member, before.get(member), after.get(member))


def _is_empty(value: object) -> bool:
    return value is None or value is False or value in ("", [])


def _describe(record: Record) -> dict[str, Any]:
    """Return what may be declared of a record, as JSON types, so that records compare whatever store they come from."""
    if not isinstance(record, Client):
        members = {each.name: getattr(record, each.name) for each in fields(record) if each.name not in ("name", "uri")}
        return {name: _plain(value) for name, value in members.items()} | _name_of(record)
    members = {name: getattr(record, name) for name in DECLARED_FIELDS if name != "metadata"}
    members |= {each.name: getattr(record.metadata, each.name) for each in fields(ClientMetadata)}
    plain = {name: _plain(value) for name, value in members.items()}
    return plain | {"disabled": record.disabled, "dynamic": record.dynamic}


def _name_of(record: Role | Resource) -> dict[str, Any]:
    return {"name": record.name} if isinstance(record, Resource) else {}


def _plain(value: Any) -> Any:  # noqa: ANN401  a member of any record
    if isinstance(value, Mapping):
        return {name: _plain(member) for name, member in value.items()}
    if isinstance(value, (frozenset, set)):
        return sorted(value)
    if isinstance(value, (tuple, list)):
        return [_plain(each) for each in value]
    return value.total_seconds() if hasattr(value, "total_seconds") else value
