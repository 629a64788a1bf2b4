"""Every Python block of the documentation is a whole module: it runs, its tests pass, and mypy --strict agrees."""

import importlib
import os
import subprocess
import sys

import pytest
from tests.docs.pages import Block, blocks
from tests.typing.checker import run_mypy

PYTHON = blocks("python")
RUN = [block for block in PYTHON if not block.skipped]
TESTS = [block for block in RUN if block.file.startswith("test_")]
MODULES = [block for block in RUN if block not in TESTS]


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """A directory with every block in a file of its own."""
    directory = tmp_path_factory.mktemp("blocks")
    for block in RUN:
        (directory / block.file).write_text(block.code, encoding="utf-8")
    return directory


def test_there_is_code_to_run_and_each_file_is_named_once():
    names = [block.file for block in RUN]
    assert len(names) > 30
    assert sorted(set(names)) == sorted(names)


def test_what_is_skipped_says_why():
    for block in PYTHON:
        if block.skipped:
            print(f"{block} is not run: {block.mark}")  # noqa: T201  a skip is shown
            assert len(block.mark) > len("skip because ") + 10
        else:
            assert block.mark == ""


@pytest.mark.parametrize("block", MODULES, ids=str)
def test_the_block_runs(block: Block, written, empty_directory, monkeypatch):
    monkeypatch.syspath_prepend(str(written))
    name = block.file.removesuffix(".py")
    monkeypatch.delitem(sys.modules, name, raising=False)
    assert name == importlib.import_module(name).__name__
    monkeypatch.delitem(sys.modules, name)


def test_the_tests_in_the_documentation_pass(written, empty_directory):
    files = [str(written / block.file) for block in TESTS]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    result = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:asyncio", "-W", "error", *files],
        cwd=empty_directory,
        env={**environment, "PYTHONPATH": str(written)},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert result.returncode == 0, result.stdout + result.stderr
    assert len(files) > 2


@pytest.mark.xdist_group("mypy")
def test_mypy_strict_agrees_with_every_block(written, tmp_path_factory):
    result = run_mypy([str(written)], tmp_path_factory, path=str(written))
    assert result.returncode == 0, result.stdout
