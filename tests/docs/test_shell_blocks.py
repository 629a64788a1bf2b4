"""Every `watchword` command in the documentation exists, with the options it is given."""

import shlex

import pytest
from tests.docs.pages import Block, blocks
from typer.main import get_command

from watchword.cli.commands import app

SHELL = blocks("sh")
COMMAND = get_command(app)


def calls(block: Block) -> list[list[str]]:
    """The arguments of each call of `watchword` in a block."""
    lines = block.code.replace("\\\n", " ").splitlines()
    words = [shlex.split(line.rpartition("|")[2], comments=True) for line in lines if "watchword" in line]
    return [call[1:] for call in words if call and call[0].rpartition("/")[2] == "watchword"]


def test_the_documentation_names_commands():
    assert sum(len(calls(block)) for block in SHELL) > 15


@pytest.mark.parametrize("block", [block for block in SHELL if calls(block)], ids=str)
def test_each_command_and_option_exists(block: Block):
    for call in calls(block):
        command, words = COMMAND, call
        while words and (commands := getattr(command, "commands", None)):
            assert words[0] in commands, call
            command, words = commands[words[0]], words[1:]
        options = {name for parameter in command.params for name in parameter.opts}
        assert [word for word in words if word.startswith("--") and word not in options] == []


@pytest.mark.parametrize("block", [block for block in SHELL if "make " in block.code], ids=str)
def test_each_make_target_exists(block: Block):
    makefile = (block.page.parents[0] / "Makefile").read_text(encoding="utf-8")
    targets = {line.partition(":")[0] for line in makefile.splitlines() if ":" in line and line[:1].isalpha()}
    for line in block.code.splitlines():
        if line.startswith("make "):
            assert set(line.partition("#")[0].split()[1:]) <= targets
