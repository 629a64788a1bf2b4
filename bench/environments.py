"""The environments of the programs that are compared: each its own, made once, with the versions that its file pins."""

import json
import shutil
import subprocess
import sys
from importlib import metadata
from pathlib import Path

from bench.places import ENVIRONMENTS, PEERS

REPORTED = (
    *("fastapi", "starlette", "uvicorn", "uvloop", "httptools", "pydantic", "cryptography", "joserfc", "sqlalchemy"),
    *("argon2-cffi", "pyjwt", "python-jose", "pwdlib", "authx", "fastapi-users", "crudauth", "kernia", "watchword"),
)
"""The packages whose versions are written beside the figures."""


def python_of(name: str) -> Path:
    """Return the interpreter of a Python environment. `watchword` is the one that runs this."""
    return Path(sys.executable) if name == "watchword" else ENVIRONMENTS / name / "bin" / "python"


def make_environment(name: str) -> None:
    """Make an environment unless it is there as its file asks. Raises CalledProcessError; its output says why."""
    if name == "watchword":
        return
    node, target = PEERS / name, ENVIRONMENTS / name
    wanted = (node / "package.json" if node.is_dir() else PEERS / f"{name}.txt").read_text(encoding="utf-8")
    made = target / ".made"
    if made.is_file() and made.read_text(encoding="utf-8") == wanted:
        return
    shutil.rmtree(target, ignore_errors=True)
    (_make_node if node.is_dir() else _make_python)(name, target)
    made.write_text(wanted, encoding="utf-8")


def _make_python(name: str, target: Path) -> None:
    _run(sys.executable, "-m", "venv", str(target))
    _run(str(python_of(name)), "-m", "pip", "install", "--quiet", "-r", str(PEERS / f"{name}.txt"))


def _make_node(name: str, target: Path) -> None:
    target.mkdir(parents=True)
    shutil.copy(PEERS / name / "package.json", target)
    _run("npm", "install", "--no-audit", "--no-fund", "--silent", "--prefix", str(target))


def _run(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True, text=True)


def versions_of(name: str) -> dict[str, str]:
    """Return the versions that matter of an environment, by package."""
    if name == "watchword":
        found = {entry.metadata["Name"].lower(): entry.version for entry in metadata.distributions()}
        return {"python": sys.version.split()[0], **_reported(found)}
    if (PEERS / name).is_dir():
        return _node_versions(name)
    program = (
        "import importlib.metadata as m, json; "
        "print(json.dumps({d.metadata['Name'].lower(): d.version for d in m.distributions()}))"
    )
    done = subprocess.run([python_of(name), "-c", program], capture_output=True, text=True, check=True)
    return _reported(json.loads(done.stdout))


def _reported(found: dict[str, str]) -> dict[str, str]:
    return {package: found[package] for package in REPORTED if package in found}


def _node_versions(name: str) -> dict[str, str]:
    wanted = json.loads((PEERS / name / "package.json").read_text(encoding="utf-8"))["dependencies"]
    versions = {
        "node": subprocess.run(["node", "--version"], capture_output=True, text=True, check=True).stdout.strip()
    }
    for package in wanted:
        installed = ENVIRONMENTS / name / "node_modules" / package / "package.json"
        versions[package] = json.loads(installed.read_text(encoding="utf-8"))["version"]
    return versions
