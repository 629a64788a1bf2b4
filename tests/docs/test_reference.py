"""The reference is complete and says nothing that is not so."""

import re
from dataclasses import fields
from itertools import pairwise

import pytest
from fastapi import FastAPI
from tests.docs.pages import ROOT, page_name, rows, tokens_of

import watchword
import watchword.testing
from watchword import Auth, Settings
from watchword.core import account_errors, errors
from watchword.core.models import provider_events
from watchword.fastapi.errors import PROBLEM_CODES
from watchword.testing import config_for_tests

REFERENCE = ROOT / "docs" / "reference"
METHODS = {"get", "post", "put", "patch", "delete"}


def text_of(name: str) -> str:
    return (REFERENCE / name).read_text(encoding="utf-8")


def subclasses(base: type) -> set[type]:
    return {base}.union(*(subclasses(each) for each in base.__subclasses__())) if base.__subclasses__() else {base}


def test_every_setting_is_in_the_reference():
    named = set(re.findall(r"`(WATCHWORD_\w+)`", text_of("settings.md")))
    assert {f"WATCHWORD_{name.upper()}" for name in Settings.model_fields} <= named


def test_every_setting_that_any_page_names_exists():
    known = {f"WATCHWORD_{name.upper()}" for name in Settings.model_fields}
    pages = [*(ROOT / "docs").rglob("*.md"), ROOT / "README.md"]
    for page in pages:
        assert set(re.findall(r"\bWATCHWORD_[A-Z0-9_]*[A-Z0-9]\b", page.read_text(encoding="utf-8"))) <= known, page


def test_every_error_is_in_the_reference_with_its_status_and_no_other():
    modules = {errors.__name__, account_errors.__name__}
    known = {
        (each.code, each.status)
        for each in subclasses(errors.WatchwordError)
        if each.__module__ in modules and "code" in dir(each)
    }
    known |= {(code, kind.status) for kind, code in PROBLEM_CODES.items()}
    listed = {
        (cells[0].strip("`"), int(cells[1])) for cells in rows(REFERENCE / "errors.md") if cells[0].startswith("`")
    }
    assert known == listed


def test_every_event_is_in_the_reference_with_its_fields():
    tokens = tokens_of(REFERENCE / "events.md")
    sections: dict[str, str] = {}
    heading = ""
    for token, after in pairwise(tokens):
        if token.type == "heading_open" and token.tag == "h2":
            heading = after.content
            sections[heading] = ""
        elif token.type == "inline" and heading and token.content != heading:
            sections[heading] += token.content
    kinds = {each.__name__: each for each in provider_events.Event.__subclasses__()}
    assert sorted(kinds) == sorted(sections)
    for name, kind in kinds.items():
        written = sections[name].partition("Fields:")[2]
        assert [each.name for each in fields(kind) if each.name != "at"] == re.findall(r"`(\w+)`", written), name


@pytest.mark.parametrize("module", [watchword, watchword.testing], ids=lambda module: module.__name__)
def test_every_public_name_is_in_the_reference(module):
    text = text_of("python-api.md")
    assert [name for name in module.__all__ if not re.search(rf"`{name}[`(.]", text)] == []


def test_every_method_of_auth_that_the_reference_names_exists_and_none_is_missing():
    named = set(re.findall(r"`(?:await )?\.(\w+)", text_of("python-api.md")))
    public = {name for name in vars(Auth) if not name.startswith("_")}
    internal = {"attend", "profile_model", "remote"}
    assert public - internal <= named


def operations_of(*, provider: bool) -> set[tuple[str, str]]:
    app = FastAPI()
    Auth(config_for_tests()).install(app, provider=provider)
    return {
        (method.upper(), path)
        for path, operations in app.openapi()["paths"].items()
        for method in operations
        if method in METHODS
    }


def test_every_endpoint_is_in_the_reference_and_no_other():
    known = operations_of(provider=False)
    table = [cells for cells in rows(REFERENCE / "http-api.md") if cells[0].isupper() and len(cells) > 2]
    assert known == {(cells[0], cells[1].strip("`")) for cells in table}


def test_what_a_provider_has_besides_in_the_admin_api_is_in_the_reference():
    more = operations_of(provider=True) - operations_of(provider=False)
    known = {f"{method} {path}" for method, path in more if "/admin/" in path}
    listed = {
        cells[0].strip("`").partition("?")[0] for cells in rows(REFERENCE / "http-api.md") if "/admin/" in cells[0]
    }
    assert len(known) == 4
    assert known == listed


def test_every_claim_of_the_token_page_stands_in_a_token_or_may():
    page = ROOT / "docs" / "explanation" / "tokens-and-keys.md"
    named = {name for cells in rows(page) for name in re.findall(r"`(\w+)`", cells[0])}
    assert {"iss", "aud", "sub", "exp", "iat", "jti", "client_id", "scope", "sid", "roles", "auth_time", "amr"} == named


def test_every_decision_has_the_four_headings():
    records = sorted((ROOT / "docs" / "decisions").glob("[0-9]*.md"))
    assert records
    for record in records:
        tokens = tokens_of(record)
        opens = [
            after.content for token, after in pairwise(tokens) if token.type == "heading_open" and token.tag == "h2"
        ]
        assert opens == ["Context", "Decision", "Consequences", "Alternatives"], page_name(record)
