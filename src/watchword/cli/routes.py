"""`watchword routes MODULE:APP`: what each route of an application asks of its caller."""

import dataclasses
import importlib
import sys
from pathlib import Path
from typing import Annotated

import typer
from fastapi import FastAPI

from watchword.cli.output import Json, show
from watchword.cli.refusals import MISUSED, REFUSED, fail
from watchword.fastapi.route_report import report

Target = Annotated[
    str, typer.Argument(metavar="MODULE:APP", help="The application, such as main:app, or main:create_app() to call.")
]
COLUMNS = ("path", "methods", "status", "schemes", "scopes", "roles", "permissions")


def routes(target: Target, as_json: Json = False) -> None:
    """Print each route with its schemes, scopes, roles and permissions; exit 1 if one is neither guarded nor public."""
    rows = [dataclasses.asdict(route) for route in report(load_app(target))]
    show(rows, COLUMNS, as_json=as_json)
    unguarded = [row["path"] for row in rows if row["status"] == "unguarded"]
    if unguarded:
        fail(f"Unguarded: {', '.join(unguarded)}. Guard them, or mark them @public.", code=REFUSED)


def load_app(target: str) -> FastAPI:
    """Import the application from the current directory. Exits with 2 where there is none."""
    module_name, _, name = target.partition(":")
    if not module_name or not name:
        fail("Name the application as MODULE:APP, such as main:app.", code=MISUSED)
    sys.path.insert(0, str(Path.cwd()))
    try:
        module = importlib.import_module(module_name)
    except ModuleNotFoundError as error:
        fail(f"There is no module {error.name} here.", code=MISUSED)
    app = getattr(module, name.removesuffix("()"), None)
    if name.endswith("()") and callable(app):
        app = app()
    if not isinstance(app, FastAPI):
        fail(f"{target} is not a FastAPI application.", code=MISUSED)
    return app
