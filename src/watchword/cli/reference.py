"""Writes `docs/reference/settings.md` and `cli.md` from the settings and commands themselves.

Run it with `make docs-reference`; a test fails while what is written is not what is true.
"""

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from typer.main import get_command

from watchword.cli.commands import app
from watchword.settings import Settings
from watchword.settings.checks import ALWAYS, IN_PRODUCTION, Check
from watchword.settings.problems import variable
from watchword.settings.reference import default_of, describe, type_of

SETTINGS_HEAD = """# Settings

Each setting is read from, in this order: the environment (`WATCHWORD_ISSUER`), the file `.env` (the same name), the
file `watchword.toml` (`issuer`), its default. Both files are looked for in the current directory and may be missing. A
name in either file that is not a setting is refused; in the environment it is ignored, as orchestrators add such names.
`watchword init` writes both files. `Settings().to_config()` makes an `AuthConfig` of them; an application that builds
its `AuthConfig` by hand reads none of this.
"""
CHECKS_HEAD = """
## What is refused, and why

All problems are reported together, each with its remedy, and the server does not start. The cookies of the hosted pages
have no settings, so nothing about them can be unsafe.
"""
CLI_HEAD = """# Commands

`watchword` works on the database of the settings in force where it runs. Exit codes:

| code | meaning |
|---|---|
| 0 | done |
| 1 | refused: not found, taken, not reachable, or a check failed |
| 2 | the command line or the configuration must change first |

Errors are sentences on standard error. Where there is `--json`, standard output is JSON and nothing else; times are
RFC 3339 UTC. Passwords and tokens are read from a terminal or from standard input, never from arguments.
"""


def settings_page() -> str:
    """Return the reference of the settings as Markdown."""
    rows = (_setting_row(name) for name in Settings.model_fields)
    table = "\n".join(["", "| variable | values | default | meaning |", "|---|---|---|---|", *rows, ""])
    always = _refusals("Everywhere", ALWAYS)
    return SETTINGS_HEAD + table + CHECKS_HEAD + always + _refusals("In production", IN_PRODUCTION)


def cli_page() -> str:
    """Return the reference of the commands as Markdown."""
    return CLI_HEAD + "".join(_command(path, command) for path, command in commands())


def commands() -> Iterator[tuple[str, Any]]:
    """Yield every command with its full name."""
    yield from _walk("watchword", get_command(app))


def _walk(path: str, command: Any) -> Iterator[tuple[str, Any]]:  # noqa: ANN401  Typer's own types here are private
    children: Mapping[str, Any] = getattr(command, "commands", {})
    if not children:
        yield path, command
    for name, child in children.items():
        yield from _walk(f"{path} {name}", child)


def _setting_row(name: str) -> str:
    default = default_of(name)
    shown = f"`{default}`" if default not in ('""', "") else "unset"
    return f"| `{variable(name)}` | {type_of(name)} | {shown} | {describe(name)} |"


def _refusals(title: str, table: Mapping[str, tuple[Check, ...]]) -> str:
    lines = [f"- `{variable(field)}`: {_first_line(check)}" for field, checks in table.items() for check in checks]
    return "\n".join(["", f"### {title}", "", *lines, ""])


def _first_line(check: Check) -> str:
    return (check.__doc__ or "").partition("\n")[0]


def _command(path: str, command: Any) -> str:  # noqa: ANN401
    shown = [parameter for parameter in command.params if parameter.name != "help"]
    usage = " ".join([path, *(_usage(parameter) for parameter in shown)])
    lines = [f"- `{_name(parameter)}`: {parameter.help}" for parameter in shown]
    return "\n".join(["", f"## {path}", "", f"    {usage}", "", command.help, *([""] if lines else []), *lines, ""])


def _usage(parameter: Any) -> str:  # noqa: ANN401
    name = _name(parameter)
    if parameter.param_type_name == "argument":
        return name
    repeated = "..." if parameter.multiple else ""
    return f"[{name}]{repeated}" if parameter.is_flag else f"[{name} {parameter.name.upper()}]{repeated}"


def _name(parameter: Any) -> str:  # noqa: ANN401
    if parameter.param_type_name == "argument":
        return str(parameter.metavar)
    return str(parameter.opts[0])


def write(directory: Path) -> None:
    """Write both pages."""
    directory.mkdir(parents=True, exist_ok=True)
    (directory / "settings.md").write_text(settings_page(), encoding="utf-8")
    (directory / "cli.md").write_text(cli_page(), encoding="utf-8")


if __name__ == "__main__":
    write(Path(sys.argv[1]))
