"""The examples are strictly typed, and the types of the public face catch mistakes."""

import pytest
from tests.typing.checker import ROOT, run_mypy

pytestmark = pytest.mark.xdist_group("mypy")

BEFORE = """
from datetime import timedelta
from typing import Annotated

from fastapi import FastAPI
from pydantic import BaseModel

from watchword import Auth, CurrentPrincipal, CurrentUser, MaybePrincipal, Principal, User, UserSignedUp, requires
from watchword.testing import FakeClock


class Profile(BaseModel):
    city: str


app = FastAPI()
auth = Auth(profile=Profile)


"""
RIGHT = {
    "a_scope": 'requires(scopes="items:read")',
    "several_scopes": 'requires(scopes=["items:read", "items:write"])',
    "an_age": "requires(fresh=timedelta(minutes=5))",
    "an_or": 'requires(role="admin") | requires(permission="reports:read")',
    "a_check": "requires(check=lambda who: who.client_id == 'first-party')",
    "a_user": "async def route(user: CurrentUser) -> str:\n    return user.username",
    "a_principal": "async def route(who: CurrentPrincipal) -> frozenset[str]:\n    return who.scopes",
    "a_guard": 'async def route(who: Annotated[Principal, requires(role="x")]) -> str:\n    return who.subject',
    "a_stranger": "async def route(who: MaybePrincipal) -> str:\n    return who.subject if who else ''",
    "a_profile": "def city(user: User) -> str:\n    return auth.profile_of(user).city",
    "a_handler": "@auth.on(UserSignedUp)\nasync def hear(event: UserSignedUp) -> None:\n    print(event.username)",
    "an_install": 'auth.install(app, default="deny")',
    "a_remote": 'Auth.remote(issuer="https://issuer.example", audience=["a", "b"]).install(app)',
    "a_clock": "Auth(clock=FakeClock())",
}
WRONG = {
    "a_number_for_a_scope": ("requires(scopes=5)", "arg-type"),
    "a_scope_by_place": ('requires("items:read")', "call-arg"),
    "an_unknown_rule": ('requires(group="admin")', "call-arg"),
    "an_or_with_a_name": ('requires(role="admin") | "editor"', "operator"),
    "an_age_as_text": ('requires(fresh="5 minutes")', "arg-type"),
    "a_check_of_nothing": ("requires(check=lambda: True)", "misc"),
    "a_user_as_text": ("async def route(user: CurrentUser) -> str:\n    return user", "return-value"),
    "a_field_no_user_has": ("async def route(user: CurrentUser) -> str:\n    return user.name", "attr-defined"),
    "a_stranger_taken_for_granted": (
        "async def route(who: MaybePrincipal) -> str:\n    return who.subject",
        "union-attr",
    ),
    "a_field_no_profile_has": ("def town(user: User) -> str:\n    return auth.profile_of(user).town", "attr-defined"),
    "a_handler_of_another_event": ("@auth.on(UserSignedUp)\nasync def hear(event: str) -> None: ...", "arg-type"),
    "a_handler_that_is_not_async": ("@auth.on(UserSignedUp)\ndef hear(event: UserSignedUp) -> None: ...", "arg-type"),
    "an_unknown_default": ('auth.install(app, default="maybe")', "arg-type"),
    "a_remote_without_audience": ('Auth.remote(issuer="https://issuer.example")', "call-arg"),
    "a_changed_record": ("def rename(user: User) -> None:\n    user.username = 'x'", "misc"),
}


def test_every_example_passes(tmp_path_factory):
    result = run_mypy(["examples"], tmp_path_factory)
    assert (result.returncode, result.stdout) == (0, "")


@pytest.fixture(scope="module")
def complaints(tmp_path_factory) -> dict[str, str]:
    """What mypy says of each snippet, all checked in one run."""
    directory = tmp_path_factory.mktemp("snippets")
    snippets = {**RIGHT, **{name: code for name, (code, _) in WRONG.items()}}
    for name, code in snippets.items():
        (directory / f"{name}.py").write_text(BEFORE + code + "\n", encoding="utf-8")
    lines = run_mypy([str(directory)], tmp_path_factory, path=str(directory)).stdout.splitlines()
    errors = [line for line in lines if ": error:" in line]
    return {name: "\n".join(line for line in errors if f"/{name}.py:" in line) for name in snippets}


@pytest.mark.parametrize("name", RIGHT)
def test_what_is_right_passes(name, complaints):
    assert complaints[name] == ""


@pytest.mark.parametrize("name", WRONG)
def test_a_mistake_is_caught(name, complaints):
    assert f"[{WRONG[name][1]}]" in complaints[name]


def test_the_examples_are_where_this_looks():
    assert len(list((ROOT / "examples").glob("*.py"))) == 7
