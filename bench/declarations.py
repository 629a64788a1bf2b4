"""What each peer says of itself, read without importing it: its packages are in another environment."""

import ast
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.places import PEERS

MEMBERS = frozenset({"title", "environment", "documented", "loads"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Peer:
    """A program to compare with. `documented` says which of its own pages the script follows."""

    name: str
    file: Path
    title: str
    environment: str
    documented: str
    loads: tuple[str, ...]


def peer_files() -> list[Path]:
    """Return every peer's script."""
    return sorted([*PEERS.glob("*.py"), *PEERS.glob("*/server.mjs")])


def read_peer(file: Path) -> Peer:
    """Return what a peer declares: `PEER` in Python, a comment `/* PEER ... */` in JavaScript.

    Raises:
        ValueError: it declares nothing, or something is missing or too much.
    """
    text = file.read_text(encoding="utf-8")
    declared = _from_python(text) if file.suffix == ".py" else _from_javascript(text)
    if declared is None or set(declared) != MEMBERS:
        raise ValueError(f"{file.name} must declare exactly {sorted(MEMBERS)}")
    name = file.stem if file.suffix == ".py" else file.parent.name
    return Peer(name=name, file=file, **{**declared, "loads": tuple(declared["loads"])})


def peers() -> dict[str, Peer]:
    """Return every peer by name."""
    return {peer.name: peer for peer in map(read_peer, peer_files())}


def _from_python(text: str) -> dict[str, Any] | None:
    for node in ast.parse(text).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "PEER":
            declared: dict[str, Any] = ast.literal_eval(node.value)
            return declared
    return None


def _from_javascript(text: str) -> dict[str, Any] | None:
    found = re.match(r"/\* PEER\n(.*?)\*/", text, re.DOTALL)
    return json.loads(found[1]) if found else None
