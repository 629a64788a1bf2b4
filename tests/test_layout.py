"""The house rules that a machine can keep: sizes, names, layers, documentation, and what must not be in any file."""

import ast
import importlib
import inspect
import re
import subprocess
import sys
from pathlib import Path

import pytest
from typer.main import get_command

import watchword
from watchword.cli import reference
from watchword.cli.commands import app
from watchword.core import account_errors, errors
from watchword.core.errors import WatchwordError
from watchword.settings import Settings
from watchword.settings.problems import variable

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src" / "watchword"
MODULES = sorted(SOURCE.rglob("*.py"))
TESTS = sorted((ROOT / "tests").rglob("*.py"))
MIGRATIONS = SOURCE / "stores" / "sql" / "migrations" / "versions"

MODULE_LINES, MODULE_LINES_AT_MOST = 200, 300
FUNCTION_LINES, FUNCTION_LINES_AT_MOST = 30, 40
LONG_MODULES = {
    "watchword.core.errors": "the tree of errors is read as a whole",
    "watchword.fastapi.auth": "the public object, most of it docstrings that are its manual",
}
"""Modules between 200 and 300 lines. Each is an exception that someone decided on."""
LONG_FUNCTIONS: dict[str, str] = {
    "watchword.testing.people.as_user": "eleven lines of signature and ten of manual; the body is twelve",
    "watchword.fastapi.requires.requires": "most of it is the manual of the one function everyone calls",
    "watchword.flows.context.open_context": "seven parameters and eighteen parts, one on each line",
    "watchword.fastapi.auth.remote": "as many lines of manual as of code",
}
"""Functions between 30 and 40 lines, as `module.function`, each with its reason."""
DRAWERS = {"utils", "util", "helpers", "helper", "common", "base", "manager", "misc", "tools"}
HEAVY = ("sqlalchemy", "alembic", "aiosqlite", "pymongo", "httpx2", "typer", "rich", "uvicorn")
"""What `import watchword` must not pull in: drivers, clients and the command line."""
ELSEWHERE = [
    "/" + "work/",
    "/" + "root/",
    "/" + "tmp/",
    "/" + "home/",
    "pypi" + ".org",
    "pythonhosted" + ".org",
    "npmjs" + ".org",
    "registry" + ".npm",
]
"""Places of a machine or of a registry, spelt apart so that this file does not hold them."""
NO_TEXT = {".png", ".ico", ".db", ".woff2", ".gz"}
VENDORED = ("src/watchword/fastapi/static/", "tests/vectors/")
"""Files of others, kept as they came."""


def name_of(path):
    return ".".join(path.relative_to(ROOT / "src").with_suffix("").parts).removesuffix(".__init__")


def tree_of(path):
    return ast.parse(path.read_text(encoding="utf-8"))


def functions_of(path):
    return [node for node in ast.walk(tree_of(path)) if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))]


def lines_of(path):
    return len(path.read_text(encoding="utf-8").splitlines())


def length_of(function):
    return function.end_lineno - function.lineno + 1


def tracked_files():
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout
    return [ROOT / name for name in listed.decode().split("\0") if name and (ROOT / name).is_file()]


def test_no_module_is_over_300_lines():
    assert {name_of(path): lines_of(path) for path in MODULES if lines_of(path) > MODULE_LINES_AT_MOST} == {}


def test_the_modules_over_200_lines_are_those_that_are_listed():
    assert {name_of(path) for path in MODULES if lines_of(path) > MODULE_LINES} == set(LONG_MODULES)


def test_no_function_is_over_40_lines_and_those_over_30_are_listed():
    lengths = {
        f"{name_of(path)}.{function.name}": length_of(function)
        for path in MODULES
        if MIGRATIONS not in path.parents
        for function in functions_of(path)
        if length_of(function) > FUNCTION_LINES
    }
    assert {name: length for name, length in lengths.items() if length > FUNCTION_LINES_AT_MOST} == {}
    assert set(lengths) == set(LONG_FUNCTIONS)


def test_no_module_is_a_drawer():
    assert [name_of(path) for path in MODULES if DRAWERS & {*path.parts, path.stem}] == []


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_the_first_line_of_a_module_says_what_it_is_for(path):
    document = ast.get_docstring(tree_of(path))
    assert document
    assert path.read_text(encoding="utf-8").startswith('"""')
    assert len(document.splitlines()[0].split()) > 1


def all_errors(kind=WatchwordError):
    for child in kind.__subclasses__():
        if child.__module__.startswith("watchword."):
            yield child
            yield from all_errors(child)


def test_every_error_has_a_code_a_status_and_a_sentence():
    for error in all_errors():
        if error in (errors.OAuthError, account_errors.AccountError):
            continue  # the roots of both families are never raised
        assert re.fullmatch(r"[a-z]+(_[a-z]+)*", error.code), error
        assert error.status in range(400, 504), error
        assert error.description[0].isupper(), error
        assert error.description.endswith("."), error


