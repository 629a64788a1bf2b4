"""`watchword apply` on a SQLite file."""

import importlib
import json
import sys

import pytest
from tests.docs.pages import blocks

TOML = """
[roles.editor]
permissions = ["items:write"]

[resources."https://api.example"]
name = "API"

[clients.shop]
client_name = "Shop"
redirect_uris = ["https://shop.example/callback"]
"""
YAML = """
roles:
  editor:
    permissions: [items:write]
"""


@pytest.fixture
def file(place):
    def write(text=TOML, name="watchword-clients.toml"):
        (place / name).write_text(text, encoding="utf-8")
        return name

    return write


def test_a_file_is_planned_applied_and_then_has_nothing_to_do(run, run_json, file):
    planned = run("apply", file(), "--plan", expect=2).stdout
    assert planned.splitlines()[0] == "+ role editor"
    assert planned.splitlines()[-1] == "3 would change."
    assert run_json("clients", "list") == []
    printed = run("apply", file()).stdout
    assert "+ client shop" in printed
    assert printed.count("wwcs_") == 1
    assert [client["id"] for client in run_json("clients", "list")] == ["shop"]
    assert run("apply", file(), "--plan").stdout == run("apply", file()).stdout == "All is as declared.\n"


def test_a_change_shows_before_and_after(run, file):
    run("apply", file())
    printed = run("apply", file(TOML.replace('"Shop"', '"Market"')), "--plan", expect=2).stdout
    assert printed == '~ client shop\n    name: "Shop" -> "Market"\n1 would change.\n'


def test_a_machine_reads_json(run, run_json, file):
    made = run_json("apply", file())
    assert (made["applied"], [step["name"] for step in made["steps"]]) == (
        True,
        ["editor", "https://api.example", "shop"],
    )
    assert made["secrets"]["shop"].startswith("wwcs_")
    changed = run("apply", file(TOML.replace('"API"', '"The API"')), "--plan", "--json", expect=2)
    (step,) = json.loads(changed.stdout)["steps"]
    assert (step["action"], step["kind"]) == ("change", "resource")
    assert step["changes"] == [{"member": "name", "before": "API", "after": "The API"}]


def test_yaml_is_read_where_its_library_is_there(run, file, monkeypatch):
    importlib.import_module("yaml")
    assert run("apply", file(YAML, "roles.yaml")).stdout.startswith("+ role editor\n")
    assert run("apply", file(YAML, "roles.yml")).stdout == "All is as declared.\n"
    monkeypatch.setitem(sys.modules, "yaml", None)
    assert "pip install pyyaml" in run("apply", file(YAML, "roles.yaml"), expect=2).stderr


@pytest.mark.parametrize(
    ("text", "name", "code"),
    [
        ("[roles", "a.toml", 2),
        ("roles: [", "a.yaml", 2),
        ("- a", "a.yaml", 2),
        ("[scopes.read]", "a.toml", 1),
        ("[clients.shop]", "a.toml", 1),
    ],
)
def test_a_bad_file_is_refused_with_a_sentence(run, file, text, name, code):
    refused = run("apply", file(text, name), expect=code)
    assert len(refused.stderr.strip().splitlines()) >= 1
    assert run("apply", file()).exit_code == 0


def test_a_file_that_is_not_there_is_refused(run):
    assert "cannot be read" in run("apply", "absent.toml", expect=2).stderr


def test_the_file_in_the_documentation_is_applied(run, run_json, file):
    (block,) = [block for block in blocks("toml") if block.page.name == "apply.md"]
    assert set(run_json("apply", file(block.code))["secrets"]) == {"shop", "report-job"}
    assert run("apply", file(block.code)).stdout == "All is as declared.\n"
