"""The entry point, where the extra of the command line is not installed."""

import subprocess
import sys

import pytest


@pytest.mark.parametrize("missing", ["typer", "rich"])
def test_without_its_extra_the_command_says_what_to_install(missing):
    program = f"import sys; sys.modules[{missing!r}] = None; from watchword.cli.main import run; run()"
    ended = subprocess.run([sys.executable, "-c", program, "version"], capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr.startswith("The command needs an extra: pip install 'watchword[cli]'")
    assert ended.stderr.count("\n") == 1


def test_with_its_extra_the_command_runs():
    program = "from watchword.cli.main import run; run()"
    ended = subprocess.run([sys.executable, "-c", program, "version"], capture_output=True, text=True, check=True)
    assert (ended.stdout[:9], ended.stderr) == ("version: ", "")


def test_without_uvicorn_serving_says_what_to_install():
    program = "import sys; sys.modules['uvicorn'] = None; from watchword.cli.main import run; run()"
    ended = subprocess.run([sys.executable, "-c", program, "serve"], capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stderr) == (1, "Serving needs an extra: pip install 'watchword[server]'.\n")
