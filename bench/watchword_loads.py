"""What is sent to Watchword: the loads, written beside the database that they are for."""

import base64
import json
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from bench.watchword_app import SCOPE
from watchword.core.models.identity import User

HASHED = 32
"""How many accounts have a password."""
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
TOKEN_FILE = "tokens.txt"
PASSWORD = "bench-password"


def add_client(directory: Path) -> dict[str, str] | None:
    """Make a confidential client by the command that operators use. None where that cannot be done."""
    command = ("clients", "add", "bench", "--grant", "client_credentials", "--scope", SCOPE, "--introspect", "--json")
    done = subprocess.run(
        [sys.executable, "-c", "from watchword.cli.main import run; run()", *command],
        capture_output=True,
        text=True,
        cwd=directory,
        check=False,
    )
    if done.returncode:
        print(f"No client: {done.stderr.strip()[-200:]}", file=sys.stderr)
        return None
    client: dict[str, str] = json.loads(done.stdout)
    return client


def loads_of(people: list[User], tokens: list[str], spent: list[str], client: dict[str, str] | None) -> dict[str, Any]:
    guarded = {path: _gets(f"/{path}") for path in ("protected", "principal", "user", "scoped")}
    guarded["item"] = _gets("/items/7?q=lamp")
    refresh = [_post("/auth/token", {"grant_type": "refresh_token", "refresh_token": token}) for token in spent]
    login = [_post("/auth/token", {"username": user.username, "password": PASSWORD}) for user in people[:HASHED]]
    token = {"check": "pattern", "expected": '"access_token": ?"ey', "protected": False}
    loads = {
        **guarded,
        "me": {**_gets("/auth/me"), "check": "pattern", "expected": '"username": ?"user'},
        "refresh": {"requests": refresh, "check": "rotate", "expected": "", "protected": False},
        "login": {"requests": login, **token, "connections": 8},
    }
    return loads if client is None else {**loads, **_client_loads(client, tokens)}


def _client_loads(client: dict[str, str], tokens: list[str]) -> dict[str, Any]:
    pair = f"{quote(client['id'], safe='')}:{quote(client['secret'], safe='')}"
    basic = {"Authorization": f"Basic {base64.b64encode(pair.encode()).decode()}"}
    machine = [_post("/auth/token", {"grant_type": "client_credentials", "scope": SCOPE}, basic)]
    introspect = [_post("/auth/introspect", {"token": token}, basic) for token in tokens[:100]]
    return {
        "token": {"requests": machine, "check": "pattern", "expected": '"access_token": ?"ey'},
        "introspect": {"requests": introspect, "check": "pattern", "expected": '"active": ?true'},
    }


def _gets(path: str) -> dict[str, Any]:
    return {"path": path, "tokens": TOKEN_FILE, "expected": '{"hello":"world"}'}


def _post(path: str, form: dict[str, str], headers: dict[str, str] | None = None) -> dict[str, Any]:
    return {"method": "POST", "path": path, "headers": {**FORM, **(headers or {})}, "body": urlencode(form)}
