"""`watchword apply`: roles, resources and clients as one file declares them."""

import importlib
import json
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from watchword.cli.opened import with_context
from watchword.cli.output import Json, printable, say, show_one
from watchword.cli.refusals import MISUSED, fail
from watchword.core.errors import WatchwordError
from watchword.core.oauth.apply_plan import Action, Step
from watchword.flows import apply as flow
from watchword.flows.context import Context

PENDING = 2
SIGNS = {Action.CREATE: "+", Action.CHANGE: "~", Action.DELETE: "-"}
File = Annotated[Path, typer.Argument(metavar="FILE", help="A .toml file; .yaml too where PyYAML is installed.")]
Plan = Annotated[bool, typer.Option("--plan", help="Change nothing; the exit code is 2 if something would be changed.")]


def apply(file: File, plan: Plan = False, as_json: Json = False) -> None:
    """Make roles, resources and clients what a file declares, and print what changes. What it does not name stays."""
    document, secrets = _read(file), dict[str, str]()

    async def work(ctx: Context) -> Sequence[Step]:
        steps = await flow.plan(ctx, document)
        async for step, secret in flow.execute(ctx, () if plan else steps):
            secrets.update({step.name: secret} if secret else {})
        return steps

    try:
        steps = with_context(work)
    except WatchwordError:
        _print_secrets(secrets)  # of the steps that were done: nobody can be told again
        raise
    if as_json:
        show_one({"applied": not plan, "steps": [_row(step) for step in steps], "secrets": secrets}, as_json=True)
    else:
        _print(steps, plan=plan)
        _print_secrets(secrets)
    if plan and steps:
        raise typer.Exit(PENDING)


def _read(file: Path) -> Mapping[str, Any]:
    """Return what a file declares. Ends the command where it cannot be read."""
    try:
        text = file.read_text(encoding="utf-8")
        document = _read_yaml(text) if file.suffix in (".yaml", ".yml") else tomllib.loads(text)
    except (OSError, ValueError) as error:
        fail(f"{printable(str(file))} cannot be read: {printable(str(error))}", code=MISUSED)
    if not isinstance(document, dict):
        fail(f"{printable(str(file))} holds no table.", code=MISUSED)
    return document


def _read_yaml(text: str) -> Any:  # noqa: ANN401  whatever the file holds
    try:
        yaml = importlib.import_module("yaml")
    except ImportError:
        fail("YAML needs PyYAML, which is not installed. Write TOML, or: pip install pyyaml", code=MISUSED)
    try:
        return yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise ValueError(str(error)) from None


def _print(steps: Sequence[Step], *, plan: bool) -> None:
    for step in steps:
        say(f"{SIGNS[step.action]} {step.kind.removesuffix('s')} {printable(step.name)}")
        for each in step.differences:
            before = "" if step.action is Action.CREATE else f"{_text(each.before)} -> "
            say(f"    {each.member}: {before}{_text(each.after)}")
    done = f"{len(steps)} {'would change' if plan else 'changed'}." if steps else "All is as declared."
    say(done)


def _print_secrets(secrets: Mapping[str, str]) -> None:
    for client_id, secret in secrets.items():
        say(f"The secret of the client {printable(client_id)}, shown this once: {secret}")


def _text(value: object) -> str:
    return printable(json.dumps(value, ensure_ascii=True, default=str))


def _row(step: Step) -> dict[str, Any]:
    changes = [{"member": each.member, "before": each.before, "after": each.after} for each in step.differences]
    return {"action": step.action, "kind": step.kind.removesuffix("s"), "name": step.name, "changes": changes}
