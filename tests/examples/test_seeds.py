"""The table in examples/README.md: what was asked for, and the tests that prove it."""

import ast
import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
EXAMPLES = sorted((ROOT / "examples").glob("*.py"))
ASKED = {*range(1, 16), 20, 22, 24, 25}
CLIENTS = {"oidc_client", "web_app"}
"""Examples that are clients of a provider: to get and to keep tokens is what they are there for."""
ABANDONED = {"python-jose", "passlib", "jose", "fastapi-login", "fastapi-jwt-auth"}


def rows() -> dict[int, str]:
    text = (ROOT / "examples" / "README.md").read_text(encoding="utf-8")
    return {int(number): line for line in text.splitlines() for number in re.findall(r"^\| (\d+) \|", line)}


def test_every_row_that_was_asked_for_is_in_the_table():
    assert sorted(ASKED) == sorted(rows())


@pytest.mark.parametrize("number", sorted(ASKED))
def test_every_test_that_a_row_names_exists(number):
    named = re.findall(r"`([\w/]*test_\w+\.py)::(test_\w+)`", rows()[number])
    assert named
    missing = [f"{file}::{test}" for file, test in named if test not in named_in(file)]
    assert missing == []


@pytest.mark.parametrize("number", sorted(ASKED))
def test_every_example_that_a_row_names_exists(number):
    named = re.findall(r"\w+\.py", rows()[number].split("|")[3])
    assert {f"{name}" for name in named} <= {path.name for path in EXAMPLES}


def test_every_example_is_in_the_first_table_and_has_its_tests():
    text = (ROOT / "examples" / "README.md").read_text(encoding="utf-8")
    for path in EXAMPLES:
        assert f"[{path.name}]({path.name})" in text
        assert (Path(__file__).parent / f"test_{path.name}").is_file()


def test_no_dependency_is_abandoned_and_warnings_fail_the_tests():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    extras = project["project"]["optional-dependencies"].values()
    named = [*project["project"]["dependencies"], *(each for extra in extras for each in extra)]
    assert ABANDONED.isdisjoint(re.match(r"[A-Za-z0-9-]+", each).group() for each in named)
    assert project["tool"]["pytest"]["ini_options"]["filterwarnings"] == ["error"]


@pytest.mark.parametrize("path", [path for path in EXAMPLES if path.stem not in CLIENTS], ids=lambda path: path.stem)
def test_no_example_handles_a_password_or_a_token_itself(path):
    names = {node.id for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Name)}
    assert sorted(name for name in names if re.search("password|token|secret|jwt|hash", name, re.IGNORECASE)) == []


def named_in(file: str) -> set[str]:
    path = ROOT / file if "/" in file else Path(__file__).parent / file
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}
