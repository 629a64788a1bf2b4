import os

import pytest


@pytest.fixture
def empty_directory(tmp_path, monkeypatch):
    """A directory without settings of its own, as a newcomer has it."""
    for name in [name for name in os.environ if name.startswith("WATCHWORD_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    return tmp_path
