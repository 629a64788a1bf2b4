"""Runs mypy --strict with the settings of this repository, and a cache that lives as long as the test run."""

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def run_mypy(
    paths: Sequence[str], factory: pytest.TempPathFactory, *, path: str = ""
) -> subprocess.CompletedProcess[str]:
    """Check files or directories. `path` is where else modules are looked for."""
    cache = factory.getbasetemp() / "mypy-cache"
    command = [sys.executable, "-m", "mypy", "--strict", "--config-file", str(ROOT / "pyproject.toml")]
    return subprocess.run(
        [*command, "--no-error-summary", "--cache-dir", str(cache), *paths],
        cwd=ROOT,
        env={**os.environ, "MYPYPATH": os.pathsep.join(filter(None, [str(ROOT / "src"), path]))},
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
    )
