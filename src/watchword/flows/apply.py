"""Makes roles, resources and clients what a file declares (`watchword apply`): first a plan, then its execution.

Nothing that the file does not name is touched. A step may fail where somebody else changes the same thing in the same
moment; what was done before it stays done, and the next plan has the rest.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any, cast

from watchword.core.account_errors import Conflict
from watchword.core.models.authorizations import Resource
from watchword.core.models.grants import Client
from watchword.core.models.identity import Role
from watchword.core.oauth.apply_plan import Action, Existing, Step, plan_steps
from watchword.core.oauth.declarations import Declaration, read_declaration
from watchword.flows.admin import delete_role, put_role
from watchword.flows.client_secrets import DERIVED, NO_SECRET, needs_secret, new_client_secret
from watchword.flows.clients import delete_client, disable_client, enable_client, note_change, replace_secret
from watchword.flows.context import Context
from watchword.flows.resource_book import delete_resource, put_resource
from watchword.ports.identity import Change


async def plan(ctx: Context, document: Mapping[str, Any]) -> tuple[Step, ...]:
    """Return what has to be done so that all is as declared; nothing where it is.

    Raises:
        InvalidInput: the document has a member that is unknown or not acceptable.
    """
    declared = read_declaration(document, reserved={ctx.client.id})
    return plan_steps(declared, await _existing(ctx, declared))


async def execute(ctx: Context, steps: Sequence[Step]) -> AsyncIterator[tuple[Step, str]]:
    """Do the steps of a plan, one after the other, and yield each that is done.

    With it comes the secret of a client that got one, else an empty text. It is shown this once.

    Raises:
        Conflict: something was changed since the plan.
    """
    for step in steps:
        yield step, await _EXECUTORS[step.kind](ctx, step)


async def _existing(ctx: Context, declared: Declaration) -> Existing:
    wanted = {each.client.id for each in declared.clients}
    wanted |= {name for kind, name in declared.absent if kind == "clients"}
    return Existing(
        roles={role.name: role for role in await ctx.stores.roles.list()},
        resources={resource.uri: resource for resource in await ctx.stores.resources.list()},
        clients={client.id: client for client in await ctx.stores.clients.find(wanted)},
    )


async def _role(ctx: Context, step: Step) -> str:
    if step.action is Action.DELETE:
        await delete_role(ctx, step.name)
    else:
        await put_role(ctx, cast("Role", step.record))
    return ""


async def _resource(ctx: Context, step: Step) -> str:
    if step.action is Action.DELETE:
        await delete_resource(ctx, step.name)
    else:
        await put_resource(ctx, cast("Resource", step.record))
    return ""


async def _client(ctx: Context, step: Step) -> str:
    if step.action is Action.DELETE:
        await delete_client(ctx, step.name)
        return ""
    client = cast("Client", step.record)
    make = _add if step.action is Action.CREATE else _change
    secret = await make(ctx, client)
    if step.disabled != client.disabled:
        await (disable_client if step.disabled else enable_client)(ctx, client.id)
    return secret


async def _add(ctx: Context, client: Client) -> str:
    method = client.metadata.auth_method
    given = new_client_secret(ctx, client.id, method) if needs_secret(method) else NO_SECRET
    stored = replace(client, created_at=ctx.clock.now(), secret_hashes=given.hashes, secret_salts=given.salts)
    await ctx.stores.clients.add(stored)
    note_change(ctx, client.id, "registered")
    return given.text


async def _change(ctx: Context, client: Client) -> str:
    """Store the client anew, and give it a secret if it needs one of a kind that it has not, or take it away."""
    if await ctx.stores.clients.replace(client, expected_version=client.version) is not Change.CHANGED:
        raise Conflict(f"The client {client.id} was changed since the plan was made. Apply the file again.")
    note_change(ctx, client.id, "changed")
    method = client.metadata.auth_method
    has = client.secret_salts if method == DERIVED else client.secret_hashes
    if needs_secret(method) and not has:
        return await replace_secret(ctx, client, kept=0)
    if client.secret_hashes and not needs_secret(method):
        await ctx.stores.clients.rotate_secret(client.id, expected=client.secret_hashes, secret_hashes=())
        note_change(ctx, client.id, "secret_rotated")
    return ""


_EXECUTORS: Mapping[str, Callable[[Context, Step], Awaitable[str]]] = MappingProxyType(
    {"roles": _role, "resources": _resource, "clients": _client}
)
