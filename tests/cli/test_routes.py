"""`watchword routes MODULE:APP` on applications written for the purpose."""

import sys
import textwrap
from itertools import count

import pytest

NUMBERS = count()
GUARDED = """
    from fastapi import FastAPI
    from watchword import Auth, public, requires

    def create_app():
        app = FastAPI()
        Auth(scopes={"items:read": "Read the items"}).install(app)

        @app.get("/items", dependencies=[requires(scopes="items:read", role="clerk")])
        async def items() -> str:
            return "items"

        @app.get("/open")
        @public
        async def open_to_all() -> str:
            return "open"

        return app

    app = create_app()
    number = 7
"""
UNGUARDED = (
    GUARDED
    + """
    @app.get("/forgotten")
    async def forgotten() -> str:
        return "forgotten"
"""
)


@pytest.fixture
def module(place, monkeypatch):
    """Write a module of a new name into the current directory and return the name."""
    monkeypatch.setattr(sys, "path", list(sys.path))

    def module(source):
        name = f"routes_example_{next(NUMBERS)}"
        (place / f"{name}.py").write_text(textwrap.dedent(source))
        return name

    return module


@pytest.mark.parametrize("target", ["app", "create_app()"])
def test_routes_are_listed_with_what_they_ask_for(module, run_json, target):
    rows = {row["path"]: row for row in run_json("routes", f"{module(GUARDED)}:{target}")}
    items = rows["/items"]
    assert (items["methods"], items["status"]) == (["GET"], "guarded")
    assert (items["scopes"], items["roles"]) == (["items:read"], ["clerk"])
    assert rows["/open"]["status"] == "public"
    assert "unguarded" not in {row["status"] for row in rows.values()}


def test_an_unguarded_route_is_named_and_fails(module, run):
    result = run("routes", f"{module(UNGUARDED)}:app", expect=1)
    assert result.stderr == "Unguarded: /forgotten. Guard them, or mark them @public.\n"
    assert "/forgotten" in result.stdout


def test_a_table_for_people_names_every_route(module, run):
    lines = run("routes", f"{module(GUARDED)}:app").stdout.splitlines()
    assert any(line.split()[:3] == ["/items", "GET", "guarded"] for line in lines)


@pytest.mark.parametrize(
    "target", ["nonsense", "no_such_module:app", ":app", "MODULE:", "MODULE:nothing", "MODULE:number"]
)
def test_what_is_no_application_is_misuse(module, run, target):
    refused = run("routes", target.replace("MODULE", module(GUARDED)), expect=2)
    assert refused.stderr.count("\n") == 1
