"""Which database URLs open, and that a refusal never repeats one."""

import pytest

from watchword.core.errors import ConfigError
from watchword.stores.open import open_stores

MONGO = [
    (url, "mongo")
    for url in (
        "mongodb://user:secret@host:1/db",
        "mongodb://one,two:2/db?replicaSet=rs0",
        "mongodb+srv://no-such-name.example.org/db",
    )
]


@pytest.mark.parametrize(
    ("url", "kind"),
    [("memory://", "memory"), ("MEMORY://", "memory"), ("sqlite:///x.db", "sql"), ("sqlite:////x/y.db", "sql"), *MONGO],
)
async def test_a_known_url_opens_without_touching_anything(url, kind, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    stores = open_stores(url)
    assert stores.kind == kind
    await stores.close()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("sqlite:///:memory:", "Use memory://"),
        ("sqlite:///file::memory:?uri=true", "Use memory://"),
        ("sqlite://", "three slashes"),
        ("sqlite:///", "three slashes"),
        ("sqlite://canary:canary@host/x.db", "three slashes"),
        ("sqlite:///x.db?mode=canary", "path only"),
        ("sqlite:///x\x00.db", "path only"),
        ("memory://canary", "nothing more"),
        ("mongodb://user:canary@host", "needs the name of a database"),
        ("mongodb://user:canary@host/?replicaSet=rs0", "needs the name of a database"),
        ("mongodb://user:canary@host/a.b", "needs the name of a database"),
        ("mongodb+srv://user:canary@host", "needs the name of a database"),
        ("mongodb://user:canary/@host/db", "needs the name of a database"),
        ("mongodb://user:canary@host:port/db", "the driver can read"),
        ("mongodb:///db", "the driver can read"),
        ("mysql://user:canary@host/db", "sqlite:///path"),
        ("canary", "sqlite:///path"),
        ("", "sqlite:///path"),
    ],
)
def test_any_other_url_is_refused_with_what_to_do_and_without_repeating_it(url, message):
    with pytest.raises(ConfigError, match=message) as refusal:
        open_stores(url)
    assert "canary" not in str(refusal.value)
    assert refusal.value.__cause__ is None