def test_an_error_code_is_declared_by_one_class():
    declared = [error.__dict__["code"] for error in all_errors() if "code" in error.__dict__]
    assert len(declared) > 20
    assert [code for code in declared if declared.count(code) > 1] == []


def test_imports_go_down_only():
    checked = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stdout


def test_the_public_names_are_few_sorted_and_there():
    assert list(watchword.__all__) == sorted(watchword.__all__)
    assert 0 < len(watchword.__all__) <= 25
    assert [name for name in watchword.__all__ if not hasattr(watchword, name)] == []


@pytest.mark.parametrize("first", ["", "from watchword import Auth, CurrentUser, requires"])
def test_importing_the_package_is_light(first):
    program = f"import sys, watchword\n{first}\nprint([name for name in {HEAVY!r} if name in sys.modules])"
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


def test_every_setting_is_described():
    undescribed = [name for name, field in Settings.model_fields.items() if len(field.description or "") < 20]
    assert undescribed == []


def test_every_setting_is_read_by_something():
    source = "\n".join(path.read_text(encoding="utf-8") for path in MODULES)
    assert [name for name in Settings.model_fields if not re.search(rf"(settings|self)\.{name}\b", source)] == []


def test_the_settings_page_is_up_to_date():
    page = (ROOT / "docs" / "reference" / "settings.md").read_text(encoding="utf-8")
    assert page == reference.settings_page(), "run `make docs-reference`"
    assert [name for name in Settings.model_fields if f"`{variable(name)}`" not in page] == []


def test_the_commands_page_is_up_to_date():
    page = (ROOT / "docs" / "reference" / "cli.md").read_text(encoding="utf-8")
    assert page == reference.cli_page(), "run `make docs-reference`"
    paths = [path for path, _ in reference.commands()]
    assert set(get_command(app).commands) == {path.split()[1] for path in paths}
    assert [path for path in paths if f"## {path}\n" not in page] == []


def test_every_command_and_option_is_described():
    for path, command in reference.commands():
        assert command.help, path
        assert [parameter.name for parameter in command.params if not parameter.help] == [], path


def test_no_tracked_file_names_a_place_of_a_machine_or_a_registry():
    found = [
        f"{path.relative_to(ROOT)}: {place}"
        for path in tracked_files()
        if path.suffix not in NO_TEXT and not str(path.relative_to(ROOT)).startswith(VENDORED)
        for place in ELSEWHERE
        if place in path.read_text(encoding="utf-8")
    ]
    assert found == []


def test_the_locks_hold_hashes_and_no_address():
    for name in ("serve.txt", "test.txt"):
        text = (ROOT / "requirements" / name).read_text(encoding="utf-8")
        assert "://" not in text
        pinned = re.findall(r"^[a-z0-9][^\n]*==[^\n]*\\\n {4}--hash=sha256:", text, re.MULTILINE)
        assert len(pinned) == len(re.findall(r"^[a-z0-9]", text, re.MULTILINE)) > 0


def test_no_test_sleeps():
    forbidden = re.compile(
        r"\btime\.sl" + r"eep\(|\basyncio\.sl" + r"eep\((?!0\)|random)"
    )  # yields and jitter may stay
    assert [str(path.relative_to(ROOT)) for path in TESTS if forbidden.search(path.read_text(encoding="utf-8"))] == []


def calls_of(function):
    return {ast.unparse(node.func) for node in ast.walk(function) if isinstance(node, ast.Call)}


def asserts_itself(function):
    """Whether it asserts, expects an exception, or calls a function that is named for checking."""
    named = re.compile(r"(^|[._])(assert|check|expect|fails|raises$)")
    return any(isinstance(node, ast.Assert) for node in ast.walk(function)) or any(
        map(named.search, calls_of(function))
    )


def proving_functions(path):
    """The names of the functions of a module that assert something, themselves or by calling one another."""
    functions = functions_of(path)
    proving = {function.name for function in functions if asserts_itself(function)}
    while more := {f.name for f in functions if f.name not in proving and proving & calls_of(f)}:
        proving |= more
    return proving


def test_every_test_asserts_something():
    empty = [
        f"{path.relative_to(ROOT)}::{function.name}"
        for path in TESTS
        for function in functions_of(path)
        if function.name.startswith("test_") and function.name not in proving_functions(path)
    ]
    assert empty == []


@pytest.mark.parametrize("name", watchword.__all__)
def test_every_public_name_is_documented_where_it_can_be(name):
    value = getattr(watchword, name)
    if inspect.isclass(value) or inspect.isfunction(value):
        assert inspect.getdoc(value)
    else:
        assert importlib.import_module("watchword").__doc__
